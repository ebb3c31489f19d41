// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/hostile/line_messages.h"

#include "common/base/errc.h"
#include "common/base/limits.h"
#include "common/token/token_string.h"

#include <algorithm>
#include <array>
#include <vector>

namespace patd::hostile {
namespace {

using Keys = std::vector<std::string_view>;

struct Verb {
    std::string_view name;
    Keys always;
    Keys maybe;
};

const std::vector<Verb>& verbs() {
    static const std::vector<Verb> all = {
        {"get",
         {"protocol", "host"},
         {"path", "username", "permission", "ttl", "audience", "capability[]", "state[]",
          "secret_kind"}},
        {"get", {"url"}, {"protocol", "host", "path", "username"}},
        {"store", {"protocol", "host", "path", "username", "password"}, {"state[]"}},
        {"erase", {"protocol", "host", "path", "username", "password"}, {"state[]"}},
        {"capability", {}, {"host"}},
        {"verify", {"token"}, {"permission", "audience", "user", "service", "rhost"}},
        {"verify", {"tokens"}, {"permission", "audience", "user", "service", "rhost"}},
        {"check", {"user", "password"}, {"service", "rhost"}},
        {"exchange", {"token", "host"}, {"method", "target"}}};
    return all;
}

constexpr std::array<std::string_view, 23> kReplyKeys = {
    "username",  "password",     "password_expiry_utc",
    "version",   "capability[]", "valid",
    "id",        "kind",         "uid",
    "user",      "reason",       "permissions",
    "expires",   "result[]",     "error",
    "text",      "quit",         "authtype",
    "ephemeral", "credential",   "continue",
    "state[]",   "session_token"};

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

// A value that the format can carry.
std::string on_one_line(std::string text) {
    constexpr std::size_t kValueBytes = 40000;
    std::erase_if(text, is_control);
    return text.substr(0, kValueBytes);
}

std::optional<std::string> fault_of_line(std::string_view line) {
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos || std::any_of(line.begin(), line.end(), is_control))
        return "a line of a reply is none";
    const std::string_view key = line.substr(0, equals);
    const std::string_view value = line.substr(equals + 1);
    if (std::find(kReplyKeys.begin(), kReplyKeys.end(), key) == kReplyKeys.end())
        return "a reply has the unknown key " + std::string(key.substr(0, 40));
    if (key != "error")
        return std::nullopt;
    const std::optional<Errc> code = errc_from_name(value);
    if (!code || *code == Errc::Internal || *code == Errc::Corrupt)
        return "a reply is the error " + std::string(value.substr(0, 40));
    return std::nullopt;
}

}  // namespace

// A child of an existing form, with the right checksum, so that it is opened.
std::string LineMessages::child() {
    static constexpr std::array<std::string_view, 6> kForms = {"AA", "AQ", "Ag", "Aw", "BA", "BQ"};
    static constexpr std::array<std::size_t, 6> kLengths = {0, 20, 58, 80, 113, 600};
    std::string text(kChildPrefix);
    text += chance_.pick(kForms);
    for (std::size_t left = chance_.pick(kLengths) + chance_.below(4); left > 0; --left)
        text += "AQgwabcXYZ0123456789-_"[chance_.one_in(2) ? 0 : chance_.below(22)];
    std::array<char, kChecksumDigits> checksum{};
    write_checksum(crc32(text), checksum);
    return text.append(checksum.data(), checksum.size());
}

std::string LineMessages::secret() {
    if (chance_.one_in(4))
        return child();
    static constexpr std::array<std::string_view, 5> kForms = {"pat1_", "patc1_", "pat_", "ghp_",
                                                               ""};
    std::string text(chance_.pick(kForms));
    text += texts_.good("id");
    text += "_";
    for (std::size_t i = chance_.one_in(4) ? texts_.length(300) : 43; i > 0; --i)
        text += "abcXYZ0123456789-_"[chance_.below(18)];
    return text;
}

std::string LineMessages::value_of(std::string_view key) {
    if (key == "token")
        return secret();
    if (key == "tokens") {
        static constexpr std::array<std::size_t, 8> kCounts = {0, 1, 2, 3, 16, 255, 256, 257};
        std::string all;
        for (std::size_t i = chance_.pick(kCounts); i > 0; --i)
            all += secret() + (i > 1 ? " " : "");
        return all;
    }
    // Wrong ones are soon slowed down, and then nothing beyond is reached any more.
    if (key == "password" && !password_.empty() && !chance_.one_in(16))
        return password_;
    texts_.set_room(4000);
    return chance_.one_in(8) ? texts_.odd() : texts_.good(key);
}

std::string LineMessages::good() {
    const Verb& verb = chance_.pick(verbs());
    std::string text = "patd=1\nop=" + std::string(verb.name) + "\n";
    const auto add = [&](std::string_view key) {
        text += std::string(key) + "=" + on_one_line(value_of(key)) + "\n";
    };
    for (const std::string_view key : verb.always)
        add(key);
    for (const std::string_view key : verb.maybe) {
        if (chance_.one_in(4))
            add(key);
    }
    return text + "\n";
}

std::string LineMessages::long_line() {
    static constexpr std::array<std::size_t, 9> kSizes = {4000,  16384,  65533,  65534, 65535,
                                                          65536, 131071, 131072, 200000};
    const std::size_t size = chance_.pick(kSizes);
    std::string line = chance_.one_in(2) ? "host=" : "x=";
    line.resize(std::max(size, line.size()), 'a');
    return line + "\n";
}

void LineMessages::damage_bytes(std::string& text) {
    const std::size_t at = chance_.below(text.size());
    switch (chance_.below(4)) {
        case 0:
            text[at] = chance_.byte();
            break;
        case 1:
            text[at] = static_cast<char>(text[at] ^ (1 << chance_.below(8)));
            break;
        case 2:
            text.insert(at, 1, chance_.pick(std::string_view("\0\r\n\x01\x7f=[]\x80\xff", 10)));
            break;
        default:
            text.erase(at, chance_.between(1, 8));
    }
}

void LineMessages::damage(std::string& text) {
    // After its first line, where most of the reading happens.
    const std::size_t at = text.find('\n') + 1;
    switch (chance_.below(7)) {
        case 0:
            text.insert(at, long_line());
            break;
        case 1: {  // more attributes than allowed
            std::string many;
            for (std::size_t i = chance_.between(58, 70); i > 0; --i)
                many += (chance_.one_in(2) ? "a[]" : "k" + std::to_string(i)) + "=v\n";
            text.insert(at, many);
            break;
        }
        case 2:  // a line twice
            text.insert(at, text.substr(at, text.find('\n', at) + 1 - at));
            break;
        case 3: {
            texts_.set_room(70000);
            text.insert(at, texts_.odd() + "=" + texts_.odd() + "\n");
            break;
        }
        case 4:  // any prefix
            text.resize(chance_.below(text.size()) + 1);
            break;
        default:
            damage_bytes(text);
    }
}

std::string LineMessages::damaged() {
    std::string text = good();
    for (std::size_t i = chance_.between(1, 4); i > 0 && !text.empty(); --i)
        damage(text);
    return text;
}

std::string LineMessages::bytes() {
    std::string text(texts_.length(300000), '\0');
    for (char& c : text)
        c = chance_.byte();
    return text;
}

void LineMessages::learn(std::string_view replies) {
    for (const std::string_view key : {"\nstate[]=", "\npassword="}) {
        const std::size_t at = replies.find(key);
        if (at == std::string_view::npos)
            continue;
        const std::string_view value = replies.substr(at + key.size());
        texts_.learn(std::string(value.substr(0, value.find('\n'))));
    }
}

LineReplies judge_replies(std::string_view bytes) {
    LineReplies replies;
    bool fails = false;
    while (!bytes.empty()) {
        const std::size_t end = bytes.find('\n');
        replies.cut = end == std::string_view::npos;
        if (replies.cut)
            break;
        const std::string_view line = bytes.substr(0, end);
        bytes.remove_prefix(end + 1);
        if (line.empty()) {
            ++replies.whole;
            fails = false;
            continue;
        }
        replies.cut = true;  // until its blank line comes
        if (!replies.fault)
            replies.fault = fault_of_line(line);
        const bool of_error =
            line.starts_with("error=") || line.starts_with("text=") || line == "quit=1";
        if (fails && !of_error)
            replies.fault = "an error says more than its text";
        fails = fails || line.starts_with("error=");
    }
    return replies;
}

}  // namespace patd::hostile
