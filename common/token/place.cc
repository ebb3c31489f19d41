// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/token/place.h"

#include "common/base/limits.h"
#include "common/token/foreign_token.h"
#include "common/token/token.h"
#include "common/token/url.h"

#include <algorithm>

namespace patd {
namespace {

Result<std::optional<std::string>> read_username(const UrlParts& parts,
                                                 const std::optional<std::string>& username) {
    if (parts.username.value_or("").empty())
        return username;
    const Result<std::string> named = parse_username(decode_url(*parts.username));
    if (!named)
        return Error{named.error().code, "user: the URL's name before @ cannot be one"};
    if (looks_like_token(*named))
        return Error{Errc::TokenAsUsername,
                     "user: there is a token before the @; import it as the secret, and change it "
                     "if others saw it"};
    if (username && *username != *named)
        return Error{Errc::InvalidUsername,
                     "user: the URL's name before @ is a different one; give only one"};
    return std::optional(*named);
}

// git removes leading and trailing slashes before it decodes, and trailing ones again afterwards.
std::string read_remote_path(std::string_view path) {
    path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
    std::string decoded = decode_url(path);
    while (decoded.size() > 1 && decoded.ends_with('/'))
        decoded.pop_back();
    return decoded;
}

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte == 0x7f;
    });
}

}  // namespace

Result<Place> parse_place(std::string_view text, const std::optional<std::string>& username) {
    const UrlParts parts = TRY(divide_url(text));
    TRY(refuse_password(parts));
    Target target = TRY(Target::read(parts));
    std::optional<std::string> named = TRY(read_username(parts, username));
    return Place{std::move(target), std::move(named)};
}

Result<Remote> parse_remote(std::string_view text, const std::optional<std::string>& username) {
    const UrlParts parts = TRY(divide_url(text));
    TRY(refuse_password(parts));
    if (parts.password)
        return url_fault(
            "user: leave out the : before the @; git takes it for an empty password, and asks "
            "nobody");
    UrlParts host = parts;
    host.path = "";
    Origin origin = TRY(Target::read(host)).origin();
    std::optional<std::string> named = TRY(read_username(parts, username));
    const std::string decoded = read_remote_path(parts.path);
    if (has_control(decoded))
        return url_fault("path: leave out control characters; git asks for nothing with them");
    constexpr std::string_view kKey = "path=";  // with it, it is a line of a request
    if (decoded.size() + kKey.size() >= limits::kLineBytes)
        return url_fault("path: it is too long to be asked for");
    const Result<std::string> path = parse_path(decoded);
    if (path)
        return Remote{std::move(origin), *path, std::move(named)};
    constexpr std::string_view kPart = "path: ";
    return Remote{std::move(origin), "", std::move(named),
                  path.error().context.substr(kPart.size())};
}

}  // namespace patd
