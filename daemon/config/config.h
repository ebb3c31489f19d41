// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/config/catalogue.h"
#include "daemon/config/config_text.h"
#include "daemon/config/settings.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace patd {

// The configuration as it lies on the disk. With faults its settings must not be used.
struct Config {
    Settings settings;
    Catalogue catalogue;
    // In the order in which they were read: patd.conf and its drop-ins, then permissions.d.
    std::vector<std::string> files;
    // By key, where an option got its value ("FILE:LINE"); none for a default.
    std::map<std::string_view, std::string> sources;
    std::vector<ConfigFault> faults;

    // A file could not be read now. Until it can, nobody knows what else is wrong.
    bool may_pass() const;
};

// Reads the options and the permission catalogue from the files below `root` ("" is /;
// daemon/config/config_files.h). Every fault of every file is in the result. Blocks on the disk.
// Thread rule: any.
Config load_config(const std::string& root);

// All options with their values, each below a comment that says where it is from: a configuration
// file itself.
std::string format_config(const Config& config);

}  // namespace patd
