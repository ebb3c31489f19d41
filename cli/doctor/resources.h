// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/doctor/findings.h"
#include "cli/doctor/machine.h"
#include "common/client/dictionary.h"

#include <cstdint>
#include <string>

namespace patd::cli::doctor {

// The clock: set from outside, and not before a time that was already seen here. `newest_event` is
// the time of an event that patd recorded, or 0.
void check_clock(const Machine& machine, UnixTime newest_event, Findings& findings);
// What Manager.Status says that the clock is worth for expiry.
void check_clock_trust(const client::Dictionary& status, Findings& findings);

// What Admin.Status says of the store's age: whether it was put back, and whether patd-auth and the
// TPM know it.
void check_rollback(const Machine& machine, const client::Dictionary& admin_status,
                    Findings& findings);

// What Manager.Status says to root of who had more at once than one user may.
void check_limited(const client::Dictionary& status, Findings& findings);

// Whether Manager.Status says that secrets in memory are locked.
void check_memory(const client::Dictionary& status, Findings& findings);

struct Space {
    std::uint64_t bytes_free = 0;
    std::uint64_t files_free = 0;  // inodes; not looked at where the file system has none
    bool counts_files = false;
};

// Pure: whether patd can write where it keeps its state.
void check_space(const Space& space, Findings& findings);
// The file system of the state directory.
void check_disk(const Machine& machine, Findings& findings);

}  // namespace patd::cli::doctor
