// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/tokens/anchor.h"

#include "common/token/token.h"
#include "common/token/token_key.h"
#include "daemon/store/keys/bound_data.h"
#include "daemon/store/tokens/store_sql.h"

#include <algorithm>
#include <limits>
#include <string_view>
#include <utility>

namespace patd::store {
namespace {

// No secret has a byte 00, so these are nobody's digest.
constexpr std::string_view kRowInfo("\0row\0", 5);
constexpr std::string_view kAnchorInfo("\0anchor\0", 8);
constexpr std::int64_t kTheOne = 1;

// Columns of the tables (store_tables.h, token_columns.h).
enum TokenAt {
    kId = 0,
    kOwner = 1,
    kState = 4,
    kProvenance = 5,
    kConfirm = 6,
    kPermissions = 8,
    kTargets = 9,
    kExpires = 12,
    kGeneration = 13,
    kSalt = 14,
    kRules = 17,
};
enum OwnerAt { kOwnerUid = 0, kLocked = 1, kOwnerMac = 2 };
enum TombstoneAt { kDigest = 1, kDeadToken = 2, kTombstoneMac = 5 };

using Number = std::array<std::uint8_t, 8>;

Number number_of(std::int64_t value) {
    Number bytes{};
    const auto bits = static_cast<std::uint64_t>(value);
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes.at(i) = static_cast<std::uint8_t>(bits >> (8 * (bytes.size() - 1 - i)));
    return bytes;
}

std::uint64_t word_at(Bytes bytes, std::size_t word) {
    std::uint64_t value = 0;
    for (const std::uint8_t byte : bytes.subspan(8 * word, 8))
        value = (value << 8) | byte;
    return value;
}

Digest bytes_of_sum(const std::array<std::uint64_t, 4>& sum) {
    Digest bytes{};
    for (std::size_t word = 0; word < sum.size(); ++word)
        std::ranges::copy(number_of(static_cast<std::int64_t>(sum.at(word))),
                          bytes.begin() + static_cast<std::ptrdiff_t>(8 * word));
    return bytes;
}

bool ends_earlier(const RowSide& before, const RowSide& after) {
    const std::int64_t end = after.integer(kExpires);
    return end != 0 && (before.integer(kExpires) == 0 || end < before.integer(kExpires));
}

// What git stored lives by git's rules (ADR 0021): only its secret counts.
bool is_narrowed(const RowSide& before, const RowSide& after) {
    if (after.integer(kProvenance) == static_cast<std::int64_t>(Provenance::GitStore))
        return false;
    return ends_earlier(before, after) || after.integer(kConfirm) > before.integer(kConfirm) ||
           after.text(kPermissions) != before.text(kPermissions) ||
           after.text(kTargets) != before.text(kTargets) ||
           after.text(kRules) != before.text(kRules);
}

// `is_buried`: the secret of before has a tombstone now.
std::optional<Death::Cause> cause_of(const RowSide& before, const RowSide& after, bool is_buried) {
    constexpr auto kQuarantined = static_cast<std::int64_t>(TokenState::Quarantined);
    const bool is_quarantined = after.integer(kState) == kQuarantined;
    if (is_quarantined != (before.integer(kState) == kQuarantined))
        return is_quarantined ? Death::Cause::Quarantined : Death::Cause::Revived;
    // A narrowing edit raises the generation too.
    const bool ends_children = after.integer(kGeneration) > before.integer(kGeneration);
    if (ends_children && is_buried)
        return Death::Cause::Regenerated;
    if (ends_children || is_narrowed(before, after))
        return Death::Cause::Edited;
    return std::nullopt;
}

}  // namespace

Result<std::shared_ptr<Anchor>> Anchor::open(Connection& connection, const KeyedMac& index,
                                             Random& random) {
    std::shared_ptr<Anchor> anchor(new Anchor(TRY(index.clone()), random));
    TRY(anchor->read(connection));
    return anchor;
}

Result<void> Anchor::insert(Connection& connection, const KeyedMac& index, Random& random) {
    Anchor anchor(TRY(index.clone()), random);
    anchor.damaged_ = true;
    anchor.changed_ = true;
    return anchor.complete(connection);
}

Result<void> Anchor::read(Connection& connection) {
    Query query = TRY(connection.query(sql::kSelectAnchor));
    damaged_ = true;
    if (!TRY(query.step()))
        return {};
    const Bytes store = query.blob(0);
    const Bytes sum = query.blob(3);
    Mark mark{{}, query.integer(1), query.integer(2), query.integer(5)};
    if (query.malformed() || store.size() != mark.store.size() || sum.size() != sizeof(Digest))
        return {};
    std::ranges::copy(store, mark.store.begin());
    Sum words{};
    for (std::size_t word = 0; word < words.size(); ++word)
        words.at(word) = word_at(sum, word);
    const Digest mac = TRY(mac_of(mark, words));
    damaged_ = !constant_time_equal(Bytes(mac), query.blob(4));
    if (damaged_)
        return {};
    mark_ = mark;
    sum_ = next_sum_ = words;
    witnessed_ = mark.witnessed;
    return {};
}

Result<Digest> Anchor::mac_of(const Mark& mark, const Sum& sum) {
    BoundData bound;
    const Digest bytes = bytes_of_sum(sum);
    bound.begin("anchor").add(Bytes(mark.store)).add(mark.generation).add(mark.witnessed);
    bound.add(mark.died);
    bound.add(Bytes(bytes));
    return key_.mac({bytes_of(kAnchorInfo), bound.bytes()});
}

Result<void> Anchor::write(Connection& connection) {
    const Digest sum = bytes_of_sum(next_sum_);
    const Digest mac = TRY(mac_of(next_mark_, next_sum_));
    Query query = TRY(connection.query(sql::kReplaceAnchor));
    query.bind(kTheOne, Bytes(next_mark_.store), next_mark_.generation, next_mark_.witnessed)
        .bind(Bytes(sum), Bytes(mac), next_mark_.died);
    return query.run();
}

Result<void> Anchor::add_row(Sum& sum, Sign sign, std::initializer_list<Bytes> parts) {
    Result<Digest> print = key_.mac(parts);
    if (!print)
        return print.error();
    for (std::size_t word = 0; word < sum.size(); ++word) {
        const std::uint64_t value = word_at(*print, word);
        sum.at(word) += sign == Sign::Plus ? value : ~value + 1;
    }
    return {};
}

Result<void> Anchor::add_all(Connection& connection, Sum& sum) {
    sum = {};
    Query tokens = TRY(connection.query(sql::kSaltsOfTokens));
    while (TRY(tokens.step())) {
        const Number id = number_of(tokens.integer(0));
        TRY(add_row(sum, Sign::Plus, {bytes_of(kRowInfo), bytes_of("t"), id, tokens.blob(1)}));
    }
    Query owners = TRY(connection.query(sql::kMacsOfOwners));
    while (TRY(owners.step())) {
        const Number uid = number_of(owners.integer(0));
        TRY(add_row(sum, Sign::Plus, {bytes_of(kRowInfo), bytes_of("o"), uid, owners.blob(1)}));
    }
    Query tombstones = TRY(connection.query(sql::kMacsOfTombstones));
    while (TRY(tombstones.step())) {
        const Number token = number_of(tombstones.integer(1));
        TRY(add_row(
            sum, Sign::Plus,
            {bytes_of(kRowInfo), bytes_of("d"), tombstones.blob(0), token, tombstones.blob(2)}));
    }
    return {};
}

Result<bool> Anchor::fits(Connection& connection) {
    if (damaged_)
        return false;
    Sum sum{};
    TRY(add_all(connection, sum));
    return sum == sum_;
}

Result<bool> Anchor::is_bare(Connection& connection) {
    Query query = TRY(connection.query(sql::kAnyToken));
    return !TRY(query.step()) || query.integer(0) == 0;
}

void Anchor::count(const Result<void>& added) {
    changed_ = true;
    if (!added)
        failure_ = added.error();
}

void Anchor::on_row(std::string_view table, const RowSide* before, const RowSide* after) {
    if (table == "token")
        on_token(before, after);
    else if (table == "owner")
        on_owner(before, after);
    else if (table == "tombstone")
        on_tombstone(before, after);
}

void Anchor::on_token(const RowSide* before, const RowSide* after) {
    for (const auto& [row, sign] : {std::pair(before, Sign::Minus), std::pair(after, Sign::Plus)}) {
        if (row == nullptr)
            continue;
        const Number id = number_of(row->integer(kId));
        count(add_row(next_sum_, sign, {bytes_of(kRowInfo), bytes_of("t"), id, row->blob(kSalt)}));
    }
    if (after == nullptr)
        return note_death(Death::Cause::Deleted, *before, before->integer(kId));
    const std::int64_t key = after->integer(kId);
    if (before != nullptr) {
        const bool is_buried = std::ranges::find(made_tombstones_, key) != made_tombstones_.end();
        if (const std::optional<Death::Cause> cause = cause_of(*before, *after, is_buried))
            note_death(*cause, *after, key);
        return;
    }
    // A restore puts a row in place of a damaged one, or brings a dead token back.
    std::erase_if(next_deaths_, [&](const Death& death) {
        return death.cause == Death::Cause::Deleted && death.token == token_id_of(key);
    });
    if (std::ranges::find(lost_tombstones_, key) != lost_tombstones_.end())
        note_death(Death::Cause::Revived, *after, key);
}

void Anchor::on_owner(const RowSide* before, const RowSide* after) {
    for (const auto& [row, sign] : {std::pair(before, Sign::Minus), std::pair(after, Sign::Plus)}) {
        if (row == nullptr)
            continue;
        const Number uid = number_of(row->integer(kOwnerUid));
        count(add_row(next_sum_, sign,
                      {bytes_of(kRowInfo), bytes_of("o"), uid, row->blob(kOwnerMac)}));
    }
    const auto is_locked = [](const RowSide* row) {
        return row != nullptr && row->integer(kLocked) != 0;
    };
    if (is_locked(before) == is_locked(after))
        return;
    const RowSide& row = after == nullptr ? *before : *after;
    next_deaths_.push_back({is_locked(after) ? Death::Cause::Locked : Death::Cause::Unlocked,
                            Uid(static_cast<std::uint32_t>(row.integer(kOwnerUid)))});
}

void Anchor::on_tombstone(const RowSide* before, const RowSide* after) {
    for (const auto& [row, sign] : {std::pair(before, Sign::Minus), std::pair(after, Sign::Plus)}) {
        if (row == nullptr)
            continue;
        const Number token = number_of(row->integer(kDeadToken));
        count(add_row(next_sum_, sign,
                      {bytes_of(kRowInfo), bytes_of("d"), row->blob(kDigest), token,
                       row->blob(kTombstoneMac)}));
    }
    if (before == nullptr)
        made_tombstones_.push_back(after->integer(kDeadToken));
    if (after == nullptr)
        lost_tombstones_.push_back(before->integer(kDeadToken));
}

void Anchor::note_death(Death::Cause cause, const RowSide& row, std::int64_t key) {
    const std::optional<TokenId> id = token_id_of(key);
    if (!id)
        return;
    Death death{cause, Uid(static_cast<std::uint32_t>(row.integer(kOwner))), id};
    if (cause == Death::Cause::Regenerated)
        death.secret = static_cast<std::uint32_t>(row.integer(kGeneration));
    next_deaths_.push_back(death);
}

Result<void> Anchor::complete(Connection& connection) {
    if (failure_)
        return *failure_;
    if (!changed_)
        return {};
    if (withheld_ && !mending_)
        return Errc::RolledBack;
    next_mark_ = mark_;
    if (damaged_) {
        // Another store from now on, so that no witness takes it for the one that it was.
        TRY(random_.fill(next_mark_.store));
        TRY(add_all(connection, next_sum_));
    }
    if (mark_.generation == std::numeric_limits<std::int64_t>::max())
        return Errc::LimitExceeded;
    next_mark_.generation += 1;
    next_mark_.witnessed = std::max(mark_.witnessed, witnessed_.load());
    const auto takes_away = [](const Death& death) {
        return death.cause != Death::Cause::Revived && death.cause != Death::Cause::Unlocked;
    };
    if (std::ranges::any_of(next_deaths_, takes_away))
        next_mark_.died = next_mark_.generation;
    return write(connection);
}

void Anchor::ended(bool committed) {
    if (committed && changed_) {
        mark_ = next_mark_;
        sum_ = next_sum_;
        damaged_ = false;
        rekeyed_ |= former_key_.has_value();
        for (Death& death : next_deaths_) {
            death.generation = mark_.generation;
            deaths_.push_back(death);
        }
    } else if (former_key_) {
        key_ = std::move(*former_key_);
    }
    next_sum_ = sum_;
    former_key_.reset();
    changed_ = false;
    next_deaths_.clear();
    made_tombstones_.clear();
    lost_tombstones_.clear();
    failure_.reset();
}

Result<void> Anchor::accept(Connection& connection, std::int64_t generation) {
    Transaction transaction = TRY(Transaction::begin_write(connection));
    const bool was_mending = std::exchange(mending_, true);
    Result<void> written = add_all(connection, next_sum_);
    if (written)
        written = commit_above(transaction, generation);
    mending_ = was_mending;
    return written;
}

Result<void> Anchor::raise(Connection& connection, std::int64_t generation) {
    Transaction transaction = TRY(Transaction::begin_write(connection));
    return commit_above(transaction, generation);
}

Result<void> Anchor::commit_above(Transaction& transaction, std::int64_t generation) {
    const std::int64_t before =
        std::exchange(mark_.generation, std::max(mark_.generation, generation));
    changed_ = true;
    Result<void> written = transaction.commit();
    if (!written)
        mark_.generation = before;
    return written;
}

Result<void> Anchor::rekey(Connection& connection, const KeyedMac& index) {
    former_key_ = std::exchange(key_, TRY(index.clone()));
    changed_ = true;
    return add_all(connection, next_sum_);
}

}  // namespace patd::store
