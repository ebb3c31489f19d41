// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/admin_service.h"

#include "daemon/sink.h"

namespace patd {
namespace {

using store::Note;
using store::StoreAdmin;

Result<MasterKey> find_checked_key(const AdminService::FindKey& find_key,
                                   store::TokenStore& store) {
    MasterKey key = TRY(find_key());
    TRY(StoreAdmin(store).check_master_key(key));
    return key;
}

Result<bus::Dict> read_status(store::TokenStore& store) {
    StoreAdmin admin(store);
    bus::Dict status;
    status.set("key-exported", TRY(admin.read_note(Note::KeyExported)));
    return status;
}

}  // namespace

void AdminService::list_owners(
    std::function<void(Result<std::vector<store::OwnerSummary>>)> callback) {
    bus::run(
        context_.writer, [&store = context_.store] { return StoreAdmin(store).list_owners(); },
        std::move(callback));
}

void AdminService::export_key(const Caller& root, UniqueFd sink, const Done& done) {
    if (const Result<void> checked = check_sink(sink.get(), root); !checked)
        return done(checked.error());
    const auto held = std::make_shared<UniqueFd>(std::move(sink));
    bus::run(
        context_.writer,
        [find_key = find_key_, &store = context_.store] {
            return find_checked_key(find_key, store);
        },
        [this, root, held, done](const Result<MasterKey>& key) {
            if (!key)
                return done(key.error());
            if (const auto recorded =
                    context_.auditor.record(root, Uid(0), std::nullopt, "export-key", "ok");
                !recorded)
                return done(recorded.error());
            done(send_to_sink(held->get(), key->expose()));
        });
}

void AdminService::confirm_export(const Done& done) {
    bus::run(
        context_.writer,
        [&store = context_.store, now = context_.clock.now()] {
            return StoreAdmin(store).write_note(Note::KeyExported, now);
        },
        done);
}

void AdminService::status(std::function<void(Result<bus::Dict>)> callback) {
    bus::run(
        context_.writer, [&store = context_.store] { return read_status(store); },
        std::move(callback));
}

}  // namespace patd
