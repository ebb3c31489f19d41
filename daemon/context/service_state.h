// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/clock.h"
#include "daemon/config/catalogue.h"
#include "daemon/config/forges.h"
#include "daemon/config/settings.h"

#include <cstdint>
#include <string>

namespace patd {

// What the service runs with: the settings in force, and facts for `status`. Daemon writes it at
// the start and at a reload; everybody else reads. Thread rule: the loop's thread.
struct ServiceState {
    Settings settings;
    Catalogue catalogue;
    Forges forges;
    std::string state_directory;
    std::string key_source;  // "credential" or "file"
    UnixTime started = 0;
    UnixTime config_loaded = 0;
    std::uint32_t config_files = 0;
    bool config_refused = false;  // the newest configuration is faulty, the previous in force
};

}  // namespace patd
