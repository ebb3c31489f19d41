// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/caller.h"
#include "common/base/result.h"
#include "common/token/token.h"

#include <optional>

namespace patd {

// Who may do what: decided only here, for the bus and the line socket alike. Pure functions;
// whatever they do not name is denied.

// Whether `caller` may use a method or verb of this access level at all. AccessDenied.
Result<void> authorise(const Caller& caller, Access access);

// The same in per-user mode: this one user may do everything that an owner may; nobody is Root.
Result<void> authorise_user(Uid user, const Caller& caller, Access access);

// Whether `caller` may see and touch `token`. "Not yours" is NotFound, as if it did not exist.
Result<void> authorise_owner(const Caller& caller, const Token& token);

// The same if the caller's account is known: a uid that belonged to another account before does not
// inherit its tokens.
Result<void> authorise_owner(const Caller& caller, const std::string& account, const Token& token);

// Whether `caller` may have the service password of `target` checked: root (also for a name that is
// nobody's), or the user itself.
Result<void> authorise_check(const Caller& caller, std::optional<Uid> target);

// Whether `caller`, of that account, may ask for the secrets that go through the gateway: only the
// account that the settings name, and never root, who sees no secret. AccessDenied.
Result<void> authorise_gateway(const Caller& caller, const std::string& account,
                               const std::string& gateway_account);

// Whether `caller` may use an operation that `owner` began: only the same uid on the same
// connection. OperationGone otherwise.
Result<void> authorise_holder(const Caller& caller, const Caller& owner);

}  // namespace patd
