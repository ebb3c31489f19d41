// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/upkeep/admin_service.h"

#include "common/base/log_messages.h"
#include "common/base/recovery_key.h"
#include "common/bus/firewall.h"
#include "daemon/context/change.h"
#include "daemon/operation/sink.h"

#include <utility>

namespace patd {
namespace {

using store::Note;
using store::StoreAdmin;

constexpr char kRotateMasterKey[] = "rotate-master-key";

Result<MasterKey> find_checked_key(const AdminService::FindKey& find_key,
                                   store::TokenStore& store) {
    MasterKey key = TRY(find_key());
    TRY(StoreAdmin(store).check_master_key(key));
    return key;
}

Result<MasterKey> make_master_key(Random& random) {
    SecretBuffer key(kMasterKeyBytes);
    const std::span<char> free = key.free_space();
    TRY(random.fill({reinterpret_cast<std::uint8_t*>(free.data()), free.size()}));
    key.grow(kMasterKeyBytes);
    return MasterKey(std::move(key));
}

Result<AdminService::Status> read_status(store::TokenStore& store) {
    StoreAdmin admin(store);
    AdminService::Status status;
    status.backed_up = TRY(admin.read_note(Note::BackedUp));
    status.key_exported = TRY(admin.read_note(Note::KeyExported));
    status.witness_lost = TRY(admin.read_note(Note::WitnessLost));
    return status;
}

// Unpacks root's backup file next to the store; returns the key that it is under.
Result<MasterKey> unpack(const AdminService::FindKey& find_key, const std::string& path, int fd) {
    MasterKey key = TRY(find_key());
    const store::StateDirectory directory = TRY(store::StateDirectory::open(path));
    TRY(store::read_backup(directory, key, fd));
    return key;
}

Result<void> remove_unpacked(const std::string& path) {
    return store::remove_restored(TRY(store::StateDirectory::open(path)));
}

}  // namespace

Result<void> AdminService::remove_copies(const std::string& state_directory) {
    return store::remove_copies(TRY(store::StateDirectory::open(state_directory)));
}

void AdminService::list_owners(
    std::function<void(Result<std::vector<store::OwnerSummary>>)> callback) {
    bus::run(
        context_.writer, [&store = context_.store] { return StoreAdmin(store).list_owners(); },
        bus::firewalled("owners", std::move(callback)));
}

void AdminService::reinstate(const Caller& root, Uid owner, const TokenId& id, const Done& done) {
    context_.accounts.find_name(
        owner, [this, root, owner, id, done](const Result<std::string>& name) {
            if (!name)
                return done(name.error());
            change(
                context_.auditor, context_.writer, {root, owner, id, "reinstate", {}, false},
                [&store = context_.store, owner, id, name = *name] {
                    return StoreAdmin(store).reinstate(id, owner, name);
                },
                done);
        });
}

void AdminService::send_key(const Caller& root, UniqueFd sink, const MakeKey& make_key,
                            const Entry& entry, const Done& told) {
    if (const Result<void> checked = check_sink(sink.get(), root); !checked)
        return told(checked.error());
    const Done done = bus::firewalled("master key", told);
    const auto held = std::make_shared<UniqueFd>(std::move(sink));
    bus::run(
        context_.writer, make_key, [this, root, held, entry, done](const Result<MasterKey>& key) {
            if (!key)
                return done(key.error());
            if (const auto recorded =
                    context_.auditor.record(root, Uid(0), std::nullopt, entry.event, entry.outcome);
                !recorded)
                return done(recorded.error());
            done(send_to_sink(held->get(), key->reveal()));
        });
}

void AdminService::export_key(const Caller& root, UniqueFd sink, const Done& done) {
    send_key(
        root, std::move(sink),
        [find_key = find_key_, &store = context_.store] {
            return find_checked_key(find_key, store);
        },
        {"export-key", "ok"}, done);
}

void AdminService::rotate_key(const Caller& root, const Done& begun) {
    rotation_.start(root, begun);
}

void AdminService::rotate_master_key(const Caller& root, UniqueFd sink, const Done& done) {
    Result<MasterKey> made = make_master_key(context_.random);
    if (!made)
        return done(made.error());
    const auto next = std::make_shared<const MasterKey>(std::move(*made));
    send_key(
        root, std::move(sink),
        [find_key = find_key_, &store = context_.store, next]() -> Result<MasterKey> {
            TRY(find_checked_key(find_key, store));
            return MasterKey(SecretBuffer::copy_of(next->reveal()));
        },
        {kRotateMasterKey, "shown"},
        [this, root, next, done](const Result<void>& sent) {
            if (!sent)
                return done(sent);
            add_master_key(root, next, done);
        });
}

void AdminService::add_master_key(const Caller& root, const std::shared_ptr<const MasterKey>& next,
                                  const Done& done) {
    change(
        context_.auditor, context_.writer, {root, Uid(0), std::nullopt, kRotateMasterKey},
        [find_key = find_key_, &store = context_.store, next]() -> Result<void> {
            const MasterKey key = TRY(find_key());
            return StoreAdmin(store).add_master_key(key, *next);
        },
        done);
}

void AdminService::confirm_export(const Done& done) {
    bus::run(
        context_.writer,
        [&store = context_.store, now = context_.clock.now()] {
            return StoreAdmin(store).write_note(Note::KeyExported, now);
        },
        bus::firewalled("note", done));
}

void AdminService::backup(const Caller& root, UniqueFd file,
                          std::function<void(Result<store::Manifest>)> told) {
    const auto held = std::make_shared<UniqueFd>(std::move(file));
    const std::function<void(Result<store::Manifest>)> callback =
        bus::firewalled("backup", std::move(told));
    // The newest events may not be in audit.db yet, and the journal is not copied. That they cannot
    // be brought there is no reason to have no backup.
    bus::run(
        context_.writer, [&events = context_.audit_log] { return events.sync_database(); },
        bus::firewalled("backup", [this, root, held, callback](const Result<void>& synced) {
            if (!synced)
                log(messages::kEventsWait, synced.error(), {{"AUDIT", "backup"}});
            write_backup(root, held, callback);
        }));
}

void AdminService::write_backup(const Caller& root, const std::shared_ptr<UniqueFd>& held,
                                const std::function<void(Result<store::Manifest>)>& callback) {
    bus::run(
        jobs_,
        [held, find_key = find_key_, directory = StoreAdmin(context_.store).directory(),
         now = context_.clock.now()]() -> Result<store::Manifest> {
            const MasterKey key = TRY(find_key());
            return store::write_backup(directory, key, now, held->get());
        },
        [this, root, callback](const Result<store::Manifest>& written) {
            if (!written)
                return callback(written.error());
            context_.auditor.record_done(root, Uid(0), std::nullopt, "backup", "ok");
            bus::run(
                context_.writer,
                [&store = context_.store, made = written->made] {
                    return StoreAdmin(store).write_note(Note::BackedUp, made);
                },
                [callback, manifest = *written](const Result<void>& noted) {
                    if (!noted)
                        log(messages::kBackupNotNoted, noted.error());
                    callback(manifest);
                });
        });
}

void AdminService::restore(const Caller& root, UniqueFd file, const store::RestoreChoice& choice,
                           const RestoreCallback& callback) {
    if (std::exchange(restoring_, true))
        return callback(Errc::Busy);
    bus::Undo stop([this] { restoring_ = false; });
    const auto held = std::make_shared<UniqueFd>(std::move(file));
    const auto done = [this, root, callback](Result<store::RestoreReport> report) {
        restoring_ = false;
        // What was restored must take effect: an exception here ends the process, and the next one
        // reads it.
        if (report && report->done)
            finish_restore(root, *report);
        bus::guarded("restore", [&] { callback(std::move(report)); });
    };
    bus::run(
        jobs_,
        [held, find_key = find_key_, path = StoreAdmin(context_.store).directory()] {
            return unpack(find_key, path, held->get());
        },
        [this, root, choice, done](Result<MasterKey> key) {
            if (!key)
                return done(key.error());
            merge_backup(root, std::make_shared<MasterKey>(std::move(*key)), choice, done);
        });
    stop.keep();
}

void AdminService::merge_backup(const Caller& root, const std::shared_ptr<MasterKey>& master,
                                const store::RestoreChoice& choice, const RestoreCallback& done) {
    // Each token gets its own event, once it is known which ones they are.
    const Result<store::BegunEvents> begun =
        context_.auditor.begin(root, Uid(0), std::nullopt, "restore");
    bus::run(
        context_.writer,
        [&store = context_.store, &events = context_.audit_log, master, choice,
         recorded = begun ? Result<void>() : begun.error()] {
            const Result<void> synced = recorded ? events.sync_events() : recorded;
            Result<store::RestoreReport> report =
                synced ? store::restore(store, *master, choice)
                       : Result<store::RestoreReport>(synced.error());
            (void)remove_unpacked(StoreAdmin(store).directory());
            return report;
        },
        [this, begun, done](Result<store::RestoreReport> report) {
            if (begun && report && !report->done)
                context_.auditor.withdraw(*begun);
            else if (begun)
                context_.auditor.end(*begun, report ? "ok" : errc_name(report.error().code));
            done(std::move(report));
        });
}

void AdminService::finish_restore(const Caller& root, store::RestoreReport& report) {
    if (report.adopted)
        StoreAdmin(context_.store).adopt_for_reading(std::move(*report.adopted));
    for (const Uid owner : report.locked)
        context_.locks.set_locked(owner, true);
    for (const Token& token : report.revived)
        context_.auditor.record_done(root, token.owner, token.id, "restore", "ok");
}

void AdminService::status(std::function<void(Result<Status>)> callback) {
    bus::run(
        context_.writer, [&store = context_.store] { return read_status(store); },
        [this, callback = bus::firewalled("status", std::move(callback))](Result<Status> status) {
            if (status)
                status->rotation = rotation_.state();
            callback(std::move(status));
        });
}

}  // namespace patd
