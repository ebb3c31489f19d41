// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/session/carry_out.h"

#include "tests/cli/support.h"

#include <fcntl.h>
#include <gtest/gtest.h>

namespace patd::cli {
namespace {

using Members = std::vector<std::string>;

constexpr char kPath[] = "/org/patd/Tokens1/operation/one";

client::Script new_secret_script() {
    return {.prompts = {{"secret", "Password of alice: "}},
            .secret = "the-new-secret",
            .result = dictionary({{"id", kSomeId}, {"acknowledge", true}})};
}

class CarryOutTest : public testing::Test {
  protected:
    Result<client::Dictionary> carry_out_script(client::Script script) {
        service_ = std::make_unique<client::FakeService>(std::move(script));
        return carry_out(session_, client::Operation(service_->connect(), kPath));
    }

    Scratch out_;
    Scratch err_;
    Scratch passwords_{"swordfish\n"};
    FixedClock clock_;
    bool has_terminal_ = false;
    Environment environment_{
        .connect = {},
        .open_terminal =
            [this] {
                return has_terminal_ ? UniqueFd(open("/dev/null", O_RDWR | O_CLOEXEC)) : UniqueFd();
            },
        .clock = clock_,
        .enroll_socket = {},
        .input = -1,
        .output = out_.fd(),
        .errors = err_.fd()};
    Session session_{environment_};
    std::unique_ptr<client::FakeService> service_;
};

TEST_F(CarryOutTest, ShowsANewSecretOnceAndThenAcknowledges) {
    session_.password_fd = passwords_.fd();
    const Result<client::Dictionary> result = carry_out_script(new_secret_script());
    ASSERT_TRUE(result);
    EXPECT_EQ(result->text("id"), kSomeId);
    EXPECT_EQ(out_.content(), "the-new-secret\n");
    EXPECT_EQ(service_->answers(), Members{"swordfish"});
    EXPECT_EQ(service_->members(), (Members{"Next", "Next", "Commit", "Acknowledge"}));
}

TEST_F(CarryOutTest, WritesANewSecretToTheNamedDescriptor) {
    const Scratch secret;
    session_.password_fd = passwords_.fd();
    session_.output_fd = secret.fd();
    ASSERT_TRUE(carry_out_script(new_secret_script()));
    EXPECT_EQ(secret.content(), "the-new-secret\n");
    EXPECT_EQ(out_.content(), "");
}

TEST_F(CarryOutTest, CancelsWhenTheSecretCannotBeWrittenOut) {
    const UniqueFd full(open("/dev/full", O_WRONLY | O_CLOEXEC));
    session_.password_fd = passwords_.fd();
    session_.output_fd = full.get();
    const Error error = carry_out_script(new_secret_script()).error();
    EXPECT_EQ(session_.fail(error), ExitCode::Failure);
    EXPECT_EQ(error.context,
              "The output cannot be written: No space left on device; nothing was changed");
    EXPECT_EQ(service_->members(), (Members{"Next", "Next", "Commit", "Cancel"}));
}

TEST_F(CarryOutTest, CancelsWhenNoSecretCame) {
    session_.password_fd = passwords_.fd();
    client::Script script = new_secret_script();
    script.secret.clear();
    EXPECT_EQ(carry_out_script(script).error().code, Errc::Unavailable);
    EXPECT_EQ(service_->members().back(), "Cancel");
}

TEST_F(CarryOutTest, DoesNotAcknowledgeWhatNeedsNone) {
    ASSERT_TRUE(carry_out_script({.result = dictionary({{"removed", std::uint32_t{3}}})}));
    EXPECT_EQ(service_->members(), (Members{"Next", "Commit"}));
}

TEST_F(CarryOutTest, StopsAtAWrongPassword) {
    session_.password_fd = passwords_.fd();
    client::Script script = new_secret_script();
    script.errors = {{"Next", "org.patd.Tokens1.Error.WrongPassword"}};
    EXPECT_EQ(carry_out_script(script).error().code, Errc::WrongPassword);
    EXPECT_EQ(service_->members(), (Members{"Next", "Next", "Cancel"}));
    EXPECT_EQ(out_.content(), "");
}

TEST_F(CarryOutTest, CancelsWhenThereIsNoAnswer) {
    const Scratch none;
    session_.password_fd = none.fd();
    EXPECT_EQ(carry_out_script(new_secret_script()).error().code, Errc::Cancelled);
    EXPECT_EQ(service_->members(), (Members{"Next", "Cancel"}));
}

TEST_F(CarryOutTest, ReportsANewSecretThatCouldNotBeAcknowledged) {
    session_.password_fd = passwords_.fd();
    client::Script script = new_secret_script();
    script.errors = {{"Acknowledge", "org.patd.Tokens1.Error.OperationGone"}};
    EXPECT_EQ(carry_out_script(script).error().code, Errc::OperationGone);
}

TEST_F(CarryOutTest, ShowsInfoAndGoesOn) {
    ASSERT_TRUE(carry_out_script({.prompts = {{"info", "Hello"}, {"error", "Careful"}}}));
    EXPECT_EQ(err_.content(), "patctl: Hello\npatctl: Careful\n");
}

TEST_F(CarryOutTest, NeedsATerminalOrADescriptorForThePassword) {
    const Result<void> without = check_needs(session_, {.password = true});
    ASSERT_FALSE(without);
    EXPECT_EQ(without.error().code, Errc::Cancelled);
    EXPECT_NE(without.error().context.find("--password-fd"), std::string::npos);
    EXPECT_NE(without.error().context.find("ssh -t"), std::string::npos);
    session_.password_fd = passwords_.fd();
    EXPECT_TRUE(check_needs(session_, {.password = true}));
    EXPECT_FALSE(check_needs(session_, {.token_secret = true}));
    session_.password_fd.reset();
    has_terminal_ = true;
    EXPECT_TRUE(check_needs(session_, {.password = true, .token_secret = true}));
}

TEST_F(CarryOutTest, NeedsATerminalOrANamedDescriptorForANewSecret) {
    const Result<void> without = check_needs(session_, {.new_secret = true});
    ASSERT_FALSE(without);
    EXPECT_NE(without.error().context.find("--output-fd"), std::string::npos);
    session_.output_fd = out_.fd();
    EXPECT_TRUE(check_needs(session_, {.new_secret = true}));
    const UniqueFd reading(open("/dev/null", O_RDONLY | O_CLOEXEC));
    session_.output_fd = reading.get();
    EXPECT_FALSE(check_needs(session_, {.new_secret = true}));
    session_.output_fd.reset();
    const Person person({});
    environment_.output = person.terminal();
    EXPECT_TRUE(check_needs(session_, {.new_secret = true}));
}

}  // namespace
}  // namespace patd::cli
