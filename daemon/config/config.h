// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/config/catalogue.h"
#include "daemon/config/config_text.h"
#include "daemon/config/forges.h"
#include "daemon/config/settings.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace patd {

// The configuration on disk. If it has faults, its settings must not be used.
struct Config {
    Settings settings;
    Catalogue catalogue;
    Forges forges;
    // In the order in which they were read: patd.conf and its drop-ins, permissions.d, gateway.d.
    std::vector<std::string> files;
    // Where each option got its value ("FILE:LINE"), by key; defaults have no entry.
    std::map<std::string_view, std::string> sources;
    std::vector<ConfigFault> faults;

    // A file could not be read for now. Until it can, nobody knows what else is wrong.
    bool may_pass() const;
};

// Reads the options, the permission catalogue and the forges from the files below `root` ("" is /;
// daemon/config/config_files.h). The result has every fault of every file. Blocks on the disk.
// Thread rule: any.
Config load_config(const std::string& root);

// All options with their values, each below a comment that says where it comes from; the text is
// itself a valid configuration file.
std::string format_config(const Config& config);

}  // namespace patd
