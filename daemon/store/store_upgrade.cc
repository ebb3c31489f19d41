// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/store_upgrade.h"

#include "daemon/store/key_table.h"
#include "daemon/store/store_schema.h"

namespace patd::store {

Result<void> upgrade_store(Connection& connection, std::uint32_t from, const MasterKey& master,
                           Random& random) {
    if (from < 2)
        TRY(upgrade_keys(connection, master, random));
    // Of whatever another key opens nothing is changed.
    TRY(open_keys(connection, master));
    if (from < 3)
        TRY(connection.execute(sql::kAddRules));
    return {};
}

}  // namespace patd::store
