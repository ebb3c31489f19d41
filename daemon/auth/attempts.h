// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/base/uid.h"
#include "daemon/auth/lockout.h"

#include <memory>
#include <string>

struct sqlite3;

namespace patd::auth {

// The lockout's buckets on disk, shared by all patd-auth processes: DIRECTORY/attempts.db. A bucket
// belongs to (caller, target), so that nobody can lock anybody else out; root has none.
// Thread rule: one at a time; any number of processes.
class Attempts {
  public:
    struct Bucket {
        Uid caller;
        Uid target;
    };

    // `boot_id` names this boot (/proc/sys/kernel/random/boot_id): `clock.since_boot` only means
    // something within one. Borrows `clock`. Unavailable, Corrupt: then nobody's password is
    // checked.
    static Result<Attempts> open(const std::string& directory, const Clock& clock,
                                 std::string boot_id);

    // Takes one try and commits that, before the password is looked at. Throttled: none is left.
    Result<void> charge(Bucket bucket);
    // How the charged try ended: it was right, or nothing was checked at all.
    Result<void> settle_right(Bucket bucket);
    Result<void> settle_unused(Bucket bucket);

  private:
    struct DatabaseDeleter {
        void operator()(sqlite3* database) const;
    };
    using Database = std::unique_ptr<sqlite3, DatabaseDeleter>;

    Attempts(Database database, const Clock& clock, std::string boot_id)
        : database_(std::move(database)), clock_(clock), boot_id_(std::move(boot_id)) {}

    Result<void> execute(const char* sql) const;
    Result<void> prepare_schema() const;
    Result<Lockout> load(Bucket bucket) const;
    Result<void> save(Bucket bucket, const Lockout& lockout) const;
    Result<void> trim() const;
    template <typename Change>
    Result<void> change(Bucket bucket, Change&& change);

    Database database_;
    const Clock& clock_;
    std::string boot_id_;
};

// The kernel's name of this boot. Unavailable.
Result<std::string> read_boot_id();

}  // namespace patd::auth
