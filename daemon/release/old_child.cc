// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/release/old_child.h"

#include "daemon/release/body_reader.h"

namespace patd {
namespace {

Result<std::string_view> read_text(BodyReader& reader) {
    return reader.bytes(TRY(reader.number(2)));
}

Result<ChildClaims> read_body(std::string_view body) {
    BodyReader reader(body);
    if (TRY(reader.number(1)) != static_cast<std::uint64_t>(kOldChildForm))
        return Errc::NotFound;
    const std::optional<TokenId> parent = TokenId::parse(TRY(reader.bytes(TokenId::kDigits)));
    const std::uint64_t generation = TRY(reader.number(4));
    const std::uint64_t expires = TRY(reader.number(8));
    const std::string_view permissions = TRY(read_text(reader));
    Target target = TRY(Target::parse_stored(TRY(read_text(reader))));
    Origin audience = TRY(Origin::parse(TRY(read_text(reader))));
    if (!parent || !reader.rest().empty())
        return Errc::NotFound;
    return ChildClaims{*parent,
                       static_cast<std::uint32_t>(generation),
                       static_cast<UnixTime>(expires),
                       TRY(parse_permission_list(permissions)),
                       std::move(target),
                       std::move(audience),
                       false};
}

}  // namespace

Result<ChildClaims> read_old_child(std::string_view body) {
    Result<ChildClaims> claims = read_body(body);
    if (!claims)
        return Errc::NotFound;
    return claims;
}

}  // namespace patd
