// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/session/session.h"

#include "tests/cli/support.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <termios.h>

#include <cstdlib>

namespace patd::cli {
namespace {

class SessionTest : public testing::Test {
  protected:
    Scratch out_;
    Scratch err_;
    FixedClock clock_;
    Environment environment_{.connect = {},
                             .open_terminal = {},
                             .clock = clock_,
                             .enroll_socket = {},
                             .input = -1,
                             .output = out_.fd(),
                             .errors = err_.fd()};
    Session session_{environment_};
};

TEST_F(SessionTest, FailsWithTheSentenceOfTheErrorAndItsCode) {
    EXPECT_EQ(session_.fail(Error{Errc::NotFound, {}}), ExitCode::NotFound);
    EXPECT_EQ(err_.content(), "patctl: You have no such token; see 'patctl list'.\n");
    EXPECT_EQ(out_.content(), "");
}

TEST_F(SessionTest, TellsTheCauseAloneWhereItIsKnown) {
    EXPECT_EQ(session_.fail(Error{Errc::InvalidTarget, "a: begin with https://"}), ExitCode::Usage);
    EXPECT_EQ(session_.fail(Error{Errc::BadFile, "/b1: File exists"}), ExitCode::Failure);
    EXPECT_EQ(err_.content(), "patctl: a: begin with https://\npatctl: /b1: File exists\n");
    session_.json = true;
    EXPECT_EQ(session_.fail(Error{Errc::BadFile, "/b1: File exists"}), ExitCode::Failure);
    EXPECT_TRUE(
        err_.content().ends_with("{\"error\":\"BadFile\",\"message\":\"/b1: File exists\"}\n"))
        << err_.content();
}

TEST_F(SessionTest, TellsOfAServiceThatFailedAndWhy) {
    EXPECT_EQ(session_.fail(Error{Errc::Unavailable, "no bus"}), ExitCode::Unreachable);
    EXPECT_EQ(session_.fail(Error{Errc::InsecurePeer, "another user owns the name"}),
              ExitCode::Unreachable);
    EXPECT_EQ(err_.content(),
              "patctl: patd, or a part of it, is not running: no bus; run 'patctl doctor'.\n"
              "patctl: The process at the other end does not run as the expected user: another "
              "user owns the name; nothing was sent.\n");
}

TEST_F(SessionTest, SendsWhoAskedHisOwnServiceToThatOne) {
    session_.own_service = true;
    session_.fail(Errc::Unavailable);
    EXPECT_EQ(err_.content(),
              "patctl: patd, or a part of it, is not running; run 'patctl --session doctor'.\n");
}

TEST_F(SessionTest, DrawsNothingThatACauseHolds) {
    session_.fail(Error{Errc::BadFile, "a\x1b[2J: no"});
    EXPECT_EQ(err_.content(), "patctl: a?[2J: no\n");
}

TEST_F(SessionTest, FailsWithAnObjectWhenJsonWasAskedFor) {
    session_.json = true;
    EXPECT_EQ(session_.fail(Error{Errc::WrongPassword, {}}), ExitCode::Refused);
    EXPECT_EQ(err_.content(),
              "{\"error\":\"WrongPassword\",\"message\":\"The password was wrong; nothing was "
              "changed.\"}\n");
    EXPECT_EQ(session_.fail_usage("no"), ExitCode::Usage);
    EXPECT_TRUE(err_.content().ends_with("{\"error\":\"Usage\",\"message\":\"no\"}\n"));
}

TEST_F(SessionTest, AnOutputThatCannotBeWrittenIsToldAsThat) {
    const UniqueFd full(open("/dev/full", O_WRONLY | O_CLOEXEC));
    environment_.output = full.get();
    EXPECT_EQ(session_.fail(session_.print("x").error()), ExitCode::Failure);
    EXPECT_EQ(err_.content(), "patctl: The output cannot be written: No space left on device.\n");
    session_.json = true;
    EXPECT_EQ(session_.fail(session_.print_json({}).error()), ExitCode::Failure);
    EXPECT_TRUE(
        err_.content().ends_with("{\"error\":\"Output\",\"message\":\"The output cannot be "
                                 "written: No space left on device.\"}\n"))
        << err_.content();
}

TEST_F(SessionTest, ReportsASentenceOrAnObject) {
    ASSERT_TRUE(session_.report({{"id", "1"}}, "Done."));
    session_.json = true;
    ASSERT_TRUE(session_.report({{"id", "1"}}, "Done."));
    EXPECT_EQ(out_.content(), "Done.\n{\"id\":\"1\"}\n");
}

TEST_F(SessionTest, KeepsSentencesOutOfTheDescriptorThatTheSecretGoesTo) {
    session_.output_fd = out_.fd();
    ASSERT_TRUE(session_.report({}, "Done."));
    EXPECT_EQ(out_.content(), "");
    EXPECT_EQ(err_.content(), "Done.\n");
}

TEST_F(SessionTest, ShowsColourOnATerminalThatHasItUnlessNoColorIsSet) {
    unsetenv("NO_COLOR");
    setenv("TERM", "xterm", 1);
    EXPECT_FALSE(session_.style().color);
    const Person person({});
    environment_.output = person.terminal();
    EXPECT_TRUE(session_.style().color);
    setenv("NO_COLOR", "1", 1);
    EXPECT_FALSE(session_.style().color);
    setenv("NO_COLOR", "", 1);
    EXPECT_TRUE(session_.style().color);
    unsetenv("NO_COLOR");
    for (const char* terminal : {"dumb", ""}) {
        setenv("TERM", terminal, 1);
        EXPECT_FALSE(session_.style().color) << terminal;
    }
    setenv("TERM", "xterm", 1);
}

TEST_F(SessionTest, KnowsTheWidthOfATerminalAndOfNothingElse) {
    EXPECT_EQ(session_.style().width, std::nullopt);
    const Person person({});
    environment_.output = person.terminal();
    EXPECT_EQ(session_.style().width, std::nullopt);  // it does not say
    const winsize size{.ws_row = 50, .ws_col = 160, .ws_xpixel = 0, .ws_ypixel = 0};
    ASSERT_EQ(ioctl(person.terminal(), TIOCSWINSZ, &size), 0);
    EXPECT_EQ(session_.style().width, 160U);
}

TEST_F(SessionTest, DividesLongLinesOfATerminalBetweenWords) {
    Person person({});
    const winsize size{.ws_row = 24, .ws_col = 20, .ws_xpixel = 0, .ws_ypixel = 0};
    ASSERT_EQ(ioctl(person.terminal(), TIOCSWINSZ, &size), 0);
    ASSERT_TRUE(session_.print("a sentence that is rather long\n"));
    environment_.output = environment_.errors = person.terminal();
    ASSERT_TRUE(session_.print("a sentence that is rather long\n"));
    session_.warn("something is not as it should be");
    EXPECT_EQ(out_.content(), "a sentence that is rather long\n");
    EXPECT_EQ(person.leave(),
              "a sentence that is\r\nrather long\r\npatctl: something is\r\nnot as it should "
              "be\r\n");
}

TEST_F(SessionTest, WarnsInJsonToo) {
    session_.json = true;
    session_.warn("no such unit");
    EXPECT_EQ(err_.content(), "{\"warning\":\"no such unit\"}\n");
}

}  // namespace
}  // namespace patd::cli
