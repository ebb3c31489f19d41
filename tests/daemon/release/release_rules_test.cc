// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/context/peer_process.h"
#include "daemon/line/line_server.h"
#include "daemon/line/line_verbs.h"
#include "tests/support/as_uid.h"
#include "tests/support/line_services.h"
#include "tests/support/peer_process.h"
#include "tests/support/scripted_step_up.h"
#include "tests/support/scripted_systemd.h"
#include "tests/support/service_fixture.h"
#include "tests/support/turning.h"

#include <unistd.h>

#include <array>

// Release rules from the line socket to systemd's answer: real processes, real sockets, a real bus;
// only systemd is played by the test.
namespace patd {
namespace {

using support::Issued;
using support::kAlice;
using support::kBob;
using support::PeerProcess;
using support::ProcessAt;
using support::text_of;
using support::TokenSpec;
using Texts = std::vector<std::string>;

constexpr char kGet[] = "patd=1\nop=get\nprotocol=https\nhost=git.example\n\n";
constexpr char kUnit[] = "backup.service";

std::string refusal(Errc why) {
    return "error=" + std::string(errc_name(why)) + "\ntext=" + std::string(errc_message(why)) +
           "\nquit=1\n\n";
}

// What the owner is told of a token that is for `units` alone.
std::string refusal_by(const Token& token, const std::string& units, const std::string& unit) {
    return "error=RuleDenied\ntext=The token " + token.id.text() + " 'a laptop' is only for " +
           units + "; you are " + (unit.empty() ? "in no system unit" : unit) + ".\nquit=1\n\n";
}

class ReleaseRulesTest : public support::ServiceFixture {
  protected:
    void SetUp() override {
        ServiceFixture::SetUp();
        units_.use_bus(bus_.get());
        line_.emplace(context(), *loop_, StepUpSockets{auth_.path(), auth_.path()});
        server_ = LineServer::create({*loop_, line_->verbs, clock_, turns_}, UniqueFd()).value();
        systemd_.set_unit(peer_.pid(), kUnit);
        server_->add_connection(peer_.take_server());
    }
    void TearDown() override { server_.reset(); }

    Token import_for(Uid owner, const Texts& units, const TokenSpec& spec = {}) {
        Token token = import(owner, "ghp_" + std::to_string(owner.value()), spec);
        edit(token, [&](Token& stored) -> Result<void> {
            stored.rules = ReleaseRules::parse(units).value();
            return {};
        });
        return token;
    }
    // A connection of this test's own process, which systemd does not know.
    UniqueFd connect(Uid uid) {
        std::array<int, 2> ends{};
        const support::AsUid user(uid);
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0)
            throw std::runtime_error("socketpair");
        server_->add_connection(UniqueFd(ends[0]));
        return UniqueFd(ends[1]);
    }
    static void write(const UniqueFd& client, std::string_view text) {
        if (::send(client.get(), text.data(), text.size(), MSG_NOSIGNAL) !=
            static_cast<ssize_t>(text.size()))
            throw std::runtime_error("send");
    }
    std::string receive(const UniqueFd& client) {
        if (!support::turn_until(*loop_, [&] { return support::is_readable(client.get()); }))
            return "nothing came";
        std::array<char, 65536> bytes{};
        const ssize_t got = ::recv(client.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
        return {bytes.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
    }
    std::string ask(const UniqueFd& client) {
        write(client, kGet);
        return receive(client);
    }
    // In the unit of the rules.
    std::string ask_in_unit() { return ask(peer_.client()); }
    // In no unit.
    std::string ask_elsewhere(Uid uid = kAlice) { return ask(connect(uid)); }
    void wait_until_asked(std::size_t times) {
        ASSERT_TRUE(support::turn_until(*loop_, [&] { return systemd_.asked() >= times; }));
    }
    store::Event last_event(Uid owner = kAlice) {
        return audit_log_->list({.owner = owner, .limit = 1}).value().at(0);
    }

    support::SystemBus system_;
    support::ScriptedSystemd systemd_{*loop_, system_};
    bus::BusPtr bus_ = system_.connect(*loop_);
    support::ScriptedStepUp auth_{*loop_, directory_.file("auth.sock")};
    std::optional<support::LineServices> line_;
    std::unique_ptr<LineServer> server_;
    PeerProcess peer_{kAlice};
};

TEST_F(ReleaseRulesTest, ReleaseInTheUnitAndRecordIt) {
    const Token token = import_for(kAlice, {kUnit});
    EXPECT_EQ(ask_in_unit(), "username=daemon\npassword=ghp_1\n\n");
    const store::Event event = last_event();
    EXPECT_EQ(event.event + " " + event.outcome, "release ok");
    EXPECT_EQ(event.unit, kUnit);
    EXPECT_EQ(event.token, token.id);
}

TEST_F(ReleaseRulesTest, RefuseElsewhereAndSayWhichRule) {
    const Token token = import_for(kAlice, {kUnit, "other.service"});
    const std::string units = "backup.service,other.service";
    EXPECT_EQ(ask_elsewhere(), refusal_by(token, units, ""));
    store::Event event = last_event();
    EXPECT_EQ(event.event + " " + event.outcome, "release RuleDenied");
    EXPECT_EQ(event.token, token.id);
    EXPECT_EQ(event.where, "https://git.example only for backup.service,other.service");
    EXPECT_EQ(event.unit, "");
    systemd_.set_unit(::getpid(), "user@1.service");
    EXPECT_EQ(ask_elsewhere(), refusal_by(token, units, "user@1.service"));
    EXPECT_EQ(last_event().unit, "user@1.service");
}

// Rules narrow: the unit alone makes nobody an owner.
TEST_F(ReleaseRulesTest, GiveNobodyElseInThatUnitAnything) {
    import_for(kAlice, {kUnit});
    systemd_.set_unit(::getpid(), kUnit);
    EXPECT_EQ(ask_elsewhere(kBob), "\n");
    EXPECT_EQ(ask_elsewhere(kAlice), "username=daemon\npassword=ghp_1\n\n");
}

TEST_F(ReleaseRulesTest, HoldForAnIssuedToken) {
    const Issued issued = issue(kAlice);
    edit(issued.token, [](Token& token) -> Result<void> {
        token.rules = ReleaseRules::parse({kUnit}).value();
        return {};
    });
    EXPECT_EQ(ask_elsewhere(), refusal_by(issued.token, kUnit, ""));
    EXPECT_TRUE(ask_in_unit().starts_with("username=daemon\npassword=patc1_"));
}

TEST_F(ReleaseRulesTest, LoseToATokenThatMayBeReleased) {
    import_for(kAlice, {kUnit}, {.targets = {"https://git.example"}, .username = "narrow"});
    issue(kAlice, {.permissions = "vcs"});
    EXPECT_TRUE(ask_elsewhere().starts_with("username=daemon\n"));
    EXPECT_EQ(last_event().outcome, "ok");
}

TEST_F(ReleaseRulesTest, CostNothingWhereThereAreNone) {
    import_for(kAlice, {});
    EXPECT_EQ(ask_elsewhere(), "username=daemon\npassword=ghp_1\n\n");
    EXPECT_EQ(systemd_.asked(), 0U);
    EXPECT_EQ(last_event().unit, "");
}

// Row A7.
TEST_F(ReleaseRulesTest, RefuseWhenSystemdDoesNotAnswer) {
    import_for(kAlice, {kUnit});
    systemd_.hold();
    EXPECT_EQ(ask_in_unit(), refusal(Errc::Unavailable));
    EXPECT_EQ(last_event().outcome, "Unavailable");
    EXPECT_EQ(last_event().where, "https://git.example only for backup.service");
}

TEST_F(ReleaseRulesTest, RefuseWhenSystemdAnswersGarbage) {
    import_for(kAlice, {kUnit});
    systemd_.set_path("/org/freedesktop/systemd1/unit/backup");
    EXPECT_EQ(ask_in_unit(), refusal(Errc::Unavailable));
}

TEST_F(ReleaseRulesTest, RefuseWithoutABus) {
    import_for(kAlice, {kUnit});
    units_.use_bus(nullptr);
    EXPECT_EQ(ask_in_unit(), refusal(Errc::Unavailable));
    EXPECT_EQ(ask_elsewhere(), refusal(Errc::Unavailable));
}

// Row A7: the process that connected is gone, and systemd's answer about its number is true of
// another.
TEST_F(ReleaseRulesTest, A7_RefuseAProcessWhoseNumberIsAnothersNow) {
    ASSERT_TRUE(has_peer_descriptors()) << "run this on Linux 6.5 or later";
    const Token token = import_for(kAlice, {kUnit});
    ASSERT_EQ(ask_in_unit(), "username=daemon\npassword=ghp_1\n\n");
    peer_.end();
    const ProcessAt other(peer_.pid());
    EXPECT_EQ(ask_in_unit(), refusal_by(token, kUnit, ""));
    EXPECT_EQ(last_event().unit, "");
}

TEST_F(ReleaseRulesTest, AreThoseOfTheMomentOfTheAnswer) {
    const Token token = import_for(kAlice, {kUnit});
    systemd_.hold();
    write(peer_.client(), kGet);
    wait_until_asked(1);
    edit(token, [](Token& stored) -> Result<void> {
        stored.rules = ReleaseRules::parse({"other.service"}).value();
        return {};
    });
    systemd_.release();
    EXPECT_EQ(receive(peer_.client()), refusal_by(token, "other.service", kUnit));
    systemd_.hold();
    write(peer_.client(), kGet);
    wait_until_asked(2);
    locks_->set_locked(kAlice, true);
    systemd_.release();
    EXPECT_EQ(receive(peer_.client()), refusal(Errc::Locked));
    locks_->set_locked(kAlice, false);
    systemd_.hold();
    write(peer_.client(), kGet);
    wait_until_asked(3);
    store_->remove(token.id, kAlice, clock_.now()).value();
    systemd_.release();
    EXPECT_EQ(receive(peer_.client()), "\n");
}

// Row A17.
TEST_F(ReleaseRulesTest, SurviveAClientThatGoesWhileSystemdIsAsked) {
    import_for(kAlice, {kUnit});
    systemd_.hold();
    {
        const UniqueFd client = connect(kAlice);
        write(client, kGet);
        wait_until_asked(1);
    }
    ASSERT_TRUE(support::turn_until(*loop_, [&] { return server_->connection_count() == 1; }));
    systemd_.release();
    ASSERT_TRUE(support::turn_until(*loop_, [&] { return units_.waiting() == 0; }));
    EXPECT_EQ(last_event().outcome, "RuleDenied");
}

TEST_F(ReleaseRulesTest, LetEveryUnitBeRecordedWhereTheAdminWantsIt) {
    const Issued issued = issue(kAlice);
    state_.settings.record_units = true;
    EXPECT_TRUE(ask_in_unit().starts_with("username=daemon\n"));
    EXPECT_EQ(last_event().unit, kUnit);
    const std::string verify = "patd=1\nop=verify\ntoken=" + text_of(issued.secret) + "\n\n";
    const UniqueFd elsewhere = connect(kAlice);
    for (const UniqueFd* client : {&peer_.client(), &elsewhere}) {
        write(*client, verify);
        EXPECT_TRUE(receive(*client).starts_with("valid=1\n"));
    }
    auditor_.reset();  // writes what it gathered
    std::size_t verifies = 0;
    for (const store::Event& event : audit_log_->list({.unit = kUnit}).value())
        verifies += event.event == "verify" ? event.count : 0;
    EXPECT_EQ(verifies, 1U);
}

// What is only for the log must not stop a release.
TEST_F(ReleaseRulesTest, RecordNoUnitRatherThanRefuse) {
    import_for(kAlice, {});
    state_.settings.record_units = true;
    units_.use_bus(nullptr);
    EXPECT_EQ(ask_in_unit(), "username=daemon\npassword=ghp_1\n\n");
    EXPECT_EQ(last_event().unit, "");
}

// Row D2.
// One user asks 10,000 times over as many connections as allowed, and systemd is slow.
TEST_F(ReleaseRulesTest, KeepAFloodOfOneUserFromEverybodyElse) {
    import_for(kAlice, {kUnit});
    import_for(kBob, {kUnit});
    constexpr std::size_t kConnections = limits::kLineServedPerUser;
    constexpr std::size_t kRequests = 2'000 / kConnections + 1;
    std::string burst;
    for (std::size_t i = 0; i < kRequests; ++i)
        burst += kGet;
    systemd_.set_unit(::getpid(), kUnit);
    systemd_.hold();
    std::vector<UniqueFd> clients;
    std::vector<std::size_t> sent(kConnections, 0);
    std::vector<std::size_t> answered(kConnections, 0);
    for (std::size_t i = 0; i < kConnections; ++i)
        clients.push_back(connect(kAlice));
    const auto pump = [&] {
        std::array<char, 65536> bytes{};
        for (std::size_t i = 0; i < kConnections; ++i) {
            const ssize_t out = ::send(clients[i].get(), burst.data() + sent[i],
                                       burst.size() - sent[i], MSG_DONTWAIT | MSG_NOSIGNAL);
            sent[i] += out > 0 ? static_cast<std::size_t>(out) : 0;
            const ssize_t in = ::recv(clients[i].get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
            const std::string_view text(bytes.data(), in > 0 ? static_cast<std::size_t>(in) : 0);
            for (std::size_t at = text.find("\n\n"); at != std::string_view::npos;
                 at = text.find("\n\n", at + 2))
                ++answered[i];
        }
    };
    pump();
    ASSERT_TRUE(support::turn_until(*loop_, [&] { return units_.waiting() == kConnections; }));
    ASSERT_TRUE(support::turn_until(
        *loop_, [&] { return systemd_.waiting() == limits::kUnitLookupsOfUser; }));
    // Bob asks while all of those wait.
    const UniqueFd bob = connect(kBob);
    write(bob, kGet);
    ASSERT_TRUE(support::turn_until(
        *loop_, [&] { return systemd_.waiting() == limits::kUnitLookupsOfUser + 1; }));
    systemd_.release();
    EXPECT_EQ(receive(bob), "username=bin\npassword=ghp_2\n\n");
    std::size_t turns = 0;
    const auto is_over = [&] {
        if (++turns % 32 == 0)
            pump();
        EXPECT_LE(units_.waiting(), limits::kUnitLookupsWaiting);
        return std::all_of(answered.begin(), answered.end(),
                           [](std::size_t count) { return count == kRequests; });
    };
    EXPECT_TRUE(support::turn_until(*loop_, is_over, std::chrono::seconds(90)));
}

}  // namespace
}  // namespace patd
