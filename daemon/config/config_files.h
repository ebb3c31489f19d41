// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/config/config_text.h"

#include <string>
#include <vector>

namespace patd {

struct ConfigFile {
    std::string path;
    std::string text;
};

// The configuration files below `root` ("" is /), in the order in which they are read: a later one
// overrides an earlier one. As in systemd.conf(5): first patd.conf from the first of /etc/patd,
// /run/patd and /usr/lib/patd that has one, then every patd.conf.d/*.conf of the three, sorted by
// name; a name in an earlier directory hides the same name in a later one. A link to /dev/null
// hides, and is empty. A file or directory that somebody else could have written is a fault, and so
// is one that cannot be read. Blocks on the disk. Thread rule: any.
std::vector<ConfigFile> read_config_files(const std::string& root,
                                          std::vector<ConfigFault>& faults);

// The files permissions.d/*.conf of the three directories, by the same rules.
std::vector<ConfigFile> read_permission_files(const std::string& root,
                                              std::vector<ConfigFault>& faults);

// The files http.d/*.conf of the three directories, by the same rules: patd-http's.
std::vector<ConfigFile> read_http_files(const std::string& root, std::vector<ConfigFault>& faults);

// The files gateway.d/*.conf of the three directories, by the same rules.
std::vector<ConfigFile> read_forge_files(const std::string& root, std::vector<ConfigFault>& faults);

}  // namespace patd
