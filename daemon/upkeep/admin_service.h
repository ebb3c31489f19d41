// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/caller.h"
#include "common/base/unique_fd.h"
#include "common/bus/done.h"
#include "daemon/context/context.h"
#include "daemon/store/backup/backup_file.h"
#include "daemon/store/backup/restore.h"
#include "daemon/store/tokens/store_admin.h"
#include "daemon/upkeep/key_rotation.h"

#include <functional>
#include <vector>

namespace patd {

// What root can do with the whole store. The bus's access level decides who may call.
// Thread rule: the loop's thread; disk access runs on the writer. Every callback is called once.
class AdminService {
  public:
    // Reads the master key from where the service got it, on the writer's thread. The service does
    // not keep it.
    using FindKey = std::function<Result<MasterKey>()>;

    // Long work that need not be ordered with changes runs on `jobs`.
    AdminService(const Context& context, FindKey find_key, bus::Executor& jobs,
                 KeyRotation& rotation)
        : context_(context), find_key_(std::move(find_key)), jobs_(jobs), rotation_(rotation) {}

    // Gives a quarantined token to the account that now has its uid. NotFound: no such token, or
    // not quarantined; AccessDenied: no account has the uid.
    void reinstate(const Caller& root, Uid owner, const TokenId& id, const Done& done);

    void list_owners(std::function<void(Result<std::vector<store::OwnerSummary>>)> callback);

    // Writes the master key, 32 bytes, into root's sink; recorded before it leaves. BadSink;
    // Corrupt, NotFound, AccessDenied: the key is no longer where the service got it.
    void export_key(const Caller& root, UniqueFd sink, const Done& done);
    // Root has the key in a file; from now on `status` says so.
    void confirm_export(const Done& done);

    // Writes a backup into root's file. BadSink: not a regular file; Unavailable: a disk is full.
    void backup(const Caller& root, UniqueFd file,
                std::function<void(Result<store::Manifest>)> told);

    // Removes what a killed process left of a backup or restore. Call at the start, with the store
    // locked.
    static Result<void> remove_copies(const std::string& state_directory);

    // Brings tokens back from root's file. Busy: another restore is under way; InvalidBackup;
    // ForeignBackup;
    // NotFound: choice.revive names a token that is not dead.
    using RestoreCallback = std::function<void(Result<store::RestoreReport>)>;
    void restore(const Caller& root, UniqueFd file, const store::RestoreChoice& choice,
                 const RestoreCallback& callback);

    // Makes a new data key: see KeyRotation. Calls back when it has begun; status() tells the rest.
    void rotate_key(const Caller& root, const Done& begun);
    // Makes a new master key, writes it into root's sink, and then lets the store open with it as
    // well: after an error, the store does not know the key that the sink got. The previous key
    // opens the store until the service was started with the new one.
    void rotate_master_key(const Caller& root, UniqueFd sink, const Done& done);

    // The answers for `patctl doctor`.
    struct Status {
        UnixTime backed_up = 0;     // 0: never
        UnixTime key_exported = 0;  // 0: never
        UnixTime witness_lost = 0;  // 0: it was not, or root knows
        KeyRotation::State rotation = {};
    };
    void status(std::function<void(Result<Status>)> callback);

  private:
    void write_backup(const Caller& root, const std::shared_ptr<UniqueFd>& held,
                      const std::function<void(Result<store::Manifest>)>& callback);
    using MakeKey = std::function<Result<MasterKey>()>;
    struct Entry {
        const char* event;
        const char* outcome;
    };
    // Runs `make_key` on the writer, records `entry`, and sends the key into the sink.
    void send_key(const Caller& root, UniqueFd sink, const MakeKey& make_key, const Entry& entry,
                  const Done& told);
    void add_master_key(const Caller& root, const std::shared_ptr<const MasterKey>& next,
                        const Done& done);
    void merge_backup(const Caller& root, const std::shared_ptr<MasterKey>& master,
                      const store::RestoreChoice& choice, const RestoreCallback& done);
    void finish_restore(const Caller& root, store::RestoreReport& report);

    Context context_;
    FindKey find_key_;
    bus::Executor& jobs_;
    KeyRotation& rotation_;
    bool restoring_ = false;
};

}  // namespace patd
