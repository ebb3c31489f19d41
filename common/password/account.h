// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"
#include "common/base/uid.h"

#include <string>
#include <string_view>

namespace patd::password {

// An account as NSS knows it.
struct Account {
    Uid uid;
    unsigned gid;
    std::string name;
};

// The account with exactly the name `name`: NSS modules that fold case, trim or know aliases answer
// with another pw_name, which counts as not found. Errors: NotFound; InvalidUsername (empty, over
// 256 bytes, or with a control byte); Unavailable (NSS failed). May block on NSS.
Result<Account> find_account(std::string_view name);

}  // namespace patd::password
