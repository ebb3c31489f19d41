// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/tokens/store_upgrade.h"

#include "daemon/store/tokens/anchor.h"
#include "daemon/store/tokens/key_table.h"
#include "daemon/store/tokens/record_codec.h"
#include "daemon/store/tokens/store_sql.h"
#include "daemon/store/tokens/store_tables.h"

#include <utility>
#include <vector>

namespace patd::store {
namespace {

constexpr std::int64_t kTokensAtOnce = 256;

struct OldTargets {
    std::int64_t token = 0;
    std::int64_t owner = 0;
    TargetList targets;
};

Result<std::vector<OldTargets>> targets_after(Connection& connection, std::int64_t last) {
    Query query = TRY(connection.query(sql::kTargetsAfter));
    query.bind(last, kTokensAtOnce);
    std::vector<OldTargets> tokens;
    while (TRY(query.step())) {
        // A damaged record gets no look-up rows: it is never released anyway.
        Result<TargetList> targets = decode_targets(query.text(2));
        tokens.push_back(
            {query.integer(0), query.integer(1), targets ? std::move(*targets) : TargetList()});
    }
    return tokens;
}

Result<void> insert_target(Connection& connection, const OldTargets& token, const Target& target) {
    Query query = TRY(connection.query(sql::kInsertTarget));
    query.bind(token.owner, target.origin().text(), target.path(), token.token);
    return query.run();
}

// Builds the look-up table by origin and path from the tokens' rows.
Result<void> make_target_table(Connection& connection) {
    TRY(connection.execute(sql::kDropTargets));
    TRY(connection.execute(sql::kTargetTable));
    std::int64_t last = -1;
    while (true) {
        const std::vector<OldTargets> tokens = TRY(targets_after(connection, last));
        if (tokens.empty())
            return {};
        for (const OldTargets& token : tokens) {
            for (const Target& target : token.targets)
                TRY(insert_target(connection, token, target));
        }
        last = tokens.back().token;
    }
}

}  // namespace

Result<void> upgrade_store(Connection& connection, std::uint32_t from, const MasterKey& master,
                           Random& random) {
    if (from < 2)
        TRY(upgrade_keys(connection, master, random));
    // Nothing is changed if another key is needed to open it.
    const OpenedKeys opened = TRY(open_keys(connection, master));
    if (from < 4)
        TRY(make_target_table(connection));
    if (from < 5) {
        TRY(connection.execute(sql::kDropTokenByOwner));
        TRY(connection.execute(sql::kTokenByOwner));
    }
    for (const TokenColumn& column : kTokenColumns) {
        if (column.since > from)
            TRY(connection.execute(column.add));
    }
    if (from < 8) {
        TRY(connection.execute(sql::kAnchorTable));
        TRY(Anchor::insert(connection, opened.keys.now.index, random));
    }
    return {};
}

}  // namespace patd::store
