// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "auth/lockout.h"
#include "common/base/clock.h"
#include "common/base/result.h"

#include <cstdint>
#include <memory>
#include <string>

struct sqlite3;

namespace patd::auth {

// The lockout's buckets on disk, shared by all patd-auth processes. A bucket belongs to a pair, who
// tries and whose password it is, so that nobody can lock anybody else out. auth/throttle.h says
// which pairs there are.
// Thread rule: one at a time; any number of processes.
class Attempts {
  public:
    struct Bucket {
        std::int64_t caller;
        std::int64_t target;
    };
    // A file of buckets below the state directory; each fills up separately.
    struct File {
        const char* name;
        Lockout::Pace pace;
    };
    static constexpr File kUsers{"attempts.db", Lockout::kOfUser};
    static constexpr File kHosts{"hosts.db", Lockout::kOfHost};

    // `boot_id` names this boot (/proc/sys/kernel/random/boot_id): `clock.since_boot` only means
    // something within one. Borrows `clock`. Unavailable, Corrupt: then nobody's password is
    // checked.
    static Result<Attempts> open(const std::string& directory, const File& file, const Clock& clock,
                                 std::string boot_id);

    // Takes one attempt and commits that, before the password is looked at. Throttled: none is
    // left.
    Result<void> charge(Bucket bucket);
    // After Throttled: how long until another attempt is allowed.
    Lockout::Milliseconds wait() const { return wait_; }
    // How the charged attempt ended: it was right, or nothing was checked at all.
    Result<void> settle_right(Bucket bucket);
    Result<void> settle_unused(Bucket bucket);
    // As if nobody had tried yet.
    Result<void> forget(Bucket bucket);

  private:
    struct DatabaseDeleter {
        void operator()(sqlite3* database) const;
    };
    using Database = std::unique_ptr<sqlite3, DatabaseDeleter>;

    Attempts(Database database, const Lockout::Pace& pace, const Clock& clock, std::string boot_id)
        : database_(std::move(database)),
          pace_(pace),
          clock_(clock),
          boot_id_(std::move(boot_id)) {}

    Result<void> execute(const char* sql) const;
    Result<void> prepare_schema() const;
    struct Loaded {
        Lockout lockout;
        bool waits_anew;  // but the file does not say so yet
    };
    Result<Loaded> load(Bucket bucket) const;
    Result<void> save(Bucket bucket, const Lockout& lockout) const;
    Result<void> trim() const;
    template <typename Change>
    Result<void> change(Bucket bucket, Change&& change);

    Database database_;
    Lockout::Pace pace_;
    const Clock& clock_;
    std::string boot_id_;
    Lockout::Milliseconds wait_{0};
};

// The kernel's id of this boot. Unavailable.
Result<std::string> read_boot_id();

}  // namespace patd::auth
