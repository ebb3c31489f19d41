// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/store/tokens/key_table.h"
#include "daemon/store/tokens/token_store.h"

#include <cstdint>
#include <string>
#include <vector>

namespace patd::store {

// An account that tokens belong to, as their rows say; for root's eyes.
struct OwnerSummary {
    Uid owner;
    std::string name;  // the account name when the tokens were made
    std::uint32_t tokens = 0;
    std::uint32_t quarantined = 0;  // of these
};

// A time that is remembered with the store: of what was done with the whole of it, for `patctl
// doctor`; the mark of the clock (daemon/context/clock_guard.h); and how far the notices of expiry
// have come: until when, and with how many seconds' notice.
enum class Note { KeyExported, BackedUp, ClockMark, ExpiryTold, ExpiryNotice };

// When a token was made and when it ends, as its row says: not checked against its seal.
struct TokenTimes {
    std::int64_t key = 0;  // of the row; of no meaning but its order
    TokenId id;
    UnixTime created = 0;
    UnixTime expires = 0;  // 0: never
};
// Some rows of the table in the order of their keys. No row follows after an empty page.
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

    // The rows after the key `after`, at most `limit`.
    Result<TimesPage> list_times(std::int64_t after, std::size_t limit);

    // Hides every token of `owner` that was made under this account name, from everybody but root;
    // which ones.
    Result<std::vector<TokenId>> quarantine(Uid owner, const std::string& name);
    // Gives a quarantined token back, to the account that has its uid now. NotFound: no such token,
    // or it is not quarantined.
    Result<void> reinstate(const TokenId& id, Uid owner, const std::string& name);

    // Corrupt: this master key does not open the store.
    Result<void> check_master_key(const MasterKey& key);

    // The store opens with `next` as well, until it was opened with it for the first time; then
    // with `next` alone. Corrupt: `key` does not open it.
    Result<void> add_master_key(const MasterKey& key, const MasterKey& next);

    Result<void> write_note(Note note, UnixTime at);
    // 0: never.
    Result<UnixTime> read_note(Note note);

    const std::string& directory() const;
    // From now on the reading half works under these. Thread rule: the reader's thread.
    void adopt_for_reading(KeySet keys);
    // Children under the keys before die. Thread rule: the reader's thread.
    void forget_keys_before();

  private:
    Result<TokenStore::State*> state_;  // why not, while the store is closed (per-user mode)
};

}  // namespace patd::store
