// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/exposure/exposure.h"

#include "tests/support/exposure_fixture.h"

#include <gtest/gtest.h>

namespace patd {
namespace {

using support::connect_to;
using support::kAlice;
using support::kBob;
using support::kGetGit;
using support::turn_until;
using Texts = std::vector<std::string>;

constexpr char kGetForge[] = "patd=1\nop=get\nprotocol=https\nhost=forge.example\n\n";
using support::kNow;

class ExposureTest : public support::ExposureFixture {
  protected:
    std::string id_of(const std::string& child) {
        const Verification verification =
            line_->verifier.verify(support::caller_of(kBob), child, {}).value();
        return verification.valid ? verification.valid->token().id.text() : "not valid";
    }
};

// A process of another user, or in a container, gets what the exposure holds.
TEST_F(ExposureTest, ReleasesItsTokensToWhoeverReachesIt) {
    const Token token = issue(kAlice).token;
    const std::string path = open({token.id});
    for (const Uid uid : {kAlice, kBob, Uid(0), Uid(100000), Uid(65534)}) {
        UniqueFd client;
        {
            const support::AsUid peer(uid);
            client = connect_to(path);
        }
        send_text(client, kGetGit);
        const std::string reply = receive(client);
        EXPECT_EQ(value_of(reply, "username"), "daemon") << uid.value();
        EXPECT_EQ(id_of(value_of(reply, "password")), token.id.text()) << uid.value();
    }
}

TEST_F(ExposureTest, ReleasesNoOtherToken) {
    const Token shown = issue(kAlice).token;
    issue(kAlice, {.targets = {"https://git.example/team"}});
    import(kAlice, "ghp_hidden", {.targets = { "https://forge.example" }});
    const std::string path = open({shown.id});
    EXPECT_EQ(ask(path, kGetForge), "\n");
    // Not even if it would win.
    const std::string reply = ask(path,
                                  "patd=1\nop=get\nprotocol=https\nhost=git.example\n"
                                  "path=team/project.git\n\n");
    EXPECT_EQ(id_of(value_of(reply, "password")), shown.id.text());
    // Nor the tokens of the caller.
    const Token bobs = issue(kBob, {.targets = {"https://bob.example"}}).token;
    UniqueFd client;
    {
        const support::AsUid bob(kBob);
        client = connect_to(path);
    }
    send_text(client, "patd=1\nop=get\nprotocol=https\nhost=bob.example\n\n");
    EXPECT_EQ(receive(client), "\n");
}

TEST_F(ExposureTest, AnswersCapabilityAndNoOtherVerb) {
    const Token token = issue(kAlice).token;
    const std::string path = open({token.id});
    EXPECT_EQ(ask(path, "patd=1\nop=capability\n\n").rfind("version=0\n", 0), 0U);
    for (const char* request :
         {"patd=1\nop=verify\ntoken=pat1_x\n\n", "patd=1\nop=check\nuser=daemon\npassword=x\n\n",
          "patd=1\nop=list\n\n", "patd=1\n\n"})
        EXPECT_EQ(value_of(ask(path, request), "error"), "AccessDenied") << request;
    for (const char* verb : {"get", "store", "erase", "capability"})
        EXPECT_EQ(value_of(ask(path, std::string("patd=2\nop=") + verb +
                                         "\nprotocol=https\nhost=git.example\n\n"),
                           "error"),
                  "MalformedRequest");
    EXPECT_EQ(value_of(ask(path, "op\n\n"), "error"), "MalformedRequest");
}

TEST_F(ExposureTest, NotesStoreAndEraseAndChangesNothing) {
    const Token token =
        import(kAlice, "ghp_shown", {.targets = {"https://git.example"}, .username = "a"});
    const std::string path = open({token.id});
    for (const char* verb : {"store", "erase"})
        EXPECT_EQ(ask(path, std::string("patd=1\nop=") + verb +
                                "\nprotocol=https\nhost=git.example\nusername=a\n"
                                "password=ghp_shown\n\n"),
                  "\n");
    EXPECT_EQ(value_of(ask(path, "patd=1\nop=store\nusername=a\npassword=x\n\n"), "error"),
              "MalformedRequest");
    EXPECT_EQ(stored(token.id)->state, TokenState::Active);
    EXPECT_EQ(store_->count(kAlice).value(), 1U);
    // Other helpers' protocols are not noted, a URL is as good as a host, and a path makes no
    // difference.
    EXPECT_EQ(ask(path, "patd=1\nop=store\nprotocol=cert\nhost=\npassword=x\n\n"), "\n");
    EXPECT_EQ(ask(path, "patd=1\nop=erase\nurl=https://GIT.example/a\npassword=x\n\n"), "\n");
    EXPECT_EQ(ask(path, "patd=1\nop=erase\nprotocol=https\nhost=a\npath=a//b\n\n"), "\n");
    EXPECT_EQ(events(kAlice),
              (Texts{"expose ok", "store noted", "erase noted", "erase noted", "erase noted"}));
}

TEST_F(ExposureTest, EventsSayThroughWhichExposureItCame) {
    const Token token = issue(kAlice).token;
    const std::string path = open({token.id});
    (void)ask(path, kGetGit);
    const auto log = audit_log_->list({kAlice, token.id, 10}).value();
    ASSERT_EQ(log.size(), 2U);
    EXPECT_EQ(log[0].event, "release");
    EXPECT_EQ(log[0].by, kAlice);
    EXPECT_TRUE(log[0].where.starts_with("exposed " + last_id_ + " https://git.example (child, "))
        << log[0].where;
    EXPECT_EQ(log[1].event, "expose");
    EXPECT_EQ(log[1].where, "exposed " + last_id_ + " " + path);
}

TEST_F(ExposureTest, ItsClientSaysNothingOfTheOwnersTokens) {
    const Token token = import(kAlice, "ghp_shown", {.targets = {"https://forge.example"}});
    const std::string path = open({token.id});
    const std::string get =
        "patd=1\nop=get\nprotocol=https\nhost=forge.example\ncapability[]=authtype\n"
        "capability[]=state\n";
    const std::string state = value_of(ask(path, (get + "\n").c_str()), "state[]");
    ASSERT_TRUE(state.starts_with("pat:s:")) << state;
    (void)ask(path, (get + "authtype=Basic\nstate[]=" + state + "\n\n").c_str());
    EXPECT_EQ(stored(token.id)->state, TokenState::Active);
}

TEST_F(ExposureTest, NothingThatItReleasesIsValidForLonger) {
    const Token issued = issue(kAlice).token;
    const Token imported = import(kAlice, "ghp_shown", {.targets = {"https://forge.example"}});
    const std::string path = open({issued.id, imported.id}, std::chrono::seconds(90));
    clock_.advance(std::chrono::seconds(30));
    for (const char* request : {kGetGit, kGetForge})
        EXPECT_EQ(value_of(ask(path, request), "password_expiry_utc"), std::to_string(kNow + 90));
    // A child's own limits still apply.
    const std::string longer = open({issued.id});
    EXPECT_EQ(value_of(ask(longer, kGetGit), "password_expiry_utc"),
              std::to_string(kNow + 30 + limits::kChildLifetimeSeconds));
}

TEST_F(ExposureTest, WhatKeepsATokenFromItsOwnerKeepsItHere) {
    const Token token = issue(kAlice, {.confirm = Confirm::Always}).token;
    const std::string path = open({token.id});
    EXPECT_EQ(value_of(ask(path, kGetGit), "error"), "ConfirmRequired");
    locks_->open_for(kAlice, token.id, std::chrono::seconds(60));
    EXPECT_NE(value_of(ask(path, kGetGit), "password"), "");
    locks_->set_locked(kAlice, true);
    EXPECT_EQ(value_of(ask(path, kGetGit), "error"), "Locked");
}

// Row D6: processes inside can neither fill the owner's audit log nor keep patd busy.
TEST_F(ExposureTest, AnswersSoManyRequestsAMinuteAndNoMore) {
    const std::string path = open({issue(kAlice).token.id});
    const UniqueFd client = connect_to(path);
    const auto error_of_next = [&] {
        send_text(client, kGetGit);
        return value_of(receive(client), "error");
    };
    for (std::size_t i = 0; i < limits::kExposureRequestsPerMinute; ++i)
        ASSERT_EQ(error_of_next(), "") << i;
    EXPECT_EQ(error_of_next(), "LimitExceeded");
    EXPECT_EQ(events(kAlice).size(), limits::kExposureRequestsPerMinute + 1);
    clock_.advance(std::chrono::minutes(1));
    EXPECT_EQ(error_of_next(), "");
}

// Row D6.
TEST_F(ExposureTest, TakesSoManyConnectionsAndStarvesNobody) {
    const Token token = issue(kAlice).token;
    const std::string path = open({token.id});
    const std::string main_path = directory_of_users_.file("main");
    const auto main_server =
        LineServer::create({*loop_, line_->verbs, clock_, turns_}, listen_at(main_path).value())
            .value();
    std::vector<UniqueFd> flood;
    for (std::size_t i = 0; i < 10 * limits::kExposureConnections; ++i) {
        UniqueFd client;
        ASSERT_TRUE(
            turn_until(*loop_, [&] { return static_cast<bool>(client = connect_to(path)); }));
        flood.push_back(std::move(client));
    }
    const auto closed = [&] {
        return std::count_if(flood.begin(), flood.end(), [](const UniqueFd& client) {
            return support::is_readable(client.get());
        });
    };
    EXPECT_TRUE(turn_until(*loop_, [&] {
        return static_cast<std::size_t>(closed()) == 9 * limits::kExposureConnections;
    }));
    // The owner's own requests have separate places.
    UniqueFd client;
    {
        const support::AsUid alice(kAlice);
        client = connect_to(main_path);
    }
    send_text(client, kGetGit);
    EXPECT_NE(value_of(receive(client), "password"), "");
}

TEST_F(ExposureTest, ACutWhileARequestIsUnderWayEndsItWithoutAnAnswer) {
    const std::string path = open({issue(kAlice).token.id});
    const UniqueFd client = connect_to(path);
    lookups_.hold();
    clock_.advance(std::chrono::minutes(30));  // so that the account is looked up again
    send_text(client, kGetGit);
    ASSERT_TRUE(turn_until(*loop_, [&] { return lookups_.waiting() == 1; }));
    exposures_->cut(support::caller_of(kAlice), last_id_).value();
    EXPECT_EQ(receive(client), "");
    EXPECT_TRUE(support::is_refused(path));
    lookups_.release();
    EXPECT_EQ(receive(client), "");
}

}  // namespace
}  // namespace patd
