// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/step_up/step_up_client.h"

#include "tests/support/scripted_line_server.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>

#include <functional>

namespace patd::step_up {
namespace {

constexpr std::chrono::milliseconds kPatience{60'000};

// The service's end, played by a function on its own thread.
class ScriptedService {
  public:
    ScriptedService(const std::string& path, std::function<void(FrameStream&)> script)
        : listener_(support::ScriptedLineServer::listen_at(path)),
          thread_([this, script = std::move(script)] {
              const UniqueFd connection(accept(listener_.get(), nullptr, nullptr));
              FrameStream stream(connection.get(), kPatience);
              script(stream);
          }) {}
    ~ScriptedService() { thread_.join(); }
    ScriptedService(const ScriptedService&) = delete;
    ScriptedService& operator=(const ScriptedService&) = delete;

  private:
    UniqueFd listener_;
    std::thread thread_;
};

class StepUpClientTest : public testing::Test {
  protected:
    std::string path() const { return directory_.file("enroll.sock"); }
    static PromptAnswer answer_of(std::string_view text) {
        return PromptAnswer(SecretBuffer::copy_of(text));
    }

    support::TemporaryDirectory directory_;
};

TEST_F(StepUpClientTest, GoesThroughAConversation) {
    const ScriptedService service(path(), [](FrameStream& stream) {
        EXPECT_EQ(stream.receive().value().text(), "op=admin\ncaller=0\nuid=1000\nuser=alice\n");
        ASSERT_TRUE(stream.send(FrameKind::PromptSecret, "New: "));
        const ReceivedFrame answer = stream.receive().value();
        EXPECT_EQ(answer.kind, FrameKind::Answer);
        EXPECT_EQ(answer.text(), "battery staple");
        ASSERT_TRUE(stream.send(FrameKind::Refused, "PasswordNotAccepted"));
    });
    StepUpClient client = StepUpClient::connect(path()).value();
    ASSERT_TRUE(
        client.begin({{"op", "admin"}, {"caller", "0"}, {"uid", "1000"}, {"user", "alice"}}));
    const StepUpClient::Step prompt = client.next().value();
    EXPECT_EQ(prompt.kind, FrameKind::PromptSecret);
    EXPECT_EQ(prompt.text, "New: ");
    EXPECT_EQ(client.answer(answer_of(std::string(513, 'a'))).error().code, Errc::InvalidPassword);
    ASSERT_TRUE(client.answer(answer_of("battery staple")));
    const StepUpClient::Step outcome = client.next().value();
    EXPECT_EQ(outcome.kind, FrameKind::Refused);
    EXPECT_EQ(outcome.text, "PasswordNotAccepted");
}

TEST_F(StepUpClientTest, IsUnavailableWhenNobodyListens) {
    const auto client = StepUpClient::connect(path());
    ASSERT_FALSE(client);
    EXPECT_EQ(client.error().code, Errc::Unavailable);
    EXPECT_FALSE(StepUpClient::connect(""));
    EXPECT_FALSE(StepUpClient::connect(std::string(200, 'a')));
}

TEST_F(StepUpClientTest, IsUnavailableWhenTheServiceLeavesOrBreaksTheProtocol) {
    {
        const ScriptedService service(path(), [](FrameStream&) {});
        StepUpClient client = StepUpClient::connect(path()).value();
        EXPECT_EQ(client.next().error().code, Errc::Unavailable);
    }
    std::filesystem::remove(path());
    const ScriptedService service(path(), [](FrameStream& stream) {
        EXPECT_TRUE(stream.send(FrameKind::Answer, "not for you"));
    });
    StepUpClient client = StepUpClient::connect(path()).value();
    EXPECT_EQ(client.next().error().code, Errc::Unavailable);
}

TEST_F(StepUpClientTest, SendsNothingThatTheFormatCannotCarry) {
    const ScriptedService service(path(), [](FrameStream& stream) {
        EXPECT_EQ(stream.receive().error().code, Errc::Cancelled);
    });
    StepUpClient client = StepUpClient::connect(path()).value();
    EXPECT_FALSE(client.begin({{"user", "a\nop=admin"}}));
}

}  // namespace
}  // namespace patd::step_up
