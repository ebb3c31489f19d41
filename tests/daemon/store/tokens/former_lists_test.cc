// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/tokens/former_lists.h"

#include "common/base/limits.h"
#include "common/base/random.h"

#include <gtest/gtest.h>

namespace patd::store {
namespace {

class FormerListsTest : public ::testing::Test {
  protected:
    Token token(std::uint32_t owner = 1000) {
        Token made{TokenId::generate(random_).value(), Uid(owner), "alice"};
        made.permissions = parse_permission_list("a:b:ro").value();
        made.targets = parse_targets({"https://git.example"}).value();
        return made;
    }
    // An edit that takes nothing away.
    Token widen(const Token& before) {
        Token after = before;
        after.permissions = parse_permission_list("a:b:rw").value();
        former_.note(before, after);
        return after;
    }
    std::size_t known(const Token& token) const {
        return former_.find(token.id, token.generation).size();
    }

    SystemRandom random_;
    FormerLists former_;
};

TEST_F(FormerListsTest, KnowWhatATokenHadBeforeNewestFirst) {
    const Token first = token();
    const Token second = widen(first);
    Token third = second;
    third.targets = parse_targets({"https://git.example", "https://two.example"}).value();
    former_.note(second, third);
    const std::vector<TokenPtr> found = former_.find(first.id, first.generation);
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0]->permissions, second.permissions);
    EXPECT_EQ(found[0]->targets, second.targets);
    EXPECT_EQ(found[1]->permissions, first.permissions);
    EXPECT_EQ(known(token()), 0U);
}

TEST_F(FormerListsTest, KeepNothingThatNoChildHangsOn) {
    const Token before = token();
    Token after = before;
    after.description = "another name";
    after.expires = 1;
    former_.note(before, after);
    after.permissions = parse_permission_list("a:b:rw").value();
    ++after.generation;
    former_.note(before, after);
    EXPECT_EQ(known(before), 0U);
    Token imported = before;
    imported.kind = TokenKind::Imported;
    widen(imported);
    EXPECT_EQ(known(imported), 0U);
    widen(before);
    Token later = before;
    ++later.generation;
    EXPECT_EQ(known(before), 1U);
    EXPECT_EQ(known(later), 0U);
}

TEST_F(FormerListsTest, OfOneOwnerPushOutNobodyElses) {
    const Token of_alice = token();
    widen(of_alice);
    std::vector<Token> of_bob;
    for (std::size_t i = 0; i < 2 * limits::kFormerLists; ++i) {
        of_bob.push_back(token(1001));
        widen(of_bob.back());
    }
    EXPECT_EQ(known(of_alice), 1U);
    std::size_t kept = 0;
    for (const Token& each : of_bob)
        kept += known(each);
    EXPECT_EQ(kept, limits::kFormerListsPerUser);
    EXPECT_EQ(known(of_bob.back()), 1U);
}

TEST_F(FormerListsTest, AreSoManyInAll) {
    std::vector<Token> all;
    for (std::uint32_t i = 0; i < 2 * limits::kFormerLists; ++i) {
        all.push_back(token(1000 + i));
        widen(all.back());
    }
    std::size_t kept = 0;
    for (const Token& each : all)
        kept += known(each);
    EXPECT_EQ(kept, limits::kFormerLists);
    EXPECT_EQ(known(all.front()), 0U);
    EXPECT_EQ(known(all.back()), 1U);
}

}  // namespace
}  // namespace patd::store
