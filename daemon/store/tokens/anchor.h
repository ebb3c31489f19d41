// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/random.h"
#include "daemon/store/database/write_watch.h"
#include "daemon/store/keys/record_crypto.h"
#include "daemon/store/tokens/death.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace patd::store {

using StoreId = std::array<std::uint8_t, 16>;

// The one row of the table `anchor` (docs/store-format.md): which store this is, how many changes
// it has had, and a sum over every row that counts. It is written with each change, in the same
// transaction, so rows that somebody else deleted, added or put back do not fit it; and it says
// what each change took away. Thread rule: the store's writer thread, but for the atomic ones.
class Anchor final : public WriteWatch {
  public:
    struct Mark {
        StoreId store{};
        std::int64_t generation = 0;
        std::int64_t witnessed = 0;  // the highest generation that the witness is known to hold
        std::int64_t died = 0;       // the last one that took something away
    };

    // The anchor that `connection` has. One that is missing or damaged fits nothing.
    static Result<std::shared_ptr<Anchor>> open(Connection& connection, const KeyedMac& index,
                                                Random& random);
    // Inserts the first one, for the rows that are there.
    static Result<void> insert(Connection& connection, const KeyedMac& index, Random& random);

    const Mark& mark() const { return mark_; }
    // Reads every row.
    Result<bool> fits(Connection& connection);
    // Whether there is nothing that could come back: no token.
    static Result<bool> is_bare(Connection& connection);
    // What the changes since the last call took away.
    std::vector<Death> take_deaths() { return std::exchange(deaths_, {}); }
    // Whether the index key became another one since the last call.
    bool take_rekeyed() { return std::exchange(rekeyed_, false); }
    // Atomic; the next change writes it.
    void note_witnessed(std::int64_t generation) { witnessed_ = generation; }

    // Atomic. While it is withheld (SECURITY.md, Rollback), the store may not be changed and
    // nothing in it may be used.
    void withhold(bool withheld) { withheld_ = withheld; }
    bool is_withheld() const { return withheld_; }
    // Lets the changes through with which root decides what stays dead.
    void mend(bool mending) { mending_ = mending; }
    // The rows as they are count from now on, in a generation above `generation`.
    Result<void> accept(Connection& connection, std::int64_t generation);
    // A generation above `generation`, with the rows as they were counted until now.
    Result<void> raise(Connection& connection, std::int64_t generation);

    // The index key becomes another one, within the current transaction.
    Result<void> rekey(Connection& connection, const KeyedMac& index);
    // For the MAC of the witness; another one after a rekey.
    Result<KeyedMac> clone_key() const { return key_.clone(); }

    void on_row(std::string_view table, const RowSide* before, const RowSide* after) override;
    Result<void> complete(Connection& connection) override;
    void ended(bool committed) override;

  private:
    using Sum = std::array<std::uint64_t, 4>;
    enum class Sign { Plus, Minus };

    Anchor(KeyedMac key, Random& random) : key_(std::move(key)), random_(random) {}

    Result<void> read(Connection& connection);
    Result<void> write(Connection& connection);
    Result<void> commit_above(Transaction& transaction, std::int64_t generation);
    Result<Digest> mac_of(const Mark& mark, const Sum& sum);
    Result<void> add_all(Connection& connection, Sum& sum);
    Result<void> add_row(Sum& sum, Sign sign, std::initializer_list<Bytes> parts);
    void count(const Result<void>& added);
    void on_token(const RowSide* before, const RowSide* after);
    void on_owner(const RowSide* before, const RowSide* after);
    void on_tombstone(const RowSide* before, const RowSide* after);
    void note_death(Death::Cause cause, const RowSide& row, std::int64_t key);

    KeyedMac key_;
    Random& random_;
    Mark mark_;
    Sum sum_{};
    bool damaged_ = false;
    std::vector<Death> deaths_;
    std::atomic<std::int64_t> witnessed_ = 0;
    std::atomic<bool> withheld_ = false;
    bool mending_ = false;
    bool rekeyed_ = false;

    // Of the current transaction.
    Mark next_mark_;
    Sum next_sum_{};
    std::optional<KeyedMac> former_key_;
    bool changed_ = false;
    std::vector<Death> next_deaths_;
    std::vector<std::int64_t> made_tombstones_;  // the tokens that they are of
    std::vector<std::int64_t> lost_tombstones_;
    std::optional<Error> failure_;
};

}  // namespace patd::store
