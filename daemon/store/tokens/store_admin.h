// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/store/tokens/anchor.h"
#include "daemon/store/tokens/key_table.h"
#include "daemon/store/tokens/token_store.h"

#include <cstdint>
#include <string>
#include <vector>

namespace patd::store {

// An account that tokens belong to, according to their rows; only root sees it.
struct OwnerSummary {
    Uid owner;
    std::string name;  // the account name when the tokens were made
    std::uint32_t tokens = 0;
    std::uint32_t quarantined = 0;  // of those tokens
};

// A value that is remembered with the store: times of operations on the whole store, for `patctl
// doctor`; the mark of the clock (daemon/context/clock_guard.h); and the progress of the notices of
// expiry: until when, and with how many seconds' notice; and when the witness was lost.
enum class Note {
    KeyExported,
    BackedUp,
    ClockMark,
    ExpiryTold,
    ExpiryNotice,
    WitnessLost,
    WitnessUnread
};

// When a token was made and when it ends, according to its row: not checked against its seal.
struct TokenTimes {
    std::int64_t key = 0;  // of the row; only its order matters
    TokenId id;
    UnixTime created = 0;
    UnixTime expires = 0;  // 0: never
};
// Some rows of the table, in the order of their keys. After an empty page there are no more.
struct TimesPage {
    std::vector<TokenTimes> tokens;  // without rows that have no id
    std::int64_t last = 0;           // the key of the last row
    std::size_t rows = 0;
};

// What root does with a whole store. Errors: Corrupt, Unavailable, and those named.
// Thread rule: the store's writer thread.
class StoreAdmin {
  public:
    // `store` must outlive it.
    explicit StoreAdmin(TokenStore& store) : state_(store.writing()) {}

    // Every account that tokens belong to, by uid.
    Result<std::vector<OwnerSummary>> list_owners();

    // At most `limit` rows after the key `after`.
    Result<TimesPage> list_times(std::int64_t after, std::size_t limit);

    // Hides every token of `owner` that was made under this account name from everybody but root;
    // returns which ones.
    Result<std::vector<TokenId>> quarantine(Uid owner, const std::string& name);
    // Gives a quarantined token back to the account that now has its uid. NotFound: no such token,
    // or it is not quarantined.
    Result<void> reinstate(const TokenId& id, Uid owner, const std::string& name);

    // Corrupt: this master key does not open the store.
    Result<void> check_master_key(const MasterKey& key);

    // The store also opens with `next`, until it was first opened with it; then only with `next`.
    // Corrupt: `key` does not open it.
    Result<void> add_master_key(const MasterKey& key, const MasterKey& next);

    Result<void> write_note(Note note, UnixTime at);
    // 0: never.
    Result<UnixTime> read_note(Note note);

    // The anchor, its rows compared with the tables, and root's word that those count (anchor.h).
    Result<std::shared_ptr<Anchor>> anchor() const;
    Result<bool> fits_anchor();
    Result<bool> is_bare();
    Result<void> accept_rows(std::int64_t above_generation);
    // A generation above this one, for a newer witness; what somebody else wrote is not accepted.
    Result<void> raise_generation(std::int64_t above_generation);

    const std::string& directory() const;
    // From now on the reading half uses these. Thread rule: the reader's thread.
    void adopt_for_reading(KeySet keys);
    // Children under the previous keys die. Thread rule: the reader's thread.
    void forget_keys_before();

  private:
    Result<TokenStore::State*> state_;  // or why not, while the store is closed (per-user mode)
};

}  // namespace patd::store
