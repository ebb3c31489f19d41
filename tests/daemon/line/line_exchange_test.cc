// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/line/line_exchange.h"

#include "tests/daemon/line/line_verbs_fixture.h"

namespace patd {
namespace {

using support::kAlice;
using support::kBob;

constexpr Uid kSys{3};

// The op=exchange of the line socket, for whom the settings name: the account "sys".
class LineExchangeTest : public LineVerbsTest {
  protected:
    static constexpr char kGetAtGateway[] =
        "op=get\nprotocol=http\nhost=127.0.0.1:9200\npath=forge.example/team/repo.git\n\n";

    void SetUp() override {
        LineVerbsTest::SetUp();
        state_.settings.gateway_origin = Origin::parse("http://127.0.0.1:9200").value();
        state_.settings.gateway_account = "sys";
        Token token = support::make_token(kAlice, TokenKind::Imported,
                                          {.permissions = "vcs:repository:ro",
                                           .targets = {"https://forge.example/team"},
                                           .username = "al"});
        token.through_gateway = true;
        store_->insert(token, support::secret_of("ghp_elsewhere")).value();
        id_ = token.id.text();
    }
    std::string child() { return value_of(ask(kAlice, kGetAtGateway), "password"); }
    std::string exchange(Uid uid, const std::string& token,
                         const std::string& target = "/team/repo.git/git-upload-pack") {
        return ask(uid, "op=exchange\ntoken=" + token +
                            "\nhost=forge.example\nmethod=POST\ntarget=" + target + "\n\n");
    }

    std::string id_;
};

TEST_F(LineExchangeTest, TheGatewayGetsTheSecretAndHowTheForgeTakesIt) {
    EXPECT_EQ(exchange(kSys, child()),
              "granted=1\nid=" + id_ +
                  "\nuser=daemon\nscheme=basic\nusername=al\npassword=ghp_elsewhere\n\n");
    Forge& forge = state_.forges.at("mine");
    forge.git = {ForgeScheme::Token, {}};
    state_.forges.add_host(Origin::parse("https://forge.example").value(), "mine");
    EXPECT_EQ(exchange(kSys, child()),
              "granted=1\nid=" + id_ + "\nuser=daemon\nscheme=token\npassword=ghp_elsewhere\n\n");
}

TEST_F(LineExchangeTest, WhatIsNotGrantedSaysWhyAndNothingElse) {
    EXPECT_EQ(exchange(kSys, child(), "/team/repo.git/git-receive-pack"),
              "granted=0\nreason=permission\n\n");
    EXPECT_EQ(exchange(kSys, child(), "/others/repo.git/git-upload-pack"),
              "granted=0\nreason=place\n\n");
    EXPECT_EQ(exchange(kSys, child(), "/team/../x/git-upload-pack"),
              "granted=0\nreason=request\n\n");
    EXPECT_EQ(exchange(kSys, "ghp_elsewhere"), "granted=0\nreason=malformed\n\n");
    EXPECT_EQ(ask(kSys, "op=exchange\n\n"), "granted=0\nreason=malformed\n\n");
}

// Row G3.
TEST_F(LineExchangeTest, NobodyElseGetsIt) {
    const std::string token = child();
    for (const Uid other : {kAlice, kBob, Uid(0), Uid(4242424)})
        EXPECT_EQ(error_of(exchange(other, token)), "AccessDenied") << other.value();
    state_.settings.gateway_account = "patd-http-gateway";
    EXPECT_EQ(error_of(exchange(kSys, token)), "AccessDenied");
    state_.settings.gateway_account = "sys";
    EXPECT_EQ(value_of(exchange(kSys, token), "granted"), "1");
    state_.settings.gateway_origin.reset();
    EXPECT_EQ(error_of(exchange(kSys, token)), "AccessDenied");
}

// Row G4.
TEST_F(LineExchangeTest, AtTheForgesOwnHostGitIsStoppedAndToldTheMend) {
    for (const char* more : {"", "capability[]=authtype\ncapability[]=state\n", "tool=docker\n",
                             "username=al\n", "permission=vcs:repository:ro\n"}) {
        const std::string reply =
            ask(kAlice, std::string("op=get\nprotocol=https\nhost=forge.example\n"
                                    "path=team/repo.git\n") +
                            more + "\n");
        EXPECT_EQ(error_of(reply), "ThroughGateway") << more;
        EXPECT_EQ(value_of(reply, "quit"), "1");
        EXPECT_NE(value_of(reply, "text").find("patctl setup gateway"), std::string::npos);
        EXPECT_EQ(reply.find("ghp_elsewhere"), std::string::npos);
    }
}

TEST_F(LineExchangeTest, AskedWithoutAPathTheGatewayIsRefusedWithTheMend) {
    const std::string reply = ask(kAlice, "op=get\nprotocol=http\nhost=127.0.0.1:9200\n\n");
    EXPECT_EQ(error_of(reply), "ThroughGateway");
    EXPECT_EQ(value_of(reply, "quit"), "1");
    EXPECT_NE(value_of(reply, "text").find("patctl setup gateway"), std::string::npos);
}

TEST_F(LineExchangeTest, WhatAToolStoresForTheGatewayIsNotKept) {
    EXPECT_EQ(ask(kAlice,
                  "op=store\nprotocol=http\nhost=127.0.0.1:9200\n"
                  "path=forge.example/team/repo.git\nusername=al\npassword=typed\n\n"),
              "\n");
    EXPECT_EQ(store_->count(kAlice).value(), 1U);
    const std::string token = child();
    EXPECT_EQ(ask(kAlice,
                  "op=store\nprotocol=http\nhost=127.0.0.1:9200\n"
                  "path=forge.example/team/repo.git\nusername=al\npassword=" +
                      token + "\n\n"),
              "\n");
    EXPECT_EQ(events(kAlice).back(), "store ok");
}

TEST_F(LineExchangeTest, AChildThatTheGatewayRefusedIsNotMadeAgainInTheSameCommand) {
    const std::string able = std::string(kGetAtGateway).substr(0, sizeof kGetAtGateway - 2) +
                             "capability[]=authtype\ncapability[]=state\n";
    const std::string first = ask(kAlice, able + "\n");
    EXPECT_EQ(value_of(first, "continue"), "1");
    const std::string again =
        ask(kAlice, able + "authtype=Basic\nstate[]=" + value_of(first, "state[]") + "\n\n");
    EXPECT_EQ(error_of(again), "ServerRefused");
}

}  // namespace
}  // namespace patd
