// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/line/git_answer.h"

#include "tests/support/service_fixture.h"

namespace patd {
namespace {

using support::kAlice;
using support::make_token;
using support::secret_of;

constexpr char kChildState[] = "pat:c:AbCdE01234:1:1790000000";

Released released(UnixTime expires = 1790000000) {
    return {"alice",
            AuthScheme::Basic,
            secret_of("not-a-real-secret"),
            expires,
            ReleaseState::parse(kChildState).value(),
            ""};
}

Released for_bearer() {
    Released given = released();
    given.scheme = AuthScheme::Bearer;
    return given;
}

std::string answer(const GitAbilities& abilities, Chance chance,
                   const Released& given = released()) {
    SecretBuffer reply(limits::kLineReplyBytes);
    EXPECT_TRUE(write_git_answer(reply, given, abilities, chance));
    return {reply.reveal().data(), reply.size()};
}

struct Parsed {
    explicit Parsed(const std::string& text) : bytes(SecretBuffer::copy_of(text)) {
        std::size_t consumed = 0;
        message = line::LineMessage::parse(bytes.reveal(), true, consumed).value().value();
    }
    SecretBuffer bytes;
    line::LineMessage message;
};

TEST(GitAnswer, IsPlainForAGitThatSaysNothing) {
    EXPECT_EQ(answer({}, Chance::First),
              "username=alice\npassword=not-a-real-secret\npassword_expiry_utc=1790000000\n\n");
    EXPECT_EQ(answer({}, Chance::First, released(0)),
              "username=alice\npassword=not-a-real-secret\n\n");
}

TEST(GitAnswer, LeavesNoCopyWhereGitUnderstandsAuthtype) {
    EXPECT_EQ(answer({.authtype = true}, Chance::First),
              "capability[]=authtype\nauthtype=Basic\n"
              "credential=YWxpY2U6bm90LWEtcmVhbC1zZWNyZXQ=\nephemeral=1\n"
              "password_expiry_utc=1790000000\n\n");
}

TEST(GitAnswer, LetsGitComeBackOnceWhereItUnderstandsState) {
    EXPECT_EQ(answer({.state = true}, Chance::First),
              "capability[]=state\nusername=alice\npassword=not-a-real-secret\n"
              "password_expiry_utc=1790000000\nstate[]=pat:c:AbCdE01234:1:1790000000\n"
              "continue=1\n\n");
    EXPECT_EQ(answer({.state = true}, Chance::Last),
              "capability[]=state\nusername=alice\npassword=not-a-real-secret\n"
              "password_expiry_utc=1790000000\nstate[]=pat:c:AbCdE01234:1:1790000000\n\n");
}

TEST(GitAnswer, DoesBothWhereGitUnderstandsBoth) {
    EXPECT_EQ(answer({.authtype = true, .state = true}, Chance::First),
              "capability[]=authtype\ncapability[]=state\nauthtype=Basic\n"
              "credential=YWxpY2U6bm90LWEtcmVhbC1zZWNyZXQ=\nephemeral=1\n"
              "password_expiry_utc=1790000000\nstate[]=pat:c:AbCdE01234:1:1790000000\n"
              "continue=1\n\n");
}

TEST(GitAnswer, IsABearerTokenWhereTheTargetSaysSo) {
    EXPECT_EQ(answer({.authtype = true, .state = true}, Chance::First, for_bearer()),
              "capability[]=authtype\ncapability[]=state\nauthtype=Bearer\n"
              "credential=not-a-real-secret\nephemeral=1\n"
              "password_expiry_utc=1790000000\nstate[]=pat:c:AbCdE01234:1:1790000000\n"
              "continue=1\n\n");
    for (const GitAbilities& older : {GitAbilities{}, GitAbilities{.state = true}})
        EXPECT_EQ(answer(older, Chance::Last, for_bearer()), answer(older, Chance::Last));
}

TEST(GitAnswer, FitsTheReplyWithTheLongestSecretAndUserName) {
    const std::string name(limits::kUsernameBytes, 'n');
    const std::string secret(limits::kTokenSecretBytes, 's');
    const Released longest{name,
                           AuthScheme::Basic,
                           secret_of(secret),
                           1790000000,
                           ReleaseState::parse(kChildState).value(),
                           ""};
    const std::string text = answer({.authtype = true, .state = true}, Chance::First, longest);
    EXPECT_NE(text.find("ephemeral=1\n"), std::string::npos);
}

TEST(GitAnswer, ReadsWhatGitUnderstandsAndIgnoresTheRest) {
    const auto read = [](const std::string& text) {
        const GitAbilities abilities = read_abilities(Parsed(text).message);
        return std::string(abilities.authtype ? "a" : "") + (abilities.state ? "s" : "");
    };
    EXPECT_EQ(read("protocol=https\n"), "");
    EXPECT_EQ(read("capability[]=authtype\n"), "a");
    EXPECT_EQ(read("capability[]=state\ncapability[]=authtype\ncapability[]=later\n"), "as");
    EXPECT_EQ(read("capability=authtype\nauthtype=state\ncapability[]=Authtype\n"), "");
}

TEST(GitAnswer, FindsItsOwnStateAmongOthers) {
    const auto find = [](const std::string& text) {
        const std::optional<ReleaseState> state = find_state(Parsed(text).message);
        return state ? state->text() : "(none)";
    };
    EXPECT_EQ(find("state[]=manager:5\nstate[]=pat:broken\nstate[]=" + std::string(kChildState)),
              kChildState);
    EXPECT_EQ(find("state[]=manager:5\nstate=" + std::string(kChildState)), "(none)");
}

}  // namespace
}  // namespace patd
