// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/token/url.h"

#include <algorithm>

namespace patd {
namespace {

constexpr char kNoScheme[] =
    "scheme: begin with https:// (a remote like git@host:path is ssh, which takes no token)";

void append_byte(std::string& text, char c, bool escaped) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(c);
    text += escaped ? std::string{'%', kHex[byte >> 4], kHex[byte & 0xf]} : std::string(1, c);
}

}  // namespace

Error url_fault(const char* why) {
    return {Errc::InvalidTarget, why};
}

Result<UrlParts> divide_url(std::string_view text) {
    constexpr std::string_view kSchemeEnd = "://";
    const std::size_t separator = text.find(kSchemeEnd);
    if (separator == std::string_view::npos)
        return url_fault(kNoScheme);
    const std::string_view rest = text.substr(separator + kSchemeEnd.size());
    const char* const path = std::find_if(rest.begin(), rest.end(), [](char byte) {
        return byte == '/' || byte == '?' || byte == '#';
    });
    UrlParts parts{text.substr(0, separator)};
    parts.host = {rest.begin(), path};
    parts.path = {path, rest.end()};
    const std::size_t at = parts.host.find('@');
    if (at == std::string_view::npos)
        return parts;
    std::string_view username = parts.host.substr(0, at);
    parts.host.remove_prefix(at + 1);
    // Browsers read it as a slash, so that the host would be another one.
    if (username.find('\\') != std::string_view::npos)
        return url_fault("user: write a \\ in a user name or password as %5C");
    if (const std::size_t colon = username.find(':'); colon != std::string_view::npos) {
        parts.password = username.substr(colon + 1);
        username = username.substr(0, colon);
    }
    parts.username = username;
    return parts;
}

Result<void> refuse_password(const UrlParts& parts) {
    if (parts.password && !parts.password->empty())
        return url_fault(
            "user: there is a password before the @; leave it out, and change it if "
            "others saw it");
    return {};
}

std::string decode_url(std::string_view text) {
    std::string bytes;
    decode_url(text, [&](char byte) { bytes += byte; });
    return bytes;
}

std::string encode_url_path(std::string_view path) {
    constexpr std::string_view kEscaped = " %*#?\\";
    std::string text;
    for (const char c : path)
        append_byte(text, c, kEscaped.find(c) != std::string_view::npos);
    return text;
}

std::string encode_url_username(std::string_view username) {
    constexpr std::string_view kPlain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
        "0123456789-._~";
    std::string text;
    for (const char c : username)
        append_byte(text, c, kPlain.find(c) == std::string_view::npos);
    return text;
}

}  // namespace patd
