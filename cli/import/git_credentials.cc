// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/import/git_credentials.h"

#include <charconv>

namespace patd::cli {
namespace {

// The four parts, still encoded.
struct Url {
    std::string_view protocol;
    std::string_view username;
    std::string_view secret;
    std::string_view host;
    std::string_view path;
};

std::optional<Url> divide(std::string_view line) {
    constexpr std::string_view kSeparator = "://";
    const std::size_t protocol = line.find(kSeparator);
    if (protocol == std::string_view::npos)
        return std::nullopt;
    const std::string_view rest = line.substr(protocol + kSeparator.size());
    const std::size_t at = rest.find('@');
    const std::size_t colon = rest.find(':');
    const std::size_t slash = rest.find_first_of("/?#");
    if (at == std::string_view::npos || colon > at || slash < at)
        return std::nullopt;
    Url url{line.substr(0, protocol),
            rest.substr(0, colon),
            rest.substr(colon + 1, at - colon - 1),
            rest.substr(at + 1),
            {}};
    if (slash != std::string_view::npos) {
        url.host = rest.substr(at + 1, slash - at - 1);
        url.path = rest.substr(slash);
    }
    return url;
}

// Calls `take` with each byte; false for a `%` that is no escape.
template <typename Take>
bool decode(std::string_view text, Take take) {
    constexpr std::size_t kEscape = 3;
    while (!text.empty()) {
        if (text.front() != '%') {
            take(text.front());
            text.remove_prefix(1);
            continue;
        }
        unsigned char byte = 0;
        const char* digits = text.data() + 1;
        if (text.size() < kEscape ||
            std::from_chars(digits, digits + 2, byte, 16).ptr != digits + 2)
            return false;
        take(static_cast<char>(byte));
        text.remove_prefix(kEscape);
    }
    return true;
}

std::optional<std::string> decoded(std::string_view text) {
    std::string bytes;
    if (!decode(text, [&](char byte) { bytes += byte; }))
        return std::nullopt;
    return bytes;
}

Result<void> add_line(std::size_t number, std::string_view line, SecretBuffer& secret,
                      Credentials& credentials) {
    const Error other_form =
        at_line(number, Errc::MalformedRequest, "not of the form https://USER:SECRET@HOST");
    const std::optional<Url> url = divide(line);
    if (!url)
        return other_form;
    const std::optional<std::string> username = decoded(url->username);
    const std::optional<std::string> host = decoded(url->host);
    const std::optional<std::string> path = decoded(url->path);
    secret.wipe();
    const bool good = decode(
        url->secret, [&](char byte) { (void)secret.append(std::span<const char>(&byte, 1)); });
    if (!username || !host || !path || !good)
        return other_form;
    return credentials.add(number, {url->protocol, *host, *path, *username, secret.expose()});
}

}  // namespace

Result<void> parse_git_credentials(std::string_view text, Credentials& credentials) {
    SecretBuffer secret(text.size());
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = text.find('\n');
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (!line.empty())
            TRY(add_line(number, line, secret, credentials));
    }
    return {};
}

}  // namespace patd::cli
