// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/context/bouncer.h"

namespace patd {
namespace {

// The uid that the kernel shows for a peer without a mapping here (user namespaces), and the "no
// change" value: never a real user.
bool is_nobody(Uid uid) {
    return uid.value() == 65534 || uid.value() == 65535 || uid.value() == 0xffffffffU;
}

bool is_allowed(const Caller& caller, Access access) {
    if (is_nobody(caller.uid))
        return false;
    switch (access) {
        case Access::Anyone:
        case Access::Holder:
            return true;
        case Access::Owner:
            return caller.uid.may_own_tokens();
        case Access::Root:
            return caller.uid.is_root();
    }
    return false;
}

}  // namespace

Result<void> authorise(const Caller& caller, Access access) {
    if (is_allowed(caller, access))
        return {};
    return Errc::AccessDenied;
}

Result<void> authorise_user(Uid user, const Caller& caller, Access access) {
    if (caller.uid == user && access != Access::Root)
        return {};
    return Errc::AccessDenied;
}

Result<void> authorise_owner(const Caller& caller, const Token& token) {
    if (token.owner == caller.uid)
        return {};
    return Errc::NotFound;
}

Result<void> authorise_owner(const Caller& caller, const std::string& account, const Token& token) {
    TRY(authorise_owner(caller, token));
    if (token.owner_name == account)
        return {};
    return Errc::NotFound;
}

Result<void> authorise_check(const Caller& caller, std::optional<Uid> target) {
    if (caller.uid.is_root() || caller.uid == target)
        return {};
    return Errc::AccessDenied;
}

Result<void> authorise_gateway(const Caller& caller, const std::string& account,
                               const std::string& gateway_account) {
    if (!caller.uid.is_root() && account == gateway_account)
        return {};
    return Errc::AccessDenied;
}

Result<void> authorise_holder(const Caller& caller, const Caller& owner) {
    if (caller.uid == owner.uid && caller.connection == owner.connection)
        return {};
    return Errc::OperationGone;
}

}  // namespace patd
