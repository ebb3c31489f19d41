// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/io/terminal.h"

#include "tests/cli/support.h"

#include <gtest/gtest.h>
#include <termios.h>

namespace patd::cli {
namespace {

std::string answer_text(const SecretBuffer& secret) {
    const std::span<const char> bytes = secret.reveal();
    return {bytes.begin(), bytes.end()};
}

tcflag_t local_flags(int terminal) {
    termios attributes{};
    tcgetattr(terminal, &attributes);
    return attributes.c_lflag;
}

// Row M8.
TEST(Terminal, DoesNotShowWhatIsTypedToAHiddenPrompt) {
    Person person({{"Password: ", "swordfish\n"}});
    const tcflag_t before = local_flags(person.terminal());
    Terminal terminal(person.open_terminal());
    EXPECT_EQ(answer_text(terminal.ask("Password: ", Echo::Off).value()), "swordfish");
    EXPECT_EQ(local_flags(person.terminal()), before);
    terminal = Terminal(UniqueFd());
    EXPECT_EQ(person.leave(), "Password: \r\n");
}

TEST(Terminal, ShowsWhatIsTypedToAVisiblePrompt) {
    Person person({{"Name: ", "alice\n"}});
    Terminal terminal(person.open_terminal());
    EXPECT_EQ(answer_text(terminal.ask("Name: ", Echo::On).value()), "alice");
    terminal = Terminal(UniqueFd());
    EXPECT_EQ(person.leave(), "Name: alice\r\n");
}

TEST(Terminal, AsksOneLineAfterTheOther) {
    Person person({{"Old: ", "one\n"}, {"New: ", "two\n"}, {"Again: ", "\n"}});
    Terminal terminal(person.open_terminal());
    EXPECT_EQ(answer_text(terminal.ask("Old: ", Echo::Off).value()), "one");
    EXPECT_EQ(answer_text(terminal.ask("New: ", Echo::Off).value()), "two");
    EXPECT_EQ(answer_text(terminal.ask("Again: ", Echo::Off).value()), "");
}

TEST(Terminal, TakesTheEndOfFileForCancel) {
    Person person({{"Password: ", "\x04"}});
    const tcflag_t before = local_flags(person.terminal());
    Terminal terminal(person.open_terminal());
    EXPECT_EQ(terminal.ask("Password: ", Echo::Off).error().code, Errc::Cancelled);
    EXPECT_EQ(local_flags(person.terminal()), before);
}

TEST(Terminal, TakesTheLongestLineAndRefusesOneThatTheKernelMayHaveCut) {
    const std::string longest(4094, 'x');
    Person person({{"First: ", longest + "\n"}, {"Second: ", longest + "yz\n"}});
    Terminal terminal(person.open_terminal());
    EXPECT_EQ(answer_text(terminal.ask("First: ", Echo::Off).value()), longest);
    EXPECT_EQ(terminal.ask("Second: ", Echo::Off).error().code, Errc::InvalidSecret);
}

TEST(Terminal, CannotHideOnWhatIsNoTerminal) {
    Terminal terminal(UniqueFd(dup(Scratch("answer\n").fd())));
    EXPECT_EQ(terminal.ask("Password: ", Echo::Off).error().code, Errc::Cancelled);
}

TEST(Terminal, ShowsText) {
    Person person({});
    Terminal terminal(person.open_terminal());
    EXPECT_TRUE(terminal.show("Touch the key"));
    terminal = Terminal(UniqueFd());
    EXPECT_EQ(person.leave(), "Touch the key\r\n");
}

}  // namespace
}  // namespace patd::cli
