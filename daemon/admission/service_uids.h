// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/uid.h"
#include "daemon/admission/accounts.h"

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace patd {

// Which uids are services, such as nginx, dovecot or sshd: those below the login range (including
// root), which no user can get, and the accounts that ServiceAccounts= names. Their share of the
// line socket is theirs alone (docs/adr/0018). Thread rule: the loop's thread.
class ServiceUids {
  public:
    // `login_uid_min`: the first uid of the login range.
    ServiceUids(Accounts& accounts, std::uint32_t login_uid_min)
        : accounts_(accounts), login_uid_min_(login_uid_min) {}

    // Their uids are looked up off the loop.
    void set_named(std::vector<std::string> names);
    // A named account counts as soon as its uid or its name is known. If both are, the name
    // decides.
    bool has(Uid uid);

  private:
    Accounts& accounts_;
    std::uint32_t login_uid_min_;
    std::vector<std::string> named_;
    // Of `named_`; each list has its own set, so that late answers for an older list change
    // nothing.
    std::shared_ptr<std::set<Uid>> uids_ = std::make_shared<std::set<Uid>>();
};

// UID_MIN of login.defs(5) below `root` ("" is /); 1000 if not set. Blocks on the disk.
std::uint32_t read_login_uid_min(const std::string& root);

}  // namespace patd
