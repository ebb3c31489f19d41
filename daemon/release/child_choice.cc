// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/release/child_choice.h"

#include "daemon/release/permission_set.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace patd {
namespace {

// No secret has a NUL byte, so no secret's digest is ever that of a choice.
constexpr std::string_view kCheckInfo("\0child\0", 7);
constexpr std::string_view kGatewayCheckInfo("\0gateway child\0", 15);

Result<ChildChoice::Check> check_of(const ChildClaims& claims, store::TokenStore& store) {
    std::string text(claims.for_gateway ? kGatewayCheckInfo : kCheckInfo);
    text.append(format_permissions(claims.permissions)).append("\n");
    text.append(claims.target.stored_url()).append("\n").append(claims.audience.text());
    const Digest digest = TRY(store.digest(text));
    ChildChoice::Check check{};
    std::copy_n(digest.begin(), check.size(), check.begin());
    return check;
}

template <typename Matches>
Result<std::uint8_t> index_in(const TargetList& targets, Matches&& matches) {
    const auto at = std::find_if(targets.begin(), targets.end(), matches);
    if (at == targets.end())
        return Errc::InvalidTarget;
    return static_cast<std::uint8_t>(at - targets.begin());
}

std::optional<PermissionList> read_permissions(const ChildChoice& choice, const Token& parent) {
    if (!choice.is_spelled)
        return decode_permission_set(choice.permissions, parent.permissions);
    Result<PermissionList> spelled = parse_permission_list(choice.permissions);
    if (!spelled || !covers(parent.permissions, *spelled))
        return std::nullopt;
    return std::move(*spelled);
}

}  // namespace

Result<ChildChoice> choose(const ChildClaims& claims, const Token& parent,
                           store::TokenStore& store) {
    if (!covers(parent.permissions, claims.permissions))
        return Errc::InvalidPermission;
    ChildChoice choice;
    choice.for_gateway = claims.for_gateway;
    choice.target = TRY(
        index_in(parent.targets, [&](const Target& target) { return target == claims.target; }));
    choice.audience = TRY(index_in(
        parent.targets, [&](const Target& target) { return target.origin() == claims.audience; }));
    choice.check = TRY(check_of(claims, store));
    std::optional<std::string> set = encode_permission_set(claims.permissions, parent.permissions);
    choice.is_spelled = !set;
    choice.permissions = set ? std::move(*set) : format_permissions(claims.permissions);
    return choice;
}

Result<std::optional<ChildClaims>> read_choice(const ChildChoice& choice, const Token& parent,
                                               store::TokenStore& store) {
    const TargetList& targets = parent.targets;
    if (choice.target >= targets.size() || choice.audience >= targets.size())
        return std::optional<ChildClaims>();
    std::optional<PermissionList> permissions = read_permissions(choice, parent);
    if (!permissions)
        return std::optional<ChildClaims>();
    ChildClaims claims{parent.id,
                       parent.generation,
                       0,
                       std::move(*permissions),
                       targets[choice.target],
                       targets[choice.audience].origin(),
                       choice.for_gateway};
    if (TRY(check_of(claims, store)) != choice.check)
        return std::optional<ChildClaims>();
    return std::optional<ChildClaims>(std::move(claims));
}

}  // namespace patd
