// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/line/line_server.h"
#include "daemon/line/line_verbs.h"
#include "tests/support/as_uid.h"
#include "tests/support/line_services.h"
#include "tests/support/scripted_step_up.h"
#include "tests/support/service_fixture.h"
#include "tests/support/turning.h"

#include <gtest/gtest.h>

#include <array>

// The line socket end to end: hostile bytes in, bytes out, as another process sees it.
namespace patd {
namespace {

using support::AsUid;
using support::kAlice;
using support::kBob;
using support::StepUpConversation;

constexpr char kMalformed[] =
    "error=MalformedRequest\n"
    "text=The request violates the credential format (gitcredentials(7)) and was refused as a "
    "whole.\n\n";
constexpr char kCapabilities[] = "version=0\ncapability[]=authtype\ncapability[]=state\n\n";
constexpr char kDenied[] =
    "error=AccessDenied\n"
    "text=You may not do this; system accounts and sandboxed users cannot own tokens.\n\n";

std::string get_request(const std::string& protocol, const std::string& host,
                        const std::string& more = "") {
    return "patd=1\nop=get\nprotocol=" + protocol + "\nhost=" + host + "\n" + more + "\n";
}

class LineAttackTest : public support::ServiceFixture {
  protected:
    void SetUp() override {
        ServiceFixture::SetUp();
        line_.emplace(context(), *loop_,
                      StepUpSockets{auth_.path(), directory_.file("enroll.sock")});
        server_ = LineServer::create({*loop_, line_->verbs, clock_, turns_}, UniqueFd()).value();
    }
    void TearDown() override { server_.reset(); }

    // A connection of `uid`, according to SO_PEERCRED.
    UniqueFd connect(Uid uid) {
        std::array<int, 2> ends{};
        const AsUid user(uid);
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0)
            throw std::runtime_error("socketpair");
        server_->add_connection(UniqueFd(ends[0]));
        return UniqueFd(ends[1]);
    }
    static void write(const UniqueFd& client, const std::string& text) {
        if (::send(client.get(), text.data(), text.size(), MSG_NOSIGNAL) !=
            static_cast<ssize_t>(text.size()))
            throw std::runtime_error("send");
    }
    // What has arrived so far.
    std::string received(const UniqueFd& client) {
        support::turn_while_ready(*loop_);
        std::array<char, 65536> bytes{};
        const ssize_t got = ::recv(client.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
        return {bytes.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
    }
    bool is_closed(const UniqueFd& client) {
        char byte = 0;
        support::turn_while_ready(*loop_);
        return ::recv(client.get(), &byte, 1, MSG_DONTWAIT) == 0;
    }
    std::string ask(Uid uid, const std::string& request) {
        const UniqueFd client = connect(uid);
        write(client, request);
        return received(client);
    }

    support::ScriptedStepUp auth_{*loop_, directory_.file("auth.sock")};
    std::optional<support::LineServices> line_;
    std::unique_ptr<LineServer> server_;
};

// Row D3.
TEST_F(LineAttackTest, EveryVerbAnswersToTheByte) {
    const Token token = import(kAlice, "ghp_secret", {.username = "me"});
    EXPECT_EQ(ask(kAlice, get_request("https", "git.example")),
              "username=me\npassword=ghp_secret\n\n");
    edit(token, [](Token& changed) -> Result<void> {
        changed.expires = support::FakeClock::kStart + 60;
        return {};
    });
    EXPECT_EQ(ask(kAlice, get_request("https", "git.example", "path=a/b.git\nusername=me\n")),
              "username=me\npassword=ghp_secret\npassword_expiry_utc=1800000060\n\n");
    EXPECT_EQ(ask(kAlice, get_request("https", "git.example", "username=other\n")), "\n");
    EXPECT_EQ(ask(kBob, get_request("https", "git.example")), "\n");
    const std::string held =
        "protocol=https\nhost=git.example\nusername=me\npassword=ghp_secret\n\n";
    EXPECT_EQ(ask(kAlice, "patd=1\nop=store\n" + held), "\n");
    EXPECT_EQ(ask(kAlice, "patd=1\nop=erase\n" + held),
              "text=https://git.example refused token 'a laptop' (" + token.id.text() +
                  ", vcs:repository:rw); if it has expired or was revoked there, give it a new "
                  "secret: patctl regenerate " +
                  token.id.text() + "\n\n");
    EXPECT_EQ(ask(kAlice, get_request("https", "git.example")),
              "error=Rejected\ntext=https://git.example refused token " + token.id.text() +
                  " 'a laptop': it has expired or was revoked there; give it its new secret with "
                  "'patctl regenerate " +
                  token.id.text() + "', or try the old one again with 'patctl edit " +
                  token.id.text() + " --reinstate'.\nquit=1\n\n");
    EXPECT_EQ(ask(kAlice, "patd=1\nop=capability\n\n"), kCapabilities);
    const support::Issued issued = issue(kAlice);
    EXPECT_EQ(ask(support::kCarol, "patd=1\nop=verify\ntoken=" + support::text_of(issued.secret) +
                                       "\npermission=vcs:repository:ro\nservice=nginx\n\n"),
              "valid=1\nid=" + issued.token.id.text() +
                  "\nkind=issued\nuid=1\nuser=daemon\npermissions=vcs:repository:rw\n"
                  "expires=0\ncreated=" +
                  std::to_string(support::kNow) + "\n\n");
    EXPECT_EQ(ask(Uid(33), "patd=1\nop=verify\ntoken=nonsense\n\n"),
              "valid=0\nreason=malformed\n\n");
}

// Row C2: no byte below 0x20 except LF, and no 0x7f, anywhere.
TEST_F(LineAttackTest, AControlByteAnywhereIsRefused) {
    (void)import(kAlice, "ghp_secret");
    const std::string good = get_request("https", "git.example", "path=team/repo\n");
    ASSERT_NE(ask(kAlice, good).find("ghp_secret"), std::string::npos);
    for (int byte = 0; byte < 0x80; ++byte) {
        if ((byte >= 0x20 && byte != 0x7f) || byte == '\n')
            continue;
        for (std::size_t at = 0; at < good.size() - 1; ++at) {
            std::string bad = good;
            bad.insert(at, 1, static_cast<char>(byte));
            const UniqueFd client = connect(kAlice);
            write(client, bad);
            ASSERT_EQ(received(client), kMalformed) << byte << " at " << at;
            ASSERT_TRUE(is_closed(client));
        }
    }
}

// Rows C1, C4, C5: any other byte in the host, and any LF, may only make the answer smaller.
TEST_F(LineAttackTest, NoChangedByteOfTheHostGetsTheToken) {
    (void)import(kAlice, "ghp_secret");
    const std::string host = "git.example";
    for (std::size_t at = 0; at <= host.size(); ++at) {
        for (int byte = 1; byte < 256; ++byte) {
            if (byte == '\n' && at == host.size())
                continue;  // a blank line: the unchanged request
            std::string other = host;
            other.insert(at, 1, static_cast<char>(byte));
            ASSERT_EQ(ask(kAlice, get_request("https", other)).find("ghp_secret"),
                      std::string::npos)
                << byte << " at " << at;
        }
    }
}

// Row C5: a host outside the grammar makes the request malformed, without quit=1: git may ask
// others.
TEST_F(LineAttackTest, StrangeHostsAreMalformed) {
    (void)import(kAlice, "ghp_secret");
    for (const char* host : {"git.example.",
                             ".git.example",
                             "git..example",
                             "user@git.example",
                             "user:pw@git.example",
                             "@git.example",
                             "git.example@evil.example",
                             "git.example%00",
                             "git.example%0a.evil",
                             "git.example%2eevil",
                             "git.example/evil",
                             "git.example\\evil",
                             "git.example?x",
                             "git.example#x",
                             "git.example ",
                             " git.example",
                             "git.example:",
                             "git.example:0",
                             "git.example:65536",
                             "git.example:443x",
                             "git.example:-1",
                             "git.example:443:443",
                             "*.example",
                             "git.*",
                             "*",
                             "-git.example",
                             "git-.example",
                             "g\xc3\xaft.example",
                             "[::1",
                             "::1]",
                             "[::1%lo]",
                             "[::1]x",
                             "[git.example]",
                             "[]",
                             "git.example,evil",
                             "git.example;evil",
                             "$host",
                             "git.example'",
                             "\"git.example\"",
                             "<git.example>",
                             "{git.example}",
                             "git.example|x"})
        EXPECT_EQ(ask(kAlice, get_request("https", host)), kMalformed) << host;
}

// Row C4: places other than the token's get nothing, and git goes on.
TEST_F(LineAttackTest, OtherPlacesGetNothing) {
    (void)import(kAlice, "ghp_secret", {.targets = {"https://git.example:8443/team"}});
    const auto ask_for = [&](const char* protocol, const char* host, const char* path) {
        return ask(kAlice, get_request(protocol, host, std::string("path=") + path + "\n"));
    };
    EXPECT_NE(ask_for("https", "git.example:8443", "team/repo").find("ghp_"), std::string::npos);
    for (const char* host : {"git.example", "git.example:443", "git.example:844",
                             "evil.git.example:8443", "git.example.evil:8443", "example:8443"})
        EXPECT_EQ(ask_for("https", host, "team/repo"), "\n") << host;
    EXPECT_EQ(ask_for("http", "git.example:8443", "team/repo"), "\n");
    for (const char* path : {"", "tea", "teams/repo", "other/team", "team2"})
        EXPECT_EQ(ask_for("https", "git.example:8443", path), "\n") << path;
    // A path that no target can hold is in no target's path.
    for (const char* path : {"team/../other", "../team", "team//repo", "team/./repo", "team?x",
                             "team/a\\..\\..\\other", "team/\xff"})
        EXPECT_EQ(ask_for("https", "git.example:8443", path), "\n") << path;
    EXPECT_EQ(ask_for("https", "git.example:8443", ("team/" + std::string(252, 'x')).c_str()),
              "\n");
}

// A path as git sends it never costs the token of the whole host.
TEST_F(LineAttackTest, ATokenOfTheWholeHostIsForEveryPathOfIt) {
    (void)import(kAlice, "ghp_secret");
    for (const std::string& path :
         {std::string("org/My Project/_git/x"), std::string("a*b"), std::string("a?b=c"),
          std::string("a#b"), std::string("a\\b"), std::string("b\xc3\xbc"), std::string("\xff"),
          std::string("a%00b"), std::string("a//b"), std::string("../b"), std::string("100%"),
          std::string(300, 'x'), std::string(60000, '/')}) {
        EXPECT_NE(ask(kAlice, get_request("https", "git.example", "path=" + path + "\n"))
                      .find("ghp_secret"),
                  std::string::npos)
            << path;
    }
    for (const char* host : {"GIT.example", "Git.Example:443"})
        EXPECT_NE(ask(kAlice, get_request("HTTPS", host)).find("ghp_secret"), std::string::npos);
}

// Rows C1, C2: `url` is as good as protocol and host, and replaces nothing that they say.
TEST_F(LineAttackTest, AUrlSaysThePlaceAndReplacesNothing) {
    (void)import(kAlice, "ghp_secret", {.targets = {"https://git.example/team"}, .username = "me"});
    const std::string head = "patd=1\nop=get\n";
    for (const char* good :
         {"url=https://git.example/team/x\n", "url=https://me@GIT.example:443/team/x.git/\n",
          "url=https://git.example/team\nprotocol=https\nhost=git.example\n",
          "protocol=https\nurl=https://git.example\npath=team\n",
          "username=me\nurl=https://git.example/team\nhost=\npath=\n",
          "url=https://git.example/te%61m/My%20Project\npath=team/My Project\n"})
        EXPECT_NE(ask(kAlice, head + good + "\n").find("ghp_secret"), std::string::npos) << good;
    for (const char* other :
         {"url=https://git.example\n", "url=https://git.example/other\n",
          "url=https://git.example/team/../x\n", "url=https://git.example/team%2Fx\n",
          "url=https://you@git.example/team\n", "url=ftp://git.example/team\n",
          "url=http://git.example/team\n", "url=https://git.example:8443/team\n"})
        EXPECT_EQ(ask(kAlice, head + other + "\n"), "\n") << other;
    for (const char* bad :
         {"url=\n", "url=git.example\n", "url=https:///team\n", "url=https://git.example./team\n",
          "url=https://git.example/team%0a\n", "url=https://git.example/team%7f\n",
          "url=https://git%2eexample/team\n", "url=https://a@b@git.example/team\n",
          "protocol=https\nhost=evil.example\nurl=https://git.example/team\n",
          "url=https://git.example/team\nhost=evil.example\n",
          "url=https://git.example/team\nprotocol=http\n",
          "protocol=cert\nurl=https://git.example/team\n",
          "url=https://git.example/evil\npath=team\n", "path=evil\nurl=https://git.example/team\n",
          "url=https://you@git.example/team\nusername=me\n",
          "url=https://git.example/team\nurl=https://git.example/team\n"})
        EXPECT_EQ(ask(kAlice, head + bad + "\n"), kMalformed) << bad;
    const std::string refused = ask(kAlice, head + "url=https://me:hunter2@git.example/team\n\n");
    EXPECT_TRUE(refused.starts_with("error=InvalidTarget\n")) << refused;
    EXPECT_EQ(refused.find("hunter2"), std::string::npos);
}

// Other helpers' protocols are silently left to them.
TEST_F(LineAttackTest, OtherProtocolsAreAnsweredWithSilence) {
    (void)import(kAlice, "ghp_secret");
    for (const char* verb : {"get", "store", "erase"}) {
        for (const char* rest :
             {"protocol=cert\nhost=\npath=home/alice/key.pem\n", "protocol=cert\npath=x\n",
              "protocol=ftp\nhost=git.example\n", "protocol=ssh\nhost=git.example\n",
              "protocol=proxy\nhost=git.example.\n", "url=cert:///home/alice/key.pem\n",
              "protocol=ftp\nhost=b\xc3\xbc.example:x\npath=../..\n"})
            EXPECT_EQ(ask(kAlice, std::string("patd=1\nop=") + verb + "\n" + rest +
                                      "username=me\npassword=x\n\n")
                          .substr(0, 1),
                      "\n")
                << verb << " " << rest;
    }
}

TEST_F(LineAttackTest, MailPasswordsAreKeptAndReleasedForTheirPort) {
    const auto request = [](const char* verb, const char* host) {
        return std::string("patd=1\nop=") + verb + "\nprotocol=smtp\nhost=" + host +
               "\nusername=me@mail.example\n";
    };
    EXPECT_EQ(ask(kAlice, request("store", "mail.example:465") + "password=hunter2\n\n"), "\n");
    EXPECT_EQ(ask(kAlice, request("get", "Mail.example:465") + "\n"),
              "username=me@mail.example\npassword=hunter2\n\n");
    for (const char* host : {"mail.example", "mail.example:587", "evil.example:465"})
        EXPECT_EQ(ask(kAlice, request("get", host) + "\n"), "\n") << host;
    EXPECT_EQ(ask(kAlice, get_request("imaps", "mail.example:465")), "\n");
    EXPECT_EQ(ask(kAlice, get_request("smtp", "")), kMalformed);
}

// What cannot be kept for exactly its path is not kept at all.
TEST_F(LineAttackTest, NothingIsStoredForMoreThanItsPath) {
    const std::string stored =
        ask(kAlice,
            "patd=1\nop=store\nprotocol=https\nhost=git.example\npath=a//b\nusername=me\n"
            "password=hunter2\n\n");
    EXPECT_TRUE(stored.starts_with("error=InvalidTarget\n")) << stored;
    EXPECT_EQ(ask(kAlice, get_request("https", "git.example", "path=a//b\n")), "\n");
}

// Rows C1, C3.
TEST_F(LineAttackTest, ARequestThatSaysTooLittleOrTooMuchIsRefused) {
    (void)import(kAlice, "ghp_secret");
    const std::string head = "patd=1\nop=get\n";
    for (const std::string rest :
         {"\n", "protocol=https\n\n", "host=git.example\n\n", "protocol=\nhost=git.example\n\n",
          "protocol=https\nhost=\n\n", "path=x\nusername=me\n\n",
          "protocol=https\nhost=git.example\nhost=evil.example\n\n",
          "protocol=https\nprotocol=http\nhost=git.example\n\n",
          "protocol=https\nhost=git.example\npath=a\npath=b\n\n", "protocol=HTTP\nhost=\n\n",
          "protocol=smtp\nhost=\n\n", "protocol=https\nhost=git.example\nop=verify\n\n",
          "protocol=https\nhost=git.example\nnovalue\n\n",
          "protocol=https\nhost=git.example\n=x\n\n"})
        EXPECT_EQ(ask(kAlice, head + rest), kMalformed) << rest;
    // Row C16: unknown attributes are ignored.
    EXPECT_NE(ask(kAlice, head + "protocol=https\nhost=git.example\nwwwauth[]=Basic\n"
                                 "wwwauth[]=Bearer\nnew-thing=1\n\n")
                  .find("ghp_secret"),
              std::string::npos);
}

TEST_F(LineAttackTest, OtherVersionsAndVerbsAreRefused) {
    for (const char* head :
         {"", "op=get\n", "patd=\nop=get\n", "patd=2\nop=get\n", "patd=01\nop=get\n", "patd=1\n",
          "patd=1\nop=\n", "patd=1\nop=Get\n", "patd=1\nop=get \n", "patd=1\nop=list\n"})
        EXPECT_EQ(ask(kAlice, std::string(head) + "protocol=https\nhost=git.example\n\n"),
                  kMalformed)
            << head;
}

TEST_F(LineAttackTest, SixtyFourAttributesAndNotOneMore) {
    std::string request = "patd=1\nop=capability\n";
    for (int i = 2; i < 64; ++i)
        request += "k" + std::to_string(i) + "=\n";
    EXPECT_EQ(ask(kAlice, request + "\n"), kCapabilities);
    EXPECT_EQ(ask(kAlice, request + "k64=\n\n"), kMalformed);
}

// quit=1 stops git from asking anybody else: only if one of patd's tokens was meant.
TEST_F(LineAttackTest, OnlyATokenThatFitsStopsGit) {
    const std::string request = get_request("https", "git.example");
    const auto quits = [&](Uid uid) {
        return ask(uid, request).find("\nquit=1\n") != std::string::npos;
    };
    EXPECT_FALSE(quits(kAlice));
    const Token token = import(kAlice, "ghp_secret", {.expires = support::FakeClock::kStart + 9});
    EXPECT_FALSE(quits(kAlice));
    locks_->set_locked(kAlice, true);
    EXPECT_TRUE(quits(kAlice));
    locks_->set_locked(kAlice, false);
    clock_.advance(std::chrono::seconds(10));
    EXPECT_TRUE(quits(kAlice));
    EXPECT_FALSE(quits(kBob));
    // Users who cannot have tokens use other helpers: likewise a container's uid without an
    // account.
    for (const std::uint32_t uid : {65534U, 61184U, 4000000000U})
        EXPECT_EQ(ask(Uid(uid), request), kDenied) << uid;
}

// A client that sends and half-closes, as `printf
// nc -N` does, gets its answer, even a late one.
TEST_F(LineAttackTest, AHalfClosedConnectionGetsItsAnswer) {
    (void)import(kAlice, "ghp_secret");
    lookups_.hold();
    const UniqueFd client = connect(kAlice);
    write(client, get_request("https", "git.example"));
    ::shutdown(client.get(), SHUT_WR);
    EXPECT_EQ(received(client), "");
    EXPECT_EQ(server_->connection_count(), 1U);
    lookups_.release();
    EXPECT_NE(received(client).find("ghp_secret"), std::string::npos);
    EXPECT_TRUE(is_closed(client));
}

// Rows A17, C15, on this side.
TEST_F(LineAttackTest, AClientMayLeaveWhileItsAnswerIsUnderWay) {
    (void)import(kAlice, "ghp_secret");
    lookups_.hold();
    for (int i = 0; i < 5; ++i) {
        const UniqueFd client = connect(kAlice);
        write(client, get_request("https", "git.example"));
        support::turn_while_ready(*loop_);
    }
    support::turn_while_ready(*loop_);
    EXPECT_EQ(server_->connection_count(), 0U);
    lookups_.release();
    support::turn_while_ready(*loop_);
    EXPECT_NE(ask(kAlice, get_request("https", "git.example")).find("ghp_secret"),
              std::string::npos);
}

TEST_F(LineAttackTest, APasswordIsCheckedForRootAndItsUserOnly) {
    const std::string request = "patd=1\nop=check\nuser=daemon\npassword=hunter2\n\n";
    const std::string absent = "patd=1\nop=check\nuser=no-such-user\npassword=hunter2\n\n";
    for (const Uid uid : {kBob, Uid(33)}) {
        EXPECT_EQ(ask(uid, request), kDenied);
        EXPECT_EQ(ask(uid, absent), kDenied);
    }
    EXPECT_FALSE(auth_.has_caller());
    for (const Uid uid : {Uid(0), kAlice}) {
        const UniqueFd client = connect(uid);
        write(client, request);
        support::turn_while_ready(*loop_);
        StepUpConversation conversation = auth_.accept();
        const auto begin = conversation.begin();
        EXPECT_EQ(begin.at("op"), uid.is_root() ? "check" : "authenticate");
        EXPECT_EQ(begin.at("caller"), std::to_string(uid.value()));
        EXPECT_EQ(begin.at("user"), "daemon");
        conversation.send(step_up::FrameKind::PromptSecret, "Password: ");
        EXPECT_EQ(conversation.answer(), "hunter2");
        conversation.send(step_up::FrameKind::Granted);
        ASSERT_TRUE(
            support::turn_until(*loop_, [&] { return support::is_readable(client.get()); }));
        EXPECT_EQ(received(client), "valid=1\n\n");
    }
}

}  // namespace
}  // namespace patd
