// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/session/options.h"

#include "tests/cli/support.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace patd::cli {
namespace {

TEST(ToDictionary, HoldsWhatWasGivenAndNothingElse) {
    EXPECT_TRUE(to_dictionary({}, 1000).value().empty());
    TokenOptions options;
    options.permissions = {"vcs:repository:ro"};
    options.expires = "5m";
    options.confirm = "always";
    const client::Dictionary dictionary = to_dictionary(options, 1000).value();
    EXPECT_EQ(dictionary.entries().size(), 3U);
    EXPECT_EQ(dictionary.texts("permissions"), options.permissions);
    EXPECT_EQ(dictionary.time("expires"), 1300);
    EXPECT_EQ(dictionary.text("confirm"), "always");
}

TEST(ToDictionary, RefusesWhatTheServiceWouldRefuse) {
    const auto code = [](const TokenOptions& options) {
        const Result<client::Dictionary> dictionary = to_dictionary(options, 1'800'000'000);
        return dictionary ? Errc::Internal : dictionary.error().code;
    };
    TokenOptions options;
    options.description = "two\nlines";
    EXPECT_EQ(code(options), Errc::InvalidDescription);
    options = {};
    options.permissions = {"vcs:repository:all"};
    EXPECT_EQ(code(options), Errc::InvalidPermission);
    options = {};
    options.targets = {"https://*.example"};
    EXPECT_EQ(code(options), Errc::InvalidTarget);
    options = {};
    options.only_units = {"backup"};
    EXPECT_EQ(code(options), Errc::InvalidRule);
    options = {};
    options.username = "";
    EXPECT_EQ(code(options), Errc::InvalidUsername);
    options = {};
    options.expires = "2020-01-01";
    EXPECT_EQ(code(options), Errc::InvalidExpiry);
    options.expires = "soon";
    EXPECT_EQ(code(options), Errc::InvalidExpiry);
}

TEST(ParseId, AnswersNotFoundForWhatCannotBeAnId) {
    EXPECT_EQ(parse_id("AbCdE01234").value().text(), "AbCdE01234");
    for (const char* text : {"", "short", "AbCdE012345", "AbCdE0123/", "../../../.."})
        EXPECT_EQ(parse_id(text).error().code, Errc::NotFound) << text;
}

class OptionsTest : public testing::Test {
  protected:
    bool parse(std::vector<std::string> arguments) {
        std::reverse(arguments.begin(), arguments.end());
        try {
            app_.parse(arguments);
            return true;
        } catch (const CLI::ParseError&) {
            return false;
        }
    }

    CLI::App app_;
    TokenOptions options_;
};

TEST_F(OptionsTest, PermissionsRepeatOrStandBetweenCommasAndTakeNoPositional) {
    std::string description;
    app_.add_option("DESCRIPTION", description);
    add_permissions(app_, options_);
    ASSERT_TRUE(parse({"-p", "a:b:ro,c:d:rw", "-p", "e", "words"}));
    EXPECT_EQ(options_.permissions, (std::vector<std::string>{"a:b:ro", "c:d:rw", "e"}));
    EXPECT_EQ(description, "words");
}

TEST_F(OptionsTest, TargetsRepeatAndMayHoldCommas) {
    add_targets(app_, options_);
    ASSERT_TRUE(parse({"-t", "https://a/x,y", "--target", "https://b"}));
    EXPECT_EQ(options_.targets, (std::vector<std::string>{"https://a/x,y", "https://b"}));
}

TEST_F(OptionsTest, ADescriptorMustBeOpen) {
    const FixedClock clock;
    const Environment environment{
        .connect = {}, .open_terminal = {}, .clock = clock, .enroll_socket = {}};
    Session session(environment);
    add_password_fd(app_, session);
    const Scratch scratch;
    ASSERT_TRUE(parse({"--password-fd", std::to_string(scratch.fd())}));
    EXPECT_EQ(session.password_fd, scratch.fd());
    for (const char* text : {"4000", "-1", "x", "3x", ""})
        EXPECT_FALSE(parse({"--password-fd", text})) << text;
}

TEST(TypedChoice, IsToldWithWhatMayStandThereAndWithoutASecret) {
    const CLI::Validator number = number_between(1, 1000);
    for (const char* text : {"1", "1000"})
        EXPECT_EQ(number(text), "");
    for (const char* text : {"0", "1001", "x", "5m", "99999999999999999999"})
        EXPECT_EQ(number(text), std::string(text) + " is not a number from 1 to 1000");
    const CLI::Validator choice = one_of({"always", "never"});
    EXPECT_EQ(choice("never"), "");
    EXPECT_EQ(choice("sometimes"), "sometimes is not one of always, never");
    EXPECT_EQ(choice("ghp_0123456789abcdefghijklmnopqrstuvwxyz").find("ghp_0123"),
              std::string::npos);
    EXPECT_EQ(choice.get_description(), "{always,never}");
}

}  // namespace
}  // namespace patd::cli
