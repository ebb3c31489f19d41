// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/tokens/token_store.h"

#include "common/base/limits.h"
#include "daemon/store/database/schema.h"
#include "daemon/store/tokens/key_table.h"
#include "daemon/store/tokens/store_schema.h"
#include "daemon/store/tokens/store_sql.h"
#include "daemon/store/tokens/store_upgrade.h"
#include "daemon/store/tokens/token_store_state.h"

namespace patd::store {
namespace {

constexpr char kFileName[] = "store.db";
// The longest that the writer waits for a read that keeps it from emptying the WAL.
constexpr int kWriterPatienceMs = 1000;

// No child has this as its parent and generation: those are 15 bytes (docs/store-format.md).
constexpr std::string_view kVaultKeyInfo = "patd keyring 1 bundle";

Result<SecretBuffer> make_vault_key(StoreKeys& keys) {
    Digest digest = TRY(keys.children.mac({bytes_of(kVaultKeyInfo)}));
    const std::span<char> bytes(reinterpret_cast<char*>(digest.data()), digest.size());
    SecretBuffer key = SecretBuffer::copy_of(bytes);
    wipe(bytes);
    return key;
}

// In `room` if it fits.
SecretBuffer copy_to(SecretBuffer room, std::span<const char> bytes) {
    if (room.append(bytes))
        return room;
    return SecretBuffer::copy_of(bytes);
}

ImportedSecret divide(const OpenedSecret& opened, SecretBuffer room) {
    const std::span<const char> all = opened.contents.reveal();
    const std::span<const char> refresh = all.last(opened.refresh_bytes);
    return {TokenSecret(copy_to(std::move(room), all.first(all.size() - refresh.size()))),
            refresh.empty() ? RefreshToken() : RefreshToken(SecretBuffer::copy_of(refresh)),
            opened.digest};
}

}  // namespace

TokenStore::TokenStore(Error why)
    : reading_(why), writing_(std::move(why)), tokens_per_user_(limits::kTokensPerUser) {}

TokenStore::TokenStore(const StatePtr& state)
    : reading_(state), writing_(state), tokens_per_user_(limits::kTokensPerUser) {}

TokenStore::~TokenStore() = default;

// Of a store that is withheld nothing secret may be used.
Result<TokenStore::State*> TokenStore::reading(bool uses_secrets) const {
    if (!reading_)
        return reading_.error();
    State* const state = reading_->get();
    if (uses_secrets && state->anchor->is_withheld())
        return Errc::RolledBack;
    return state;
}

Result<TokenStore::State*> TokenStore::writing() const {
    if (!writing_)
        return writing_.error();
    return writing_->get();
}

Result<void> TokenStore::is_open() const {
    TRY(reading());
    return {};
}

Result<void> TokenStore::may_change() const {
    TRY(reading(true));
    return {};
}

bool TokenStore::keeps_later() const {
    const Result<State*> state = reading();
    return state && (*state)->vault && (*state)->vault->keeps_later();
}

void TokenStore::attach_reader(const TokenStore& opened) {
    reading_ = opened.reading_;
}

void TokenStore::attach_writer(const TokenStore& opened) {
    writing_ = opened.writing_;
}

void TokenStore::detach_reader(const Error& why) {
    // The writing half may hold the state for longer.
    if (reading_)
        (*reading_)->forget_all();
    reading_ = why;
}

void TokenStore::detach_writer(const Error& why) {
    writing_ = why;
}

Result<std::unique_ptr<TokenStore>> TokenStore::open(const Options& options, MasterKey key,
                                                     Random& random) {
    if (key.size() != kKeyBytes)
        return Error{Errc::Corrupt, "the master key is not 32 bytes long"};
    StateDirectory directory = TRY(StateDirectory::open(options.directory));
    TRY(directory.lock());
    const DatabaseFile file{
        kFileName, options.create,
        [&](Connection& made) -> Result<void> {
            TRY(make_keys(made, key, random));
            const OpenedKeys keys = TRY(open_keys(made, key));
            return Anchor::insert(made, keys.keys.now.index, random);
        },
        [&](Connection& old, std::uint32_t from) { return upgrade_store(old, from, key, random); }};
    Connection write = TRY(open_database(directory, sql::store_schema(), file));
    OpenedKeys opened = TRY(open_keys(write, key));
    TRY(write.execute(sql::kWriterSettings));
    TRY(write.set_checkpoint_on_close(true));
    write.set_busy_timeout(kWriterPatienceMs);
    Connection read = TRY(Connection::open_writable(directory.path_of(kFileName)));
    TRY(read.execute(sql::kReaderSettings));

    const std::shared_ptr<Anchor> anchor = TRY(Anchor::open(write, opened.keys.now.index, random));
    write.watch_writes(anchor);

    if (opened.has_older_wraps && opened.is_newest_wrap)
        TRY(delete_older_wraps(write, opened.wrap));

    SecretVault* const vault = options.vault.get();
    SecretBuffer vault_key = TRY(make_vault_key(opened.keys.now));
    KeySet writer_keys = TRY(opened.keys.clone());
    const StatePtr state(
        new State{std::move(directory), options.vault,
                  TokenReader(std::move(read), std::move(opened.keys), vault),
                  TokenWriter(std::move(write), std::move(writer_keys), vault, random), anchor});
    if (vault != nullptr)
        TRY(vault->open(std::move(vault_key), TRY(state->writer.secrets_in_vault())));
    return std::unique_ptr<TokenStore>(new TokenStore(state));
}

Result<StoredTokenPtr> TokenStore::find(const TokenId& id) {
    State& state = *TRY(reading());
    if (StoredTokenPtr kept = state.records.find(id))
        return kept;
    const std::uint64_t read_at = state.changes.now();
    std::optional<StoredToken> read = TRY(state.reader.find(id));
    if (!read)
        return StoredTokenPtr();
    StoredTokenPtr found = std::make_shared<const StoredToken>(std::move(*read));
    state.records.keep(found, read_at);
    return found;
}

Result<std::vector<TokenPtr>> TokenStore::find_former(const TokenId& id, std::uint32_t generation) {
    return TRY(reading())->former.find(id, generation);
}

Result<void> TokenStore::find_nothing(const TokenId& id) {
    return TRY(reading())->reader.find_nothing(id);
}

Survey TokenStore::survey_owner(Uid owner, Quarantined quarantined) {
    Survey survey(*this, Survey::Kind::OfOwner, owner);
    survey.quarantined_ = quarantined;
    return survey;
}

Survey TokenStore::survey_origin(Uid owner, const Origin& origin) {
    Survey survey(*this, Survey::Kind::AtOrigin, owner);
    survey.origin_ = origin;
    return survey;
}

Survey TokenStore::survey_covering(Uid owner, const Origin& origin, std::string_view path) {
    Survey survey(*this, Survey::Kind::Covering, owner);
    survey.origin_ = origin;
    survey.path_ = path;
    return survey;
}

Result<ReadCounts> TokenStore::read_counts() const {
    return TRY(reading())->reader.read_counts();
}

Result<LastUse> TokenStore::last_use(const TokenId& id) {
    return TRY(reading())->reader.last_use(id);
}

Result<ImportedSecret> TokenStore::open_imported(const TokenId& id, const Digest& verifier,
                                                 SecretBuffer room) {
    State& state = *TRY(reading(true));
    const OpenedSecret* known = state.secrets.find(id);
    if (known != nullptr && known->digest == verifier)
        return divide(*known, std::move(room));
    const std::uint64_t read_at = state.changes.now();
    OpenedSecret opened = TRY(state.reader.open_secret(id));
    if (opened.digest != verifier)
        return Errc::NotFound;
    ImportedSecret imported = divide(opened, std::move(room));
    // A keyring has its own memory for secrets, and may take one back.
    if (!state.vault)
        state.secrets.keep(id, std::move(opened), read_at);
    return imported;
}

Result<TokenSecret> TokenStore::open_secret(const TokenId& id, const Digest& verifier) {
    OpenedSecret opened = TRY(TRY(reading(true))->reader.open_secret(id));
    if (opened.digest != verifier)
        return Errc::NotFound;
    opened.contents.drop_last(opened.refresh_bytes);
    return TokenSecret(std::move(opened.contents));
}

Result<RefreshToken> TokenStore::open_refresh_token(const TokenId& id) {
    OpenedSecret opened = TRY(TRY(reading(true))->reader.open_secret(id));
    opened.contents.consume(opened.contents.size() - opened.refresh_bytes);
    return RefreshToken(std::move(opened.contents));
}

Result<std::size_t> TokenStore::count(Uid owner) {
    return TRY(reading())->reader.count(owner);
}

Result<std::size_t> TokenStore::count_expiring(Uid owner, UnixTime after, UnixTime until) {
    return TRY(reading())->reader.count_expiring(owner, after, until);
}

Result<TokenStore::Size> TokenStore::size() {
    State& state = *TRY(reading());
    Size size{TRY(state.reader.count_all()), 0};
    for (const char* suffix : {"", "-wal"})
        size.bytes += TRY(state.directory.size_of(std::string(kFileName) + suffix)).value_or(0);
    return size;
}

Result<bool> TokenStore::is_locked(Uid owner) {
    return TRY(reading())->reader.is_locked(owner);
}

Result<std::optional<Tombstone>> TokenStore::find_tombstone(const Digest& digest) {
    return TRY(reading(true))->reader.find_tombstone(digest);
}

Result<Digest> TokenStore::digest(std::span<const char> secret) {
    return TRY(reading(true))->reader.digest(secret);
}

Result<Digest> TokenStore::child_mac(const TokenId& parent, std::uint32_t generation,
                                     std::span<const char> body) {
    return TRY(reading(true))->reader.child_mac(parent, generation, body);
}

void TokenStore::release_memory(bool records_too) {
    const Result<State*> state = reading();
    if (!state)
        return;
    (*state)->secrets.put_aside();
    if (records_too)
        (*state)->records.put_aside();
    (*state)->reader.release_memory();
}

bool TokenStore::free_some() {
    const Result<State*> state = reading();
    if (!state)
        return false;
    const bool has_secrets = (*state)->secrets.free_some();
    return (*state)->records.free_some() || has_secrets;
}

void TokenStore::forget(Uid owner) {
    const Result<State*> state = reading();
    if (!state)
        return;
    (*state)->records.forget(owner);
    (*state)->secrets.forget(owner);
}

void TokenStore::limit_tokens(std::size_t per_user) {
    tokens_per_user_ = per_user;
}

Result<bool> TokenStore::is_child_mac(const ChildBody& child, std::span<const char> mac) {
    return TRY(reading(true))->reader.is_child_mac(child, mac);
}

Result<void> TokenStore::insert(const Token& token, const NewSecret& secret) {
    State& state = *TRY(writing());
    return state.changed(token.owner, state.writer.insert(token, secret, tokens_per_user_));
}

Result<void> TokenStore::insert_many(std::span<const NewToken> tokens) {
    State& state = *TRY(writing());
    Result<void> inserted = state.writer.insert_many(tokens, tokens_per_user_);
    for (const auto& [token, secret] : tokens)
        state.changes.note(token.owner);
    return inserted;
}

Result<void> TokenStore::update(const TokenId& id, Uid owner, const Change& change) {
    State& state = *TRY(writing());
    const auto noting = [&](Token& token) -> Result<void> {
        const Token before = token;
        TRY(change(token));
        // Before the commit: a verify must never find the new lists without the former ones.
        state.former.note(before, token);
        return {};
    };
    return state.changed(owner, state.writer.update(id, owner, noting));
}

Result<void> TokenStore::replace_secret(const TokenId& id, Uid owner, const NewSecret& secret,
                                        const Change& change, UnixTime now) {
    State& state = *TRY(writing());
    return state.changed(owner, state.writer.replace_secret(id, owner, secret, change, now));
}

Result<void> TokenStore::renew(const TokenId& id, Uid owner, const TokenId& next,
                               const NewSecret& secret, const Change& change) {
    State& state = *TRY(writing());
    return state.changed(owner, state.writer.renew(id, owner, next, secret, change));
}

Result<void> TokenStore::remove(const TokenId& id, Uid owner, UnixTime now) {
    State& state = *TRY(writing());
    return state.changed(owner, state.writer.remove(id, owner, now));
}

Result<std::size_t> TokenStore::remove_all(Uid owner, const std::string& name, UnixTime now) {
    State& state = *TRY(writing());
    return state.changed(owner, state.writer.remove_all(owner, name, now));
}

Result<void> TokenStore::set_locked(Uid owner, bool locked) {
    State& state = *TRY(writing());
    return state.changed(owner, state.writer.set_locked(owner, locked));
}

Result<void> TokenStore::record_use(const LastUses& uses) {
    State& state = *TRY(writing());
    const Result<bool> by_others = state.writer.was_changed_by_others();
    if (!by_others || *by_others)
        state.changes.note_all();
    return state.writer.record_use(uses);
}

}  // namespace patd::store
