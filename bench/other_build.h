// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "bench/seed.h"
#include "bench/server.h"

#include <string>

namespace patd::bench {

// As seed_store(), for the patd in the build directory `build`, which may know another form of the
// store than ours: that patd makes the store itself, and `patctl create` makes every token, under
// its owner's uid. The first owner only, and issued tokens only. `directory` is made, and removed
// at the end. Throws std::runtime_error.
Seeded seed_by_patd(const Seed& seed, const PatdFiles& files, const std::string& build,
                    const std::string& directory);

}  // namespace patd::bench
