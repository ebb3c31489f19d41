// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/import/git_credentials.h"

#include "common/token/foreign_token.h"
#include "common/token/url.h"

#include <algorithm>
#include <charconv>

namespace patd::cli {
namespace {

constexpr std::string_view kSpaceOrTab = " \t";
constexpr char kForm[] = "not of the form https://USER:SECRET@HOST";

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

// Whether a part of what should stand before the @ went into the path: git divides there.
bool is_cut_short(const UrlParts& url) {
    return !url.username && url.path.find('@') != std::string_view::npos &&
           url.host.find(':') != std::string_view::npos;
}

class SecretLines {
  public:
    SecretLines(std::size_t bytes, Credentials& credentials)
        : username_(bytes), secret_(bytes), credentials_(credentials) {}

    void add(std::size_t number, std::string_view line) {
        if (line.find_first_not_of(kSpaceOrTab) == std::string_view::npos)
            return;
        if (line.starts_with('#'))
            return credentials_.pass_over_for_good(number, "a comment");
        if (kSpaceOrTab.find(line.front()) != std::string_view::npos ||
            kSpaceOrTab.find(line.back()) != std::string_view::npos)
            return credentials_.fault(number, Errc::MalformedRequest,
                                      "it starts or ends with a blank; remove that");
        const Result<UrlParts> url = divide_url(line);
        if (!url || url->scheme.empty())
            return credentials_.fault(number, Errc::MalformedRequest, kForm);
        add(number, *url);
    }

  private:
    void add(std::size_t number, const UrlParts& url) {
        if (url.host.find('@') != std::string_view::npos)
            return credentials_.fault(number, Errc::InvalidTarget,
                                      "an @ in the user name or the password must be written as "
                                      "%40");
        if (is_cut_short(url))
            return credentials_.fault(number, Errc::MalformedRequest,
                                      "a /, ? or # in the user name or the password must be "
                                      "written as %2F, %3F or %23");
        const std::optional<std::string> host = decoded(url.host);
        const std::optional<std::string> path = decoded(url.path);
        if (!host || !path || !decode_into(username_, url.username.value_or("")) ||
            !decode_into(secret_, url.password.value_or("")))
            return credentials_.fault(number, Errc::MalformedRequest,
                                      "a % that starts no escape must be written as %25");
        const std::string_view username(username_.reveal().data(), username_.size());
        if (secret_.empty() && looks_like_token(username))
            return credentials_.fault(number, Errc::InvalidUsername,
                                      "its user name looks like a token, and it has no password; "
                                      "write https://x-access-token:TOKEN@HOST");
        if (!url.username || secret_.empty())
            return credentials_.pass_over(
                number, url.username ? "it has no password" : "it has no user name");
        credentials_.add(number, {url.scheme, *host, *path, username, secret_.reveal()});
    }
    static bool decode_into(SecretBuffer& into, std::string_view text) {
        into.wipe();
        return decode(text, [&](char byte) { (void)into.append(std::span<const char>(&byte, 1)); });
    }

    SecretBuffer username_;  // may be a token
    SecretBuffer secret_;
    Credentials& credentials_;
};

}  // namespace

void parse_git_credentials(std::string_view text, Credentials& credentials) {
    SecretLines lines(text.size(), credentials);
    std::size_t windows = 0;  // the first line that ends as there
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (line.ends_with('\r')) {
            line.remove_suffix(1);
            windows = windows == 0 ? number : windows;
        }
        lines.add(number, line);
    }
    if (windows != 0)
        credentials.note(windows, "it ends in CR LF, which git-credential-store does not read");
}

}  // namespace patd::cli
