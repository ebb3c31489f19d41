// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/tokens/store_admin.h"

#include "common/token/token_key.h"
#include "daemon/store/tokens/store_sql.h"
#include "daemon/store/tokens/token_store_state.h"

#include <limits>

namespace patd::store {
namespace {

std::string_view note_name(Note note) {
    switch (note) {
        case Note::KeyExported:
            return "key-exported";
        case Note::BackedUp:
            return "backed-up";
        case Note::ClockMark:
            return "clock-mark";
        case Note::ExpiryTold:
            return "expiry-told";
        case Note::ExpiryNotice:
            return "expiry-notice";
        case Note::WitnessLost:
            return "witness-lost";
        case Note::WitnessUnread:
            return "witness-unread";
    }
    return "";
}

}  // namespace

Result<std::vector<OwnerSummary>> StoreAdmin::list_owners() {
    TokenStore::State& state = *TRY(state_);
    Query query = TRY(state.writer.connection().query(sql::kListOwners));
    std::vector<OwnerSummary> owners;
    while (TRY(query.step())) {
        const std::int64_t owner = query.integer(0);
        if (owner < 0 || owner > std::numeric_limits<std::uint32_t>::max())
            continue;  // a damaged row
        owners.push_back({Uid(static_cast<std::uint32_t>(owner)), std::string(query.text(1)),
                          static_cast<std::uint32_t>(query.integer(2)),
                          static_cast<std::uint32_t>(query.integer(3))});
    }
    return owners;
}

Result<TimesPage> StoreAdmin::list_times(std::int64_t after, std::size_t limit) {
    TokenStore::State& state = *TRY(state_);
    Query query = TRY(state.writer.connection().query(sql::kTimesAfter));
    query.bind(after, static_cast<std::int64_t>(limit));
    TimesPage page;
    page.last = after;
    while (TRY(query.step())) {
        ++page.rows;
        page.last = query.integer(0);
        if (const std::optional<TokenId> id = token_id_of(page.last))
            page.tokens.push_back({page.last, *id, query.integer(1), query.integer(2)});
    }
    return page;
}

Result<std::vector<TokenId>> StoreAdmin::quarantine(Uid owner, const std::string& name) {
    TokenStore::State& state = *TRY(state_);
    return state.changed(owner, state.writer.quarantine(owner, name));
}

Result<void> StoreAdmin::reinstate(const TokenId& id, Uid owner, const std::string& name) {
    TokenStore::State& state = *TRY(state_);
    return state.changed(owner, state.writer.reinstate(id, owner, name));
}

Result<void> StoreAdmin::check_master_key(const MasterKey& key) {
    TokenStore::State& state = *TRY(state_);
    TRY(open_keys(state.writer.connection(), key));
    return {};
}

Result<void> StoreAdmin::add_master_key(const MasterKey& key, const MasterKey& next) {
    TokenStore::State& state = *TRY(state_);
    Connection& connection = state.writer.connection();
    Transaction transaction = TRY(Transaction::begin_write(connection));
    TRY(add_wrap(connection, key, next, state.writer.random()));
    return transaction.commit();
}

Result<void> StoreAdmin::write_note(Note note, UnixTime at) {
    TokenStore::State& state = *TRY(state_);
    Query query = TRY(state.writer.connection().query(sql::kWriteNote));
    query.bind(note_name(note), at);
    return query.run();
}

Result<UnixTime> StoreAdmin::read_note(Note note) {
    TokenStore::State& state = *TRY(state_);
    Query query = TRY(state.writer.connection().query(sql::kSelectNote));
    query.bind(note_name(note));
    return TRY(query.step()) ? query.integer(0) : UnixTime{0};
}

Result<std::shared_ptr<Anchor>> StoreAdmin::anchor() const {
    return TRY(state_)->anchor;
}

Result<bool> StoreAdmin::fits_anchor() {
    TokenStore::State& state = *TRY(state_);
    return state.anchor->fits(state.writer.connection());
}

Result<bool> StoreAdmin::is_bare() {
    return Anchor::is_bare(TRY(state_)->writer.connection());
}

Result<void> StoreAdmin::accept_rows(std::int64_t above_generation) {
    TokenStore::State& state = *TRY(state_);
    Result<void> accepted = state.anchor->accept(state.writer.connection(), above_generation);
    state.changes.note_all();
    return accepted;
}

Result<void> StoreAdmin::raise_generation(std::int64_t above_generation) {
    TokenStore::State& state = *TRY(state_);
    Result<void> raised = state.anchor->raise(state.writer.connection(), above_generation);
    state.changes.note_all();
    return raised;
}

const std::string& StoreAdmin::directory() const {
    return (*state_)->directory.path();
}

void StoreAdmin::forget_keys_before() {
    (*state_)->forget_all();
    (*state_)->reader.forget_before();
}

void StoreAdmin::adopt_for_reading(KeySet keys) {
    (*state_)->forget_all();
    (*state_)->reader.adopt(std::move(keys));
}

}  // namespace patd::store
