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

// The sealed store (docs/store-format.md): SQLite, one record per token, each sealed with
// AES-256-GCM under its own key; the AAD binds every significant column. Errors of every member:
// Corrupt (a tag does not match; nothing else is affected), Unavailable (disk full, I/O), and those
// named. "Not yours" is NotFound. To all members that do not mention it, a quarantined token does
// not exist.
class TokenStore {
  public:
    struct Options {
        std::string directory;  // 0700 and owned by the process; store.db inside it is 0600
        bool create = true;     // whether to create a missing store
        // Where the secrets of imported tokens are kept; null: in store.db itself.
        std::shared_ptr<SecretVault> vault = nullptr;
    };

    // Opens or creates the store. `random` must outlive it. Errors: Corrupt (foreign file, newer
    // schema, truncated, wrong key), AccessDenied (owner or mode of directory or file).
    static Result<std::unique_ptr<TokenStore>> open(const Options& options, MasterKey key,
                                                    Random& random);
    // A closed store: every member answers `why`, until another store lends its state.
    explicit TokenStore(Error why);
    ~TokenStore();

    // From now on this object uses the state of `opened`, or answers `why` again. Each half in its
    // own thread; the writing half first when a store opens, and last when it closes.
    void attach_reader(const TokenStore& opened);
    void attach_writer(const TokenStore& opened);
    void detach_reader(const Error& why);
    void detach_writer(const Error& why);
    // Why it is not open, or RolledBack (anchor.h); as in SecretVault. Thread rule: the reader's.
    Result<void> is_open() const;
    bool keeps_later() const;
    Result<void> may_change() const;

    // ---- Reading. Thread rule: the thread that called open. Never waits for a disk sync.
    Result<StoredTokenPtr> find(const TokenId& id);  // null if there is none
    // Its versions before edits within this generation, newest first (former_lists.h).
    Result<std::vector<TokenPtr>> find_former(const TokenId& id, std::uint32_t generation);
    // For a caller that found somebody else's token: takes as long as a missing one.
    Result<void> find_nothing(const TokenId& id);
    // Read in steps: all of an owner's tokens, oldest first; those with a target at `origin`; those
    // with one that covers `path` there, whose paths the caller still has to match.
    Survey survey_owner(Uid owner, Quarantined quarantined = Quarantined::Hidden);
    Survey survey_origin(Uid owner, const Origin& origin);
    Survey survey_covering(Uid owner, const Origin& origin, std::string_view path);
    // What surveys have read.
    Result<ReadCounts> read_counts() const;
    // Never used; also for a token that does not exist.
    Result<LastUse> last_use(const TokenId& id);
    // Of an imported token (of an issued one: NotFound), the secret, in `room` if it fits there,
    // and what belongs to it; kept, opened, for the next call, until release_memory. NotFound, too,
    // if its verifier is another: it was changed, and what is cached may be older (forget).
    Result<ImportedSecret> open_imported(const TokenId& id, const Digest& verifier,
                                         SecretBuffer room);
    Result<TokenSecret> open_secret(const TokenId& id, const Digest& verifier);
    Result<RefreshToken> open_refresh_token(const TokenId& id);  // empty if there is none
    // These two scan an index of at most kTokensPerUser rows.
    Result<std::size_t> count(Uid owner);
    // How many of them expire after `after`, but not after `until`.
    Result<std::size_t> count_expiring(Uid owner, UnixTime after, UnixTime until);
    // The whole store. Scans an index: not for every request.
    struct Size {
        std::size_t tokens = 0;
        std::uint64_t bytes = 0;  // on the disk
    };
    Result<Size> size();
    Result<bool> is_locked(Uid owner);
    Result<std::optional<Tombstone>> find_tombstone(const Digest& digest);
    Result<Digest> digest(std::span<const char> secret);
    // MAC of a child token's body under a key derived from the store's, its parent and generation.
    Result<Digest> child_mac(const TokenId& parent, std::uint32_t generation,
                             std::span<const char> body);
    // Whether that begins with `mac`; while the data key is rotated, also under the previous one.
    Result<bool> is_child_mac(const ChildBody& child, std::span<const char> mac);

    // Forgets opened secrets, cached pages, and records if told to; free_some, while true, frees.
    void release_memory(bool records_too = false);
    bool free_some();
    void forget(Uid owner);                   // all that it caches of them
    void limit_tokens(std::size_t per_user);  // kTokensPerUser at first. Thread rule: any

    // ---- Writing. Thread rule: one writer thread, which may run beside the reader. Each call is
    // one transaction that is on disk when it returns (except record_use).
    // LimitExceeded: the owner has reached the limit; tokens that git stored and a server refused
    // go first. InvalidSecret: too long, or empty and not stored by git.
    Result<void> insert(const Token& token, const NewSecret& secret);
    // All of them, or none, in one transaction.
    using NewToken = std::pair<Token, TokenSecret>;
    Result<void> insert_many(std::span<const NewToken> tokens);
    // Reads the record, lets `change` edit it (all but id, owner and kind), and seals it again with
    // the same secret. An Error of `change` is passed on, with nothing changed.
    using Change = std::function<Result<void>(Token&)>;
    Result<void> update(const TokenId& id, Uid owner, const Change& change);
    // Sets a different secret: generation + 1, valid everywhere again, a tombstone for the old one.
    Result<void> replace_secret(const TokenId& id, Uid owner, const NewSecret& secret,
                                const Change& change, UnixTime now);
    // For the same secret: entry `next`, edited, takes its place, without a tombstone.
    Result<void> renew(const TokenId& id, Uid owner, const TokenId& next, const NewSecret& secret,
                       const Change& change);
    // Also removes a damaged record of the owner's, without a tombstone.
    Result<void> remove(const TokenId& id, Uid owner, UnixTime now);
    // Removes all that were made under this account name; returns how many.
    Result<std::size_t> remove_all(Uid owner, const std::string& name, UnixTime now);
    Result<void> set_locked(Uid owner, bool locked);
    // Not synced. One that cannot be written affects no other; returns one failure's error. Also
    // notices what another process wrote into the file.
    Result<void> record_use(const LastUses& uses);

  private:
    friend class StoreAdmin;
    friend class Survey;
    friend class Restorer;
    friend class Resealer;
    struct State;
    using StatePtr = std::shared_ptr<State>;
    explicit TokenStore(const StatePtr& state);
    Result<State*> reading(bool uses_secrets = false) const;
    Result<State*> writing() const;
    // For those who work on the whole of an open store.
    State& state() { return **writing_; }

    Result<StatePtr> reading_;  // both hold one state; each is used only in its own thread
    Result<StatePtr> writing_;
    std::atomic<std::size_t> tokens_per_user_;
};

}  // namespace patd::store
