// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/cli/support.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

using Texts = std::vector<std::string>;

TEST(Delete, DeletesAfterThePassword) {
    const Scratch password("swordfish\n");
    Patctl patctl({.prompts = {{"secret", "Password: "}}, .result = dictionary({{"id", kSomeId}})});
    const Ran ran = patctl.run({"delete", kSomeId, "--password-fd", std::to_string(password.fd())});
    EXPECT_EQ(ran.code, ExitCode::Success) << ran.err;
    EXPECT_EQ(ran.out, "Token AbCdE01234 is deleted.\n");
    EXPECT_EQ(patctl.service.members(), (Texts{"Delete", "Next", "Next", "Commit"}));
    EXPECT_EQ(patctl.service.answers(), Texts{"swordfish"});
}

TEST(Delete, BeginsNothingWithoutATerminal) {
    Patctl patctl;
    EXPECT_EQ(patctl.run({"delete", kSomeId}).code, ExitCode::CannotAsk);
    EXPECT_EQ(patctl.run({"remove-all"}).code, ExitCode::CannotAsk);
    EXPECT_TRUE(patctl.service.calls().empty());
}

TEST(RemoveAll, SaysHowManyAreGone) {
    const Scratch password("one\ntwo\n");
    const std::string fd = std::to_string(password.fd());
    const auto removed = [&](std::uint32_t count) {
        Patctl patctl(
            {.prompts = {{"secret", "Password: "}}, .result = dictionary({{"removed", count}})});
        return patctl.run({"remove-all", "--password-fd", fd}).out;
    };
    EXPECT_EQ(removed(1), "1 token is deleted.\n");
    EXPECT_EQ(removed(12), "12 tokens are deleted.\n");
}

TEST(RemoveAll, StopsAtAWrongPassword) {
    const Scratch password("wrong\n");
    Patctl patctl({.prompts = {{"secret", "Password: "}},
                   .errors = {{"Next", "org.patd.Tokens1.Error.WrongPassword"}}});
    const Ran ran = patctl.run({"remove-all", "--password-fd", std::to_string(password.fd())});
    EXPECT_EQ(ran.code, ExitCode::Refused);
    EXPECT_EQ(patctl.service.members(), (Texts{"RemoveAll", "Next", "Next", "Cancel"}));
}

}  // namespace
}  // namespace patd::cli
