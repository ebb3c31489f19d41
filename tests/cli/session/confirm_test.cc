// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/cli/support.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

TEST(Confirm, TakesYesAndNothingElse) {
    struct {
        const char* answer;
        bool goes_on;
    } const rows[] = {{"y", true},  {"Y", true},     {"yes", true},        {"", false},
                      {"n", false}, {"yes!", false}, {"AbCdE01234", false}};
    for (const auto& row : rows) {
        Patctl patctl({.tokens = {some_token()}});
        Person person({{"? [y/N] ", std::string(row.answer) + "\n"}});
        patctl.person = &person;
        const Ran ran = patctl.run({"delete", kSomeId});
        EXPECT_EQ(ran.code, row.goes_on ? ExitCode::Success : ExitCode::CannotAsk) << row.answer;
        const std::vector<std::string> members = patctl.service.members();
        EXPECT_EQ(members.size() > 1, row.goes_on) << row.answer;
    }
}

}  // namespace
}  // namespace patd::cli
