// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/cli/support.h"

#include <gtest/gtest.h>
#include <sys/ioctl.h>

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
        EXPECT_EQ(patctl.service.call_of("Delete").member.empty(), !row.goes_on) << row.answer;
    }
}

TEST(Confirm, BreaksNoWordOfTheQuestion) {
    Patctl patctl({.tokens = {some_token()}});
    Person person({{"[y/N] ", "n\n"}});
    const winsize narrow{.ws_row = 24, .ws_col = 40, .ws_xpixel = 0, .ws_ypixel = 0};
    ASSERT_EQ(ioctl(person.terminal(), TIOCSWINSZ, &narrow), 0);
    patctl.person = &person;
    EXPECT_EQ(patctl.run({"delete", kSomeId}).code, ExitCode::CannotAsk);
    const std::string screen = person.leave();
    EXPECT_TRUE(
        screen.starts_with("Delete token 'laptop' (AbCdE01234,\r\n"
                           "https://git.example, used 2 hours ago)?\r\n"
                           "[y/N] "))
        << screen;
}

}  // namespace
}  // namespace patd::cli
