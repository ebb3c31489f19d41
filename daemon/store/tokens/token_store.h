// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/secrets.h"
#include "common/token/token.h"
#include "daemon/store/tokens/new_secret.h"
#include "daemon/store/tokens/secret_vault.h"
#include "daemon/store/tokens/survey.h"
#include "daemon/store/tokens/token_columns.h"
#include "daemon/store/tokens/token_traces.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace patd::store {

// Shared with the cache of the store; null for "not there".
using StoredTokenPtr = std::shared_ptr<const StoredToken>;

// The sealed store (docs/store-format.md): SQLite, one record per token, each sealed with
// AES-256-GCM under a key of its own; the AAD binds every column that means something. Errors of
// every member: Corrupt (a tag does not match; nothing else is affected), Unavailable (disk full,
// I/O), and those named. "Not yours" is NotFound. A quarantined token is not there for any member
// but those that say so.
class TokenStore {
  public:
    struct Options {
        std::string directory;  // 0700 and the process's own; store.db inside it is 0600
        bool create = true;     // whether a missing store is made
        // Where the secrets of imported tokens are kept; null: in store.db itself.
        std::shared_ptr<SecretVault> vault = nullptr;
    };

    // Opens or makes the store. `random` must outlive it. Errors: Corrupt (foreign file, newer
    // schema, truncated, wrong key), AccessDenied (owner or mode of directory or file).
    static Result<std::unique_ptr<TokenStore>> open(const Options& options, MasterKey key,
                                                    Random& random);
    // A store that is not open: every member answers `why`, until another one lends its inside.
    explicit TokenStore(Error why);
    ~TokenStore();

    // From now on this object works with what `opened` opened, or answers `why` again. The reading
    // half in the reader's thread, the writing half in the writer's: first the writing half of the
    // two when a store opens, last when it closes.
    void attach_reader(const TokenStore& opened);
    void attach_writer(const TokenStore& opened);
    void detach_reader(const Error& why);
    void detach_writer(const Error& why);
    // Why it is not open; as SecretVault. Thread rule of both: the reader's thread.
    Result<void> is_open() const;
    bool keeps_later() const;

    // ---- Reading. Thread rule: the thread that called open. Never waits for a disk sync.
    Result<StoredTokenPtr> find(const TokenId& id);  // null when there is none
    // What it was before edits within this generation, newest first (former_lists.h).
    Result<std::vector<TokenPtr>> find_former(const TokenId& id, std::uint32_t generation);
    // For who found a token that is none of the caller's: takes the time of one that is not there.
    Result<void> find_nothing(const TokenId& id);
    // In steps: all of an owner's, oldest first; those with a target at `origin`; those with one
    // that covers `path` there, of which the caller still matches the paths.
    Survey survey_owner(Uid owner, Quarantined quarantined = Quarantined::Hidden);
    Survey survey_origin(Uid owner, const Origin& origin);
    Survey survey_covering(Uid owner, const Origin& origin, std::string_view path);
    // What surveys have read.
    Result<ReadCounts> read_counts() const;
    // Never used: of a token that is not there, too.
    Result<LastUse> last_use(const TokenId& id);
    // The secret of an imported token. NotFound for an issued one.
    Result<TokenSecret> open_secret(const TokenId& id);
    // The refresh token beside it; empty when there is none.
    Result<RefreshToken> open_refresh_token(const TokenId& id);
    // These two read an index through, of at most kTokensPerUser rows.
    Result<std::size_t> count(Uid owner);
    // How many of them expire later than `after`, and at `until` at the latest.
    Result<std::size_t> count_expiring(Uid owner, UnixTime after, UnixTime until);
    // The whole store. Reads an index through: not for every request.
    struct Size {
        std::size_t tokens = 0;
        std::uint64_t bytes = 0;  // on the disk
    };
    Result<Size> size();
    Result<bool> is_locked(Uid owner);
    Result<std::optional<Tombstone>> find_tombstone(const Digest& digest);
    Result<Digest> digest(std::span<const char> secret);
    // MAC of a child token's body under a key of the store, its parent and generation.
    Result<Digest> child_mac(const TokenId& parent, std::uint32_t generation,
                             std::span<const char> body);
    // Whether that begins with `mac`; while the data key is exchanged also under the one before.
    Result<bool> is_child_mac(const ChildBody& child, std::span<const char> mac);

    // Gives back the pages of the database that reading keeps. Records stay in their cache.
    void release_memory();
    // How many tokens an owner may get from now on (kTokensPerUser at first). Thread rule: any.
    void limit_tokens(std::size_t per_user);

    // ---- Writing. Thread rule: one writer thread, may run beside the reader. Each call is one
    // transaction that is on the disk when it returns (except record_use).
    // LimitExceeded: the owner has as many tokens as he may; what git stored and a server refused
    // goes first. InvalidSecret: too long, or empty and not git's own.
    Result<void> insert(const Token& token, const NewSecret& secret);
    // All of them, or none, in one transaction.
    using NewToken = std::pair<Token, TokenSecret>;
    Result<void> insert_many(std::span<const NewToken> tokens);
    // Reads the record, lets `change` edit it (all but id, owner and kind), seals it again with the
    // same secret. An Error of `change` is passed on, with nothing changed.
    using Change = std::function<Result<void>(Token&)>;
    Result<void> update(const TokenId& id, Uid owner, const Change& change);
    // Another secret, which must differ: generation + 1, good everywhere, the old one's tombstone.
    Result<void> replace_secret(const TokenId& id, Uid owner, const NewSecret& secret,
                                const Change& change, UnixTime now);
    // For the secret that the entry has: entry `next` takes its place, edited, with no tombstone.
    Result<void> renew(const TokenId& id, Uid owner, const TokenId& next, const NewSecret& secret,
                       const Change& change);
    // A damaged record of the owner's is removed as well, without a tombstone.
    Result<void> remove(const TokenId& id, Uid owner, UnixTime now);
    // How many were removed: all that were made under this account name.
    Result<std::size_t> remove_all(Uid owner, const std::string& name, UnixTime now);
    Result<void> set_locked(Uid owner, bool locked);
    // Not synced. One that cannot be written takes no other with it; gives the error of such a one.
    Result<void> record_use(const LastUses& uses);

  private:
    friend class StoreAdmin;
    friend class Survey;
    friend class Restorer;
    friend class Resealer;
    struct State;
    using StatePtr = std::shared_ptr<State>;
    explicit TokenStore(const StatePtr& state);
    Result<State*> reading() const;
    Result<State*> writing() const;
    // For those who work on the whole of an open store.
    State& state() { return **writing_; }

    Result<StatePtr> reading_;  // both hold one state; each is touched by its own thread only
    Result<StatePtr> writing_;
    std::atomic<std::size_t> tokens_per_user_;
};

}  // namespace patd::store
