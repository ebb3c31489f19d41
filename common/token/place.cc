// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/token/place.h"

#include "common/token/foreign_token.h"
#include "common/token/token.h"
#include "common/token/url.h"

namespace patd {

Result<Place> parse_place(std::string_view text, const std::optional<std::string>& username) {
    const UrlParts parts = TRY(divide_url(text));
    TRY(refuse_password(parts));
    Target target = TRY(Target::read(parts));
    if (parts.username.value_or("").empty())
        return Place{std::move(target), username};
    const Result<std::string> named = parse_username(decode_url(*parts.username));
    if (!named)
        return Error{named.error().code, "user: the URL's name before @ cannot be one"};
    if (looks_like_token(*named))
        return Error{Errc::TokenAsUsername,
                     "user: a token stands before the @; import it as the secret, and change it "
                     "if others saw it"};
    if (username && *username != *named)
        return Error{Errc::InvalidUsername, "user: the URL's name before @ is another; give one"};
    return Place{std::move(target), *named};
}

}  // namespace patd
