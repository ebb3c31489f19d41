// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/token/derivation.h"

#include "common/base/limits.h"

#include <gtest/gtest.h>

namespace patd {
namespace {

constexpr char kTarget[] = "https://git.example/team";

TEST(Derivation, SaysWhatAChildIsGoodForAndComesBackFromItsText) {
    const std::string text = format_derivation({kTarget, 600, 3, "vcs:repository:ro"});
    EXPECT_EQ(text, "https://git.example/team (child, 600s, generation 3: vcs:repository:ro)");
    const std::optional<Derivation> parsed = parse_derivation(text);
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(parsed->target, kTarget);
    EXPECT_EQ(parsed->seconds, 600);
    EXPECT_EQ(parsed->generation, 3U);
    EXPECT_EQ(parsed->permissions, "vcs:repository:ro");
}

TEST(Derivation, FitsAnEventWhateverItIsOf) {
    for (const std::size_t size : {0U, 100U, 127U, 128U, 129U, 130U, 131U, 500U}) {
        std::string target = "https://git.example/";
        while (target.size() < size)
            target += "\u00fc";
        for (const std::size_t list : {1U, 60U, 100U, 200U, 1024U}) {
            const std::string text =
                format_derivation({target, 3600, 4294967295U, std::string(list, 'a')});
            EXPECT_LE(text.size(), limits::kAuditTextBytes);
            const std::optional<Derivation> parsed = parse_derivation(text);
            ASSERT_TRUE(parsed.has_value()) << text;
            EXPECT_EQ(parsed->seconds, 3600);
            EXPECT_EQ(parsed->generation, 4294967295U);
            EXPECT_TRUE(parsed->target == target || parsed->target.ends_with("...")) << text;
            // The cut split no character: 20 bytes of ASCII, then two per character.
            if (parsed->target != target) {
                EXPECT_EQ((parsed->target.size() - 3 - 20) % 2, 0U) << text;
            }
            EXPECT_TRUE(parsed->permissions.size() == list || parsed->permissions.ends_with("..."));
        }
    }
}

TEST(Derivation, IsNothingInAnEventOfAnotherForm) {
    const std::string whole = format_derivation({kTarget, 600, 3, "vcs:repository:ro"});
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_FALSE(parse_derivation(whole.substr(0, size)).has_value()) << size;
    for (const char* text : {kTarget, "sshd from host", "x (child, s, generation 3: a)",
                             "x (child, 6s, generation : a)", "x (child, -1s, generation -1: a)",
                             "x (child, 99999999999999999999s, generation 1: a)"})
        EXPECT_FALSE(parse_derivation(text).has_value()) << text;
}

}  // namespace
}  // namespace patd
