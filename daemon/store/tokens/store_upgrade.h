// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/random.h"
#include "common/base/secrets.h"
#include "daemon/store/database/sqlite.h"

#include <cstdint>

namespace patd::store {

// Turns the store.db of version `from` into today's (docs/store-format.md, "Versions"), within the
// caller's transaction. Seals no token again. Corrupt: `master` does not open it.
Result<void> upgrade_store(Connection& connection, std::uint32_t from, const MasterKey& master,
                           Random& random);

}  // namespace patd::store
