// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/release/permission_set.h"

#include "common/base/limits.h"

#include <gtest/gtest.h>

namespace patd {
namespace {

using std::string_literals::operator""s;

PermissionList set_list(std::string_view text) {
    return text.empty() ? PermissionList() : parse_permission_list(text).value();
}

std::string hex(const std::optional<std::string>& set) {
    if (!set)
        return "none";
    std::string text;
    for (const char c : *set) {
        constexpr std::string_view kDigits = "0123456789abcdef";
        text += kDigits[static_cast<unsigned char>(c) >> 4];
        text += kDigits[static_cast<unsigned char>(c) & 15];
    }
    return text;
}

TEST(PermissionSet, HasTwoBitsForEachOfTheList) {
    const PermissionList held = set_list("a:b:ro,a:c:rw,a:d:rw,b:e:rw,b:f:rw");
    EXPECT_EQ(hex(encode_permission_set(held, held)), "5501");
    EXPECT_EQ(hex(encode_permission_set(set_list("a:b:ro"), held)), "0100");
    EXPECT_EQ(hex(encode_permission_set(set_list("a:c:ro,b:f:ro"), held)), "0802");
    EXPECT_EQ(hex(encode_permission_set(set_list("a:c,b:e:rw"), held)), "4c00");
}

TEST(PermissionSet, SaysNothingThatTheListCannotSay) {
    const PermissionList held = set_list("a:b:ro,a:c:rw,vcs");
    for (const char* other : {"a:b:rw", "a:b", "a:d:ro", "b:c:rw", "vcs:repository:ro",
                              "vcs:repository", "a", "x", "a:c:ro,x"})
        EXPECT_EQ(hex(encode_permission_set(set_list(other), held)), "none") << other;
}

TEST(PermissionSet, SaysAgainWhatItWasMadeOf) {
    // Names that sort differently once they are narrowed.
    for (const char* lists : {"a:o-x:rw,a:o:rw", "a:o-x:rw,a:o", "a,b:c,b:c-d:ro,d:e:rw"}) {
        const PermissionList held = set_list(lists);
        std::vector<std::vector<std::string>> parts;
        for (const Permission& each : held) {
            std::vector<std::string> names{"", each.text()};
            const std::string& text = each.text();
            const std::string object =
                text.ends_with(":rw") ? text.substr(0, text.size() - 3) : text;
            if (object.find(':') != std::string::npos && !text.ends_with(":ro"))
                names.insert(names.end(),
                             {object + ":ro", object == text ? object + ":rw" : object});
            parts.push_back(names);
        }
        // Every combination of a part of each.
        std::size_t choices = 1;
        for (const auto& names : parts)
            choices *= names.size();
        for (std::size_t choice = 1; choice < choices; ++choice) {
            std::vector<std::string> texts;
            std::size_t rest = choice;
            for (const auto& names : parts) {
                const std::string& name = names[rest % names.size()];
                if (!name.empty())
                    texts.push_back(name);
                rest /= names.size();
            }
            const PermissionList chosen = parse_permissions(texts).value();
            const std::optional<std::string> set = encode_permission_set(chosen, held);
            ASSERT_TRUE(set.has_value()) << format_permissions(chosen);
            EXPECT_EQ(decode_permission_set(*set, held), chosen) << hex(set);
        }
    }
}

TEST(PermissionSet, IsSixteenBytesOfTheLongestList) {
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < limits::kPermissionsPerToken; ++i)
        texts.push_back("a" + std::to_string(100 + i) + ":objects:rw");
    const PermissionList held = parse_permissions(texts).value();
    const std::optional<std::string> set = encode_permission_set(held, held);
    EXPECT_EQ(hex(set), std::string(32, '5'));
    EXPECT_EQ(decode_permission_set(*set, held), held);
}

TEST(PermissionSet, IsRefusedWhereItCannotBeOfThatList) {
    const PermissionList held = set_list("a:b:ro,a:c:rw,vcs");
    EXPECT_TRUE(decode_permission_set("\x15"s, held).has_value());
    // Too few and too many bytes, a fourth of three, parts that an area or one to read does not
    // have.
    for (const std::string& set : {""s, "\x15\0"s, "\x55"s, "\x02"s, "\x03"s, "\x20"s, "\x30"s})
        EXPECT_FALSE(decode_permission_set(set, held).has_value()) << hex(set);
    EXPECT_FALSE(decode_permission_set("\x01"s, PermissionList()).has_value());
}

}  // namespace
}  // namespace patd
