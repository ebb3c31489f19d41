// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/config/catalogue.h"
#include "daemon/config/config_files.h"

#include <vector>

namespace patd {

// Adds what one file of permissions.d says (patd.permissions(5)) to `catalogue`; an entry replaces
// that of an earlier file. All its faults go to `faults`; if there are any, `catalogue` must not be
// used. Pure.
void read_catalogue(const ConfigFile& file, Catalogue& catalogue, std::vector<ConfigFault>& faults);

}  // namespace patd
