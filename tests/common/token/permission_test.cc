// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/token/permission.h"

#include "common/base/limits.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace patd {
namespace {

Permission permission(std::string_view text) {
    return Permission::parse(text).value();
}

PermissionList list(std::string_view text) {
    return parse_permission_list(text).value();
}

TEST(Permission, ReadsAreaObjectAndAccess) {
    for (const char* text : {"vcs", "vcs:repository", "vcs:repository:ro", "vcs:repository:rw", "a",
                             "ci-2:build-job:rw", "a1:b2:ro", "read:only:ro"}) {
        const auto parsed = Permission::parse(text);
        ASSERT_TRUE(parsed) << text;
        EXPECT_EQ(parsed->text(), text);
    }
}

TEST(Permission, RefusesWhatIsMalformed) {
    for (const char* text : {"",
                             ":",
                             "::",
                             "vcs:",
                             ":repository",
                             "vcs::rw",
                             "vcs:repository:",
                             "vcs:repository:r",
                             "vcs:repository:wo",
                             "vcs:repository:RW",
                             "vcs:repository:rwx",
                             "vcs:repository:rw:",
                             "vcs:repository:rw:x",
                             "VCS:repository:rw",
                             "vcs:Repository:rw",
                             " vcs:repository:rw",
                             "vcs:repository:rw ",
                             "vcs:repo sitory:rw",
                             "vcs:repository: rw",
                             "1vcs",
                             "-vcs",
                             "vcs:1repo",
                             "vcs:-repo",
                             "vcs_x",
                             "vcs.repository",
                             "vcs/repository",
                             "*",
                             "vcs:*",
                             "vcs:*:rw",
                             "vcs:ro",
                             "vcs:rw",
                             "vcs:rw:rw",
                             "vcs,ci",
                             "v\xc3\xa7s",
                             "vcs\n",
                             "vcs:repository:rw\n",
                             "vcs;ci",
                             "vcs:repository:rw'--"}) {
        const auto parsed = Permission::parse(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().code, Errc::InvalidPermission);
        EXPECT_TRUE(parsed.error().context.empty()) << "no bytes of the peer";
    }
    EXPECT_FALSE(Permission::parse(std::string_view("vcs\0", 4)));
}

TEST(Permission, HasAtMost64Bytes) {
    EXPECT_TRUE(Permission::parse(std::string(limits::kPermissionBytes, 'a')));
    EXPECT_FALSE(Permission::parse(std::string(limits::kPermissionBytes + 1, 'a')));
}

struct CoversCase {
    const char* held;
    const char* wanted;
    bool covers;
};

TEST(Permission, CoversByTheTableOfTheDesign) {
    const CoversCase cases[] = {
        {"vcs:repository:rw", "vcs:repository:rw", true},
        {"vcs:repository:rw", "vcs:repository:ro", true},
        {"vcs:repository:ro", "vcs:repository:rw", false},
        {"vcs:repository:ro", "vcs:repository:ro", true},
        {"vcs:repository", "vcs:repository:ro", true},
        {"vcs:repository", "vcs:repository:rw", true},
        {"vcs:repository:rw", "vcs:repository", true},
        {"vcs:repository:ro", "vcs:repository", false},
        {"vcs:repository:rw", "vcs", false},
        {"vcs", "vcs:repository:rw", true},
        {"vcs", "vcs:repository", true},
        {"vcs", "vcs", true},
        {"vcs:repository", "vcs", false},
        {"vcs:repo", "vcs:repository", false},
        {"vcs:repo", "vcs:repository:rw", false},
        {"vc", "vcs:repository", false},
        {"vcs:repository:rw", "vcs:issue:ro", false},
        {"vcs:repository:rw", "ci:repository:ro", false},
        {"ci", "vcs", false},
        {"vcs-x", "vcs", false},
        {"vcs", "vcs-x:repository:ro", false},
    };
    for (const CoversCase& row : cases)
        EXPECT_EQ(permission(row.held).covers(permission(row.wanted)), row.covers)
            << row.held << " over " << row.wanted;
}

TEST(Permission, CoveringIsReflexiveAndTransitive) {
    const char* const texts[] = {
        "vcs",        "vcs:repository",    "vcs:repository:ro", "vcs:issue:rw",
        "ci",         "vcs:repository:rw", "ci:build",          "ci:build:ro",
        "ci:build:rw"};
    for (const char* a : texts) {
        EXPECT_TRUE(permission(a).covers(permission(a)));
        for (const char* b : texts) {
            for (const char* c : texts) {
                const bool chain =
                    permission(a).covers(permission(b)) && permission(b).covers(permission(c));
                EXPECT_TRUE(!chain || permission(a).covers(permission(c)))
                    << a << " " << b << " " << c;
            }
        }
    }
}

TEST(PermissionList, IsSortedAndWithoutWhatIsCovered) {
    EXPECT_EQ(format_permissions(list("vcs:repository:rw,ci:build:ro,vcs:repository:ro")),
              "ci:build:ro,vcs:repository:rw");
    EXPECT_EQ(format_permissions(list("vcs:repository:rw,vcs,vcs:issue:ro")), "vcs");
    EXPECT_EQ(format_permissions(list("ci,ci,ci")), "ci");
    EXPECT_EQ(format_permissions(list("ci:build:rw,ci:build,ci:build:ro")), "ci:build");
}

// The same result as comparing each with each.
TEST(PermissionList, LeavesOutExactlyWhatAnotherOneCovers) {
    const std::vector<std::string> texts = {"a",      "a-b",    "a:b",     "a:b:ro",
                                            "a:b:rw", "a:b-c",  "a:b0:ro", "a0:b:ro",
                                            "b:b:ro", "b:b:rw", "a-b:c:ro"};
    for (unsigned chosen = 1; chosen < 1U << texts.size(); ++chosen) {
        std::vector<std::string> some;
        for (std::size_t i = 0; i < texts.size(); ++i) {
            if ((chosen >> i & 1U) != 0)
                some.push_back(texts[i]);
        }
        PermissionList all;
        for (const std::string& text : some)
            all.push_back(Permission::parse(text).value());
        std::sort(all.begin(), all.end());
        PermissionList expected;
        for (const Permission& one : all) {
            if (std::none_of(all.begin(), all.end(), [&](const Permission& other) {
                    return other != one && other.covers(one) && (other < one || !one.covers(other));
                }))
                expected.push_back(one);
        }
        ASSERT_EQ(parse_permissions(some).value(), expected) << chosen;
    }
}

TEST(PermissionList, ComesBackFromItsText) {
    for (const char* text : {"vcs", "ci:build:ro,vcs:repository:rw", "a,b,c:d:ro"})
        EXPECT_EQ(format_permissions(list(text)), text);
}

TEST(PermissionList, RefusesNoneAndTooMany) {
    EXPECT_EQ(parse_permissions({}).error().code, Errc::InvalidPermission);
    EXPECT_FALSE(parse_permission_list(""));
    EXPECT_FALSE(parse_permission_list(","));
    EXPECT_FALSE(parse_permission_list("vcs,"));
    EXPECT_FALSE(parse_permission_list("vcs, ci"));
    std::vector<std::string> many;
    for (std::size_t i = 0; i < limits::kPermissionsPerToken; ++i)
        many.push_back("area" + std::to_string(i));
    EXPECT_TRUE(parse_permissions(many));
    many.emplace_back("one-more");
    EXPECT_FALSE(parse_permissions(many));
}

TEST(PermissionList, HasAtMostOneKiBInAll) {
    std::vector<std::string> texts;
    for (char c = 'a'; c < 'a' + 16; ++c)
        texts.push_back(std::string(1, c) + std::string(62, 'x'));
    EXPECT_EQ(format_permissions(parse_permissions(texts).value()).size(), 16U * 64 - 1);
    texts[0] += 'x';
    EXPECT_TRUE(parse_permissions(texts));
    texts[1] += 'x';
    EXPECT_EQ(parse_permissions(texts).error().code, Errc::InvalidPermission);
}

TEST(PermissionList, CoversWhatAnyOfItsMembersCovers) {
    const PermissionList held = list("vcs:repository:rw,ci:build");
    EXPECT_TRUE(covers(held, permission("vcs:repository:ro")));
    EXPECT_FALSE(covers(held, permission("vcs")));
    EXPECT_TRUE(covers(held, list("vcs:repository:ro,ci:build:rw")));
    EXPECT_FALSE(covers(held, list("vcs:repository:ro,wiki")));
    EXPECT_FALSE(covers(PermissionList{}, permission("vcs")));
    EXPECT_TRUE(covers(held, PermissionList{}));
}

}  // namespace
}  // namespace patd
