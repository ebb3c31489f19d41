// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/tokens/resealer.h"

#include "common/base/log_messages.h"
#include "daemon/store/tokens/store_sql.h"
#include "daemon/store/tokens/token_store_state.h"

#include <utility>

namespace patd::store {
namespace {

// A transaction of this many records takes some milliseconds.
constexpr std::int64_t kRecordsPerStep = 64;

Result<std::int64_t> number(Connection& connection, const char* sql) {
    Query query = TRY(connection.query(sql));
    TRY(query.step());
    return query.integer(0);
}

}  // namespace

Result<bool> Resealer::is_due() {
    return TRY(number(state_.writer.connection(), sql::kCountDataKeys)) > 1;
}

Result<KeySet> Resealer::begin(const MasterKey& master) {
    Connection& connection = state_.writer.connection();
    Transaction transaction = TRY(Transaction::begin_write(connection));
    OpenedKeys opened = TRY(open_keys(connection, master));
    if (!opened.keys.before) {
        TRY(insert_data_key(connection, master, opened.newest + 1, state_.writer.random()));
        opened = TRY(open_keys(connection, master));
    }
    TRY(transaction.commit());
    return std::move(opened.keys);
}

Result<void> Resealer::adopt(KeySet keys) {
    progress_ = {};
    progress_.total =
        static_cast<std::uint64_t>(TRY(number(state_.writer.connection(), sql::kCountSealed)));
    table_ = Table::Token;
    last_ = -1;
    state_.writer.adopt(std::move(keys));
    return {};
}

Result<std::vector<std::int64_t>> Resealer::next_keys() {
    constexpr std::array kSql{sql::kTokensAfter, sql::kOwnersAfter, sql::kTombstonesAfter};
    std::vector<std::int64_t> keys;
    Query query = TRY(state_.writer.connection().query(kSql.at(static_cast<std::size_t>(table_))));
    query.bind(last_, kRecordsPerStep);
    while (TRY(query.step()))
        keys.push_back(query.integer(0));
    return keys;
}

Result<bool> Resealer::step() {
    if (table_ == Table::End)
        return true;
    Transaction transaction = TRY(Transaction::begin_write(state_.writer.connection()));
    const std::vector<std::int64_t> keys = TRY(next_keys());
    std::uint64_t damaged = 0;
    for (const std::int64_t key : keys)
        damaged += TRY(reseal(key)) ? 0 : 1;
    TRY(transaction.commit());
    progress_.done += keys.size();
    progress_.damaged += damaged;
    // The table has no more: what is added later is under the new key.
    if (std::cmp_equal(keys.size(), kRecordsPerStep)) {
        last_ = keys.back();
        return false;
    }
    table_ = static_cast<Table>(static_cast<int>(table_) + 1);
    last_ = -1;
    return table_ == Table::End;
}

// Returns whether the record is intact.
Result<bool> Resealer::reseal(std::int64_t key) {
    switch (table_) {
        case Table::Token:
            return reseal_token(key);
        case Table::Owner:
            return reseal_owner(key);
        case Table::Tombstone:
            return reseal_tombstone(key);
        case Table::End:
            break;
    }
    return true;
}

Result<bool> Resealer::reseal_token(std::int64_t id) {
    TokenWriter& writer = state_.writer;
    const SealedRecord::Closing closing(writer.record_);
    const Result<std::optional<Token>> token = writer.record_.open(writer.connection_, id);
    if (!token && token.error().code == Errc::Corrupt) {
        log(messages::kRecordNotResealed, token.error());
        return false;
    }
    if (!token)
        return token.error();
    if (*token && writer.record_.is_outdated())
        TRY(writer.reseal(**token));
    return true;
}

Result<bool> Resealer::reseal_owner(std::int64_t key) {
    TokenWriter& writer = state_.writer;
    const Uid owner(static_cast<std::uint32_t>(key));
    const Result<std::optional<bool>> locked = read_locked(writer.connection_, writer.rows_, owner);
    if (!locked && locked.error().code == Errc::Corrupt)
        return false;
    if (!locked)
        return locked.error();
    if (*locked)
        TRY(writer.write_owner(owner, **locked));
    return true;
}

Result<bool> Resealer::reseal_tombstone(std::int64_t seq) {
    TokenWriter& writer = state_.writer;
    BoundData bound;
    {
        Query query = TRY(writer.connection_.query(sql::kTombstoneOf));
        query.bind(seq);
        if (!TRY(query.step()))
            return true;
        bind_tombstone(bound,
                       {query.blob(0), query.integer(1), query.integer(2), query.integer(3)});
        const RowMacs::Match match = TRY(writer.rows_.match(bound.bytes(), query.blob(4)));
        if (match != RowMacs::Match::Before)
            return match == RowMacs::Match::Now;
    }
    const Digest mac = TRY(writer.rows_.make(bound.bytes()));
    Query update = TRY(writer.connection_.query(sql::kUpdateTombstone));
    update.bind(seq, Bytes(mac));
    TRY(update.run());
    return true;
}

Result<void> Resealer::finish() {
    if (table_ != Table::End)
        return Error{Errc::Internal, "not every record was sealed anew"};
    Connection& connection = state_.writer.connection();
    const std::int64_t newest = TRY(number(connection, sql::kNewestDataKey));
    TRY(delete_data_keys_below(connection, newest));
    state_.writer.forget_before();
    state_.writer.empty_wal();
    return {};
}

}  // namespace patd::store
