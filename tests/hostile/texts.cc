// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/hostile/texts.h"

#include <algorithm>
#include <array>

namespace patd::hostile {
namespace {

using Words = std::vector<std::string_view>;

struct Field {
    std::string_view name;
    Words good;
};

// The names are those of the bus's arguments and options, and of the line socket's attributes.
const std::vector<Field>& fields() {
    static const std::vector<Field> all = {
        {"description", {"laptop", "x", "nightly mirror of everything", "\xc3\xa9t\xc3\xa9"}},
        {"permissions",
         {"vcs:repository:ro", "vcs:repository:rw", "vcs", "vcs:repository", "host:login:rw",
          "mail:mailbox:ro", "mail"}},
        {"permission", {"vcs:repository:ro", "vcs:repository:rw", "mail:mailbox:ro", "vcs"}},
        {"username", {"alice", "x-access-token", "me@example"}},
        {"confirm", {"never", "always"}},
        {"secret-kind", {"text", "aws"}},
        {"secret_kind", {"text", "aws"}},
        {"only-units", {"backup.service", "job@1.service", "a.timer", "-.slice"}},
        {"unit", {"backup.service", "job@1.service"}},
        {"user", {"root", "bin", "nobody", "patd", "mallory", "no-such-user"}},
        {"audience", {"https://h1.example", "https://h2.example:8443"}},
        {"protocol", {"https", "http", "bearer+https", "ssh", "HTTPS", "smtp", "cert"}},
        {"host", {"h1.example", "h2.example:8443", "imported.example", "H1.EXAMPLE", "[::1]"}},
        {"path", {"team/tool.git", "", "team", "team/../x", "%2e%2e/x", "a b*c", "a//b"}},
        {"password", {"secret", "12345678", "pat1_0123456789_abc"}},
        {"token", {"pat1_0123456789_abcdefghijklmnopqrstuvwxyzABCDEFGHIJK", "patc1_x", "secret"}},
        {"service", {"sshd", "nginx", "dovecot"}},
        {"rhost", {"192.0.2.1", "::1", "host.example"}},
        {"ttl", {"1", "300", "3600", "3601", "0", "-1", "99999999999999999999", "1e3", " 5"}},
        {"capability[]", {"authtype", "state"}},
        {"op", {"get", "store", "erase", "capability", "verify", "check"}},
        {"patd", {"1"}},
    };
    return all;
}

constexpr std::array<std::size_t, 30> kLengths = {
    0,   1,   2,   15,  16,   17,   63,   64,   65,   100,  253,  255,  256,  257,   259,
    260, 511, 512, 513, 1023, 1024, 1025, 4095, 4096, 4097, 8191, 8192, 8193, 16384, 16385};
constexpr std::array<std::size_t, 12> kLongLengths = {
    65534, 65535, 65536, 131071, 131072, 131073, 262143, 262144, 262145, 300000, 524288, 1048577};

// Characters that parsers get wrong.
constexpr std::array<std::string_view, 34> kOddLetters = {"a",
                                                          "/",
                                                          ":",
                                                          ".",
                                                          "..",
                                                          "%",
                                                          "%00",
                                                          "%2f",
                                                          "@",
                                                          "=",
                                                          " ",
                                                          "\t",
                                                          "\n",
                                                          "\r",
                                                          "\x01",
                                                          "\x1b[2J",
                                                          "\x7f",
                                                          "\xc2\x80",
                                                          "\xc3\x9f",
                                                          "\xe2\x80\xae",
                                                          "\xef\xbb\xbf",
                                                          "\xef\xbf\xbd",
                                                          "\xf0\x9f\x94\x91",
                                                          "\xf4\x8f\xbf\xbf",
                                                          "'",
                                                          "\"",
                                                          "\\",
                                                          "-",
                                                          "_",
                                                          "*",
                                                          "$(id)",
                                                          "{}",
                                                          "%s%n",
                                                          "xn--"};

}  // namespace

void Texts::learn(std::string word) {
    constexpr std::size_t kWordsMax = 256;
    if (words_.size() >= kWordsMax)
        words_[chance_.below(kWordsMax)] = std::move(word);
    else
        words_.push_back(std::move(word));
}

std::size_t Texts::length(std::size_t most) {
    if (chance_.one_in(8))
        return std::min(most, chance_.pick(kLongLengths));
    if (chance_.one_in(2))
        return std::min(most, chance_.pick(kLengths));
    return chance_.below(std::min<std::size_t>(most, 80) + 1);
}

std::string Texts::letters(std::size_t size) {
    std::string text;
    size = std::min(size, room_);
    room_ -= size;
    if (chance_.one_in(2)) {
        text.assign(size, static_cast<char>('a' + chance_.below(26)));
        return text;
    }
    while (text.size() < size) {
        const std::string_view letter = chance_.pick(kOddLetters);
        text += letter.size() <= size - text.size() ? letter : "a";
    }
    return text;
}

std::string Texts::url() {
    static constexpr std::array<std::string_view, 10> kSchemes = {
        "https://", "bearer+https://", "http://",        "https:",       "",
        "HTTPS://", "smtp://",         "https://alice@", "https://a:b@", "cert:///"};
    static constexpr std::array<std::string_view, 9> kPaths = {
        "",      "/",      "/team",          "/team/tool.git",   "/a//b",
        "/../x", "/x?y#z", "/te%61m/a%20b%", "/%2e%2e/%2F%00%0a"};
    std::string text(chance_.one_in(6) ? chance_.pick(kSchemes) : "https://");
    text += "h" + std::to_string(chance_.below(10)) + ".example";
    if (chance_.one_in(4))
        text += ":" + std::to_string(chance_.below(70000));
    text += chance_.pick(kPaths);
    return chance_.one_in(12) ? text + letters(chance_.pick(kLengths)) : text;
}

std::string Texts::good(std::string_view field) {
    if (field == "url" || field == "targets" || (field == "audience" && chance_.one_in(2)))
        return url();
    for (const Field& known : fields()) {
        if (known.name == field)
            return std::string(chance_.pick(known.good));
    }
    // An id, or anything else that only the service makes.
    return chance_.pick_or(words_, std::string("0123456789"));
}

std::string Texts::odd() {
    switch (chance_.below(4)) {
        case 0:
            return good(chance_.pick(fields()).name);
        case 1:
            return chance_.pick_or(words_, std::string());
        case 2: {
            std::string text = good(chance_.pick(fields()).name);
            // Only among ASCII: elsewhere it could split a character.
            const std::size_t at = chance_.below(text.size() + 1);
            const std::string_view letter = chance_.pick(kOddLetters);
            const bool between = at == text.size() || (text[at] & 0xc0) != 0x80;
            return between ? text.insert(at, letter) : text;
        }
        default:
            return letters(length(300000));
    }
}

std::vector<std::string> Texts::list(std::string_view field) {
    static constexpr std::array<std::size_t, 12> kCounts = {0, 1,  1,  1,  2,  2,
                                                            3, 16, 17, 64, 65, 1025};
    std::vector<std::string> all(chance_.pick(kCounts));
    for (std::string& text : all)
        text = chance_.one_in(12) ? letters(chance_.pick(kLengths)) : good(field);
    return all;
}

}  // namespace patd::hostile
