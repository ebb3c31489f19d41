// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/session/answers.h"
#include "common/base/uid.h"

#include <string>

namespace patd::cli {

struct Account {
    std::string name;
    Uid uid;
};

// The account of that name; or, when there is none, of the number that `name` is: tokens may be
// left of an account that is gone. InvalidUsername: neither.
Result<Account> find_account(const std::string& name);

// Sets the service password of `account` in a conversation with patd-enroll (op=admin of
// docs/step-up-protocol.md), which lets only root through; patd itself has no part in it.
// Unavailable: nobody listens. InsecurePeer: the listener is not root's. The Refused of the
// protocol otherwise.
Result<void> set_password_of(const std::string& socket_path, const Account& account, Asker& asker);

}  // namespace patd::cli
