// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/token_store.h"

#include "daemon/store/key_table.h"
#include "daemon/store/schema.h"
#include "daemon/store/store_schema.h"
#include "daemon/store/store_sql.h"
#include "daemon/store/store_upgrade.h"
#include "daemon/store/token_store_state.h"

namespace patd::store {
namespace {

constexpr char kFileName[] = "store.db";
// The writer waits at most this long for a read that keeps it from emptying the WAL.
constexpr int kWriterPatienceMs = 1000;

}  // namespace

TokenStore::TokenStore(std::unique_ptr<State> state) : state_(std::move(state)) {}

TokenStore::~TokenStore() = default;

Result<std::unique_ptr<TokenStore>> TokenStore::open(const Options& options, MasterKey key,
                                                     Random& random) {
    if (key.size() != kKeyBytes)
        return Error{Errc::Corrupt, "the master key is not 32 bytes long"};
    StateDirectory directory = TRY(StateDirectory::open(options.directory));
    TRY(directory.lock());
    const DatabaseFile file{
        kFileName, options.create, [&](Connection& made) { return make_keys(made, key, random); },
        [&](Connection& old, std::uint32_t from) { return upgrade_store(old, from, key, random); }};
    Connection write = TRY(open_database(directory, sql::kStoreSchema, file));
    OpenedKeys opened = TRY(open_keys(write, key));
    TRY(write.execute(sql::kWriterSettings));
    TRY(write.set_checkpoint_on_close(true));
    write.set_busy_timeout(kWriterPatienceMs);
    Connection read = TRY(Connection::open(directory.path_of(kFileName)));
    TRY(read.execute(sql::kReaderSettings));

    if (opened.has_older_wraps && opened.is_newest_wrap)
        TRY(delete_older_wraps(write, opened.wrap));

    KeySet writer_keys = TRY(opened.keys.clone());
    std::unique_ptr<State> state(
        new State{std::move(directory), TokenReader(std::move(read), std::move(opened.keys)),
                  TokenWriter(std::move(write), std::move(writer_keys), random)});
    return std::unique_ptr<TokenStore>(new TokenStore(std::move(state)));
}

Result<StoredTokenPtr> TokenStore::find(const TokenId& id) {
    if (StoredTokenPtr kept = state_->cache.find(id))
        return kept;
    const std::uint64_t read_at = state_->cache.changes();
    std::optional<StoredToken> read = TRY(state_->reader.find(id));
    if (!read)
        return StoredTokenPtr();
    StoredTokenPtr found = std::make_shared<const StoredToken>(std::move(*read));
    state_->cache.keep(found, read_at);
    return found;
}

Result<std::vector<ListedToken>> TokenStore::list(Uid owner, Quarantined quarantined) {
    return state_->reader.list(owner, quarantined);
}

Result<std::vector<StoredToken>> TokenStore::find_by_origin(Uid owner, const Origin& origin) {
    return state_->reader.find_by_origin(owner, origin);
}

Result<TokenSecret> TokenStore::open_secret(const TokenId& id) {
    return state_->reader.open_secret(id);
}

Result<std::size_t> TokenStore::count(Uid owner) {
    return state_->reader.count(owner);
}

Result<std::size_t> TokenStore::count_expiring(Uid owner, UnixTime after, UnixTime until) {
    return state_->reader.count_expiring(owner, after, until);
}

Result<TokenStore::Size> TokenStore::size() {
    Size size{TRY(state_->reader.count_all()), 0};
    for (const char* suffix : {"", "-wal"})
        size.bytes += TRY(state_->directory.size_of(std::string(kFileName) + suffix)).value_or(0);
    return size;
}

Result<bool> TokenStore::is_locked(Uid owner) {
    return state_->reader.is_locked(owner);
}

Result<std::optional<Tombstone>> TokenStore::find_tombstone(const Digest& digest) {
    return state_->reader.find_tombstone(digest);
}

Result<Digest> TokenStore::digest(std::span<const char> secret) {
    return state_->reader.digest(secret);
}

Result<Digest> TokenStore::child_mac(const TokenId& parent, std::uint32_t generation,
                                     std::span<const char> body) {
    return state_->reader.child_mac(parent, generation, body);
}

void TokenStore::release_memory() {
    state_->reader.release_memory();
}

void TokenStore::limit_tokens(std::size_t per_user) {
    state_->tokens_per_user = per_user;
}

Result<bool> TokenStore::is_child_mac(const ChildBody& child, std::span<const char> mac) {
    return state_->reader.is_child_mac(child, mac);
}

Result<void> TokenStore::insert(const Token& token, const TokenSecret& secret) {
    return state_->changed(state_->writer.insert(token, secret, state_->tokens_per_user));
}

Result<void> TokenStore::insert_many(std::span<const NewToken> tokens) {
    return state_->changed(state_->writer.insert_many(tokens, state_->tokens_per_user));
}

Result<void> TokenStore::update(const TokenId& id, Uid owner, const Change& change) {
    return state_->changed(state_->writer.update(id, owner, change));
}

Result<void> TokenStore::replace_secret(const TokenId& id, Uid owner, const TokenSecret& secret,
                                        const Change& change, UnixTime now) {
    return state_->changed(state_->writer.replace_secret(id, owner, secret, change, now));
}

Result<void> TokenStore::remove(const TokenId& id, Uid owner, UnixTime now) {
    return state_->changed(state_->writer.remove(id, owner, now));
}

Result<std::size_t> TokenStore::remove_all(Uid owner, const std::string& name, UnixTime now) {
    return state_->changed(state_->writer.remove_all(owner, name, now));
}

Result<void> TokenStore::set_locked(Uid owner, bool locked) {
    return state_->writer.set_locked(owner, locked);
}

Result<void> TokenStore::record_use(const LastUses& uses) {
    return state_->writer.record_use(uses);
}

}  // namespace patd::store
