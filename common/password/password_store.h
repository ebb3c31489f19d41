// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/password/account.h"
#include "common/password/state_directory.h"
#include "common/password/yescrypt.h"

#include <optional>
#include <string>

namespace patd::password {

enum class Existing { Keep, Replace };

// The service passwords of this machine: DIRECTORY/passwords/UID, one line-format message each
// (docs/step-up-protocol.md). The process must run as the directory's owner, or as root. At most
// kConcurrentHashes checks run at once on the machine; others wait for their turn.
// Thread rule: one at a time; any number of processes.
class PasswordStore {
  public:
    struct Options {
        std::string directory;
        std::optional<int> cost;  // of new hashes; unset: the machine's own, kept in `hash-cost`
    };

    // Unavailable: as StateDirectory::open.
    static Result<PasswordStore> open(const Options& options);

    // Whether `account` has a service password. The file of an earlier account with this uid does
    // not count. Corrupt: something there is not a password file.
    Result<bool> has_password(const Account& account) const;

    // Checks `password`. Errors: WrongPassword, NoServicePassword (both after one hash of the same
    // cost), InvalidPassword (at once), Corrupt, Unavailable. If the password is right but its hash
    // is weaker than this machine's cost, it is hashed again.
    Result<void> check(const Account& account, const ServicePassword& password) const;
    // Costs as much as `check`, for an account that does not exist; always WrongPassword or an
    // error.
    Result<void> check_absent(const ServicePassword& password) const;

    // Sets a new password, if it meets the rules. Errors: PasswordNotAccepted (the rules, or the
    // same as the old one), AccessDenied (there already is one, and Existing::Keep), Unavailable.
    Result<void> set(const Account& account, const ServicePassword& password,
                     Existing existing) const;

  private:
    struct Record {
        PasswordHash hash;
        UnixTime changed = 0;
    };

    PasswordStore(StateDirectory state, StateDirectory passwords, std::optional<int> cost)
        : state_(std::move(state)), passwords_(std::move(passwords)), cost_(cost) {}

    Result<Record> read(const Account& account) const;
    Result<void> write(const Account& account, const Record& record) const;
    void strengthen(const Account& account, const ServicePassword& password, Record record) const;
    Result<UniqueFd> take_hashing_slot() const;
    int cost() const;
    Result<int> ensure_cost() const;
    std::optional<int> stored_cost() const;

    StateDirectory state_;
    StateDirectory passwords_;
    std::optional<int> cost_;
};

}  // namespace patd::password
