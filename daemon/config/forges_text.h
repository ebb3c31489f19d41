// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/config/config_files.h"
#include "daemon/config/forges.h"

#include <vector>

namespace patd {

// Adds what one file of gateway.d says (patd-gateway(5)): sections [NAME] with Hosts=, Git=, Rest=
// and Allow=. A section of a later file goes on with the one of an earlier file. Pure.
void read_forges(const ConfigFile& file, Forges& forges, std::vector<ConfigFault>& faults);

}  // namespace patd
