// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "http/patd_link.h"

#include "common/base/http_limits.h"
#include "tests/support/scripted_line_server.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>

#include <array>
#include <latch>

namespace patd::web {
namespace {

using support::ScriptedLineServer;

class PatdLinkTest : public ::testing::Test {
  protected:
    // The answers that came, each `valid`'s value or `none`, and a space.
    void ask(std::string_view value) {
        const std::array question = {line::Attribute{"patd", "1"}, line::Attribute{"op", value}};
        ++asked_;
        const Result<void> sent = link_.ask(question, [this](const line::LineMessage* reply) {
            answers_ += reply != nullptr ? std::string(reply->get("valid")) : "none";
            answers_ += ' ';
            ++answered_;
        });
        ASSERT_TRUE(sent);
    }
    std::string answers() {
        while (answered_ < asked_)
            loop_->run_once(std::chrono::seconds(10));
        return answers_;
    }

    support::TemporaryDirectory directory_;
    const std::string path_ = directory_.file("socket");
    const std::unique_ptr<bus::EventLoop> loop_ = bus::EventLoop::create().value();
    Sockets sockets_{*loop_};
    PatdLink link_{*loop_, sockets_, path_};
    std::string answers_;
    int asked_ = 0;
    int answered_ = 0;
};

TEST_F(PatdLinkTest, AnswersComeInTheOrderOfTheQuestions) {
    const ScriptedLineServer server(path_, ScriptedLineServer::reply("valid=1\n\nvalid=0\n\n"));
    ask("a");
    ask("b");
    EXPECT_EQ(answers(), "1 0 ");
}

TEST_F(PatdLinkTest, AsksAgainWhatHadNoAnswerWhenTheConnectionEnds) {
    std::latch all_asked(1);  // a connection that ends earlier may take an answer with it
    const ScriptedLineServer server(path_, [&all_asked](int connection) {
        all_asked.wait();
        ScriptedLineServer::reply("valid=1\n\n")(connection);
    });
    ask("a");
    ask("b");
    ask("c");
    all_asked.count_down();
    EXPECT_EQ(answers(), "1 1 1 ");
    EXPECT_EQ(server.requests().size(), 3U);
}

TEST_F(PatdLinkTest, WaitsForAPatdThatStarts) {
    ask("a");
    loop_->run_once(std::chrono::milliseconds(0));
    const ScriptedLineServer server(path_, ScriptedLineServer::reply("valid=1\n\n"));
    EXPECT_EQ(answers(), "1 ");
}

TEST_F(PatdLinkTest, GivesUpInTime) {
    const ScriptedLineServer server(path_, ScriptedLineServer::silence());
    const auto start = std::chrono::steady_clock::now();
    ask("a");
    ask("b");
    EXPECT_EQ(answers(), "none none ");
    EXPECT_LT(std::chrono::steady_clock::now() - start, 2 * limits::kHttpPatdDeadline);
}

// Row H7.
TEST_F(PatdLinkTest, WhatIsAskedInALateAnswerGetsItsOwn) {
    bool is_first = true;
    const ScriptedLineServer server(path_, [&is_first](int connection) {
        if (std::exchange(is_first, false))
            ScriptedLineServer::silence()(connection);
        else
            ScriptedLineServer::reply("valid=3\n\nvalid=4\n\n")(connection);
    });
    asked_ = 1;
    const std::array question = {line::Attribute{"patd", "1"}, line::Attribute{"op", "first"}};
    ASSERT_TRUE(link_.ask(question, [this](const line::LineMessage* reply) {
        EXPECT_EQ(reply, nullptr);
        ++answered_;
        ask("third");  // while "second" is late too
        ask("fourth");
    }));
    ask("second");
    EXPECT_EQ(answers(), "none 3 4 ");
    for (std::size_t i = 1; i < server.requests().size(); ++i)
        EXPECT_EQ(server.requests()[i].find("op=second"), std::string::npos);
}

TEST_F(PatdLinkTest, ABrokenReplyIsNone) {
    const ScriptedLineServer server(path_, ScriptedLineServer::reply("valid\n\n"));
    ask("a");
    EXPECT_EQ(answers(), "none ");
}

// Row H7.
TEST_F(PatdLinkTest, ALateAnswerIsNotTheNextOnes) {
    // The first connection answers nothing; the ones after it do.
    bool is_first = true;
    const ScriptedLineServer server(path_, [&is_first](int connection) {
        if (std::exchange(is_first, false))
            ScriptedLineServer::silence()(connection);
        else
            ScriptedLineServer::reply("valid=0\n\n")(connection);
    });
    ask("a");
    EXPECT_EQ(answers(), "none ");
    ask("b");
    EXPECT_EQ(answers(), "none 0 ");
}

TEST_F(PatdLinkTest, SendsNothingThatTheFormatCannotCarry) {
    for (const char* value : {"a\nop=check", "a\x01"}) {
        const std::array question = {line::Attribute{"token", value}};
        EXPECT_EQ(link_.ask(question, {}).error().code, Errc::MalformedRequest);
    }
    const ScriptedLineServer server(path_, ScriptedLineServer::reply("valid=1\n\n"));
    ask("a");
    EXPECT_EQ(answers(), "1 ");
    EXPECT_EQ(server.requests().front(), "patd=1\nop=a\n\n");
}

TEST_F(PatdLinkTest, TooMuchAtOnceIsRefused) {
    const std::string longest(limits::kLineBytes - 16, 'a');
    const std::array question = {line::Attribute{"token", longest}};
    int accepted = 0;
    while (link_.ask(question, [](const line::LineMessage*) {}))
        ++accepted;
    EXPECT_EQ(accepted, static_cast<int>(limits::kHttpAskedBytes / longest.size()));
}

}  // namespace
}  // namespace patd::web
