// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"

#include <charconv>
#include <optional>
#include <string>
#include <string_view>

namespace patd {

// A URL, divided where git divides it and not decoded: views into the text. The only reader of
// URLs; target.h and place.h define what its parts mean.
struct UrlParts {
    std::string_view scheme;                        // before "://", as written
    std::optional<std::string_view> username = {};  // set if an @ ends it
    std::optional<std::string_view> password = {};  // a secret: never into an error or a log
    std::string_view host = {};                     // with its port, as written
    std::string_view path = {};                     // from its first '/', '?' or '#' on
};

// A fault of a URL: InvalidTarget, whose context is `why`, a constant sentence that begins with the
// faulty part (scheme, user, host, port or path) and ends with what to write instead.
Error url_fault(const char* why);

// Faults: no scheme; a `\` in the user.
Result<UrlParts> divide_url(std::string_view text);

// Fault of the user: the URL holds a password.
Result<void> refuse_password(const UrlParts& parts);

// Gives `take` each byte of `text`, with percent escapes decoded as git does: anything that is not
// an escape, and %00, stays unchanged.
template <typename Take>
void decode_url(std::string_view text, Take take) {
    constexpr std::size_t kEscape = 3;
    while (!text.empty()) {
        unsigned char byte = 0;
        const bool is_escape =
            text.front() == '%' && text.size() >= kEscape &&
            std::from_chars(text.data() + 1, text.data() + kEscape, byte, 16).ptr ==
                text.data() + kEscape &&
            byte != 0;
        take(is_escape ? static_cast<char>(byte) : text.front());
        text.remove_prefix(is_escape ? kEscape : 1);
    }
}

std::string decode_url(std::string_view text);

// The decoded path of a URL as a target's text spells it, in its only form: unchanged, except that
// blanks and `%*#?\` are escaped in upper case.
std::string encode_url_path(std::string_view path);

// A user name as a URL holds it before the `@`: unchanged are letters, digits and `-._~`.
std::string encode_url_username(std::string_view username);

}  // namespace patd
