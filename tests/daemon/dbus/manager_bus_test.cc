// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/dbus/manager_bus.h"

#include "common/base/limits.h"
#include "tests/support/bus_fixture.h"
#include "tests/support/read_store.h"

#include <gtest/gtest.h>

namespace patd {
namespace {

using support::ClientSink;
using support::create_arguments;
using support::dict;
using support::import_arguments;
using support::kAlice;
using support::kAliceBus;
using support::kBob;
using support::kBobBus;
using support::kRootBus;
using support::patd_error;
using support::Reply;
using support::with;

using Strings = std::vector<std::string>;

class ManagerBusTest : public support::BusFixture {
  protected:
    std::string create_error(const std::string& description, const Strings& permissions,
                             const bus::Dict& options = {}) {
        return manager(kAliceBus, "Create", create_arguments(description, permissions, options))
            .error;
    }
    std::string import_error(const bus::Dict& options) {
        return manager(kAliceBus, "Import", import_arguments("forge", options)).error;
    }
    // aa{sv}
    static std::vector<bus::Dict> dicts(const Reply& reply) {
        std::vector<bus::Dict> found;
        sd_bus_message* message = reply.message.get();
        support::must(sd_bus_message_enter_container(message, 'a', "a{sv}"), "enter");
        while (sd_bus_message_at_end(message, 0) == 0)
            found.push_back(support::read_dict(reply));
        return found;
    }
    std::size_t listed(const char* who) {
        const Reply reply = manager(who, "List");
        sd_bus_message* message = reply.message.get();
        std::size_t count = 0;
        support::must(sd_bus_message_enter_container(message, 'a', "(oa{sv})"), "enter");
        while (sd_bus_message_skip(message, "(oa{sv})") > 0 && ++count < 5000) {
            if (sd_bus_message_at_end(message, 0) > 0)
                break;
        }
        return count;
    }
    Reply explain_to_alice(const char* url, const bus::Dict& options = {}) {
        return manager(kAliceBus, "Explain", [&](sd_bus_message* message) {
            sd_bus_message_append(message, "s", url);
            options.append_to(message).value();
        });
    }
    bus::Dict status(const char* who) { return support::read_dict(manager(who, "Status")); }
    Reply carry_out(const std::string& path) {
        prove(kAliceBus, path);
        return commit(kAliceBus, path, ClientSink(kAlice));
    }
};

TEST_F(ManagerBusTest, CreateRefusesWhatItCanBeforeThePassword) {
    const std::string before = store_bytes();
    const Strings good = {"vcs:repository:rw"};
    for (const std::string& description :
         {std::string(), std::string(65, 'x'), std::string("a\tb"), std::string("a\x7f"),
          std::string("\xe2\x80\xae"
                      "evil")})
        EXPECT_EQ(create_error(description, good), patd_error(Errc::InvalidDescription));
    for (const Strings& permissions :
         {Strings{}, Strings{""}, Strings{"vcs:repository:admin"}, Strings{"vcs repository"},
          Strings(65, "vcs"), Strings{"vcs:*"}})
        EXPECT_EQ(create_error("x", permissions), patd_error(Errc::InvalidPermission));
    for (const char* target : {"", "git.example", "https://", "https://*.example",
                               "https://u@git.example", "https://git.example?q", "ftp://x"})
        EXPECT_EQ(create_error("x", good, dict({{"targets", Strings{target}}})),
                  patd_error(Errc::InvalidTarget))
            << target;
    EXPECT_EQ(create_error("x", good, dict({{"expires", support::FakeClock::kStart}})),
              patd_error(Errc::InvalidExpiry));
    EXPECT_EQ(create_error("x", good, dict({{"colour", true}})), patd_error(Errc::UnknownOption));
    // Only an imported token has its own user name.
    EXPECT_EQ(create_error("x", good, dict({{"username", std::string("me")}})),
              patd_error(Errc::UnknownOption));
    EXPECT_EQ(create_error("x", good, dict({{"targets", true}})),
              patd_error(Errc::MalformedRequest));
    EXPECT_EQ(operations_.size(), 0U);
    EXPECT_EQ(store_bytes(), before);
}

// Row D3.
TEST_F(ManagerBusTest, ArgumentsOfAnotherTypeAreRefusedByTheirSignature) {
    const Reply reply =
        manager(kAliceBus, "Create", [](sd_bus_message* m) { sd_bus_message_append(m, "s", "x"); });
    EXPECT_EQ(reply.error, "org.freedesktop.DBus.Error.InvalidArgs");
    EXPECT_EQ(operations_.size(), 0U);
}

TEST_F(ManagerBusTest, ImportNeedsATargetAndAUserName) {
    const Strings targets = {"https://github.com"};
    EXPECT_EQ(import_error(dict({{"username", std::string("me")}})),
              patd_error(Errc::InvalidTarget));
    EXPECT_EQ(import_error(dict({{"username", std::string("me")}, {"targets", Strings{}}})),
              patd_error(Errc::InvalidTarget));
    EXPECT_EQ(import_error(dict({{"targets", targets}})), patd_error(Errc::InvalidUsername));
    EXPECT_EQ(import_error(dict({{"targets", targets}, {"username", std::string()}})),
              patd_error(Errc::InvalidUsername));
    EXPECT_EQ(import_error(dict({{"targets", targets},
                                 {"username", std::string("me")},
                                 {"secret", std::string("ghp_x")}})),
              patd_error(Errc::UnknownOption));
    EXPECT_EQ(operations_.size(), 0U);
}

TEST_F(ManagerBusTest, ImportKeepsASecretThatCameThroughASink) {
    const std::string path =
        manager(kAliceBus, "Import",
                import_arguments("forge", dict({{"targets", Strings{"https://github.com"}},
                                                {"username", std::string("me")}})))
            .path();
    Prompt prompt = next(kAliceBus, path);
    EXPECT_EQ(prompt.kind, "token-secret");
    support::answer(std::move(prompt.sink), "ghp_secret");
    bus::Dict result = support::read_dict(carry_out(path));
    EXPECT_EQ(result.take<bool>("acknowledge").value(), false);
    const std::string id = result.take<std::string>("id").value().value();
    EXPECT_EQ(support::text_of(open_secret(*store_, TokenId::parse(id).value()).value()),
              "ghp_secret");
}

TEST_F(ManagerBusTest, ImportTakesNoSecretOfPatdsOwnMaking) {
    const std::string own = support::text_of(issue(kBob).secret);
    for (const std::string& secret : {own, std::string("a\nb"), std::string("a\0b", 3)}) {
        const std::string path =
            manager(kAliceBus, "Import",
                    import_arguments("forge", dict({{"targets", Strings{"https://github.com"}},
                                                    {"username", std::string("me")}})))
                .path();
        support::answer(next(kAliceBus, path).sink, secret);
        EXPECT_EQ(carry_out(path).error, patd_error(Errc::InvalidSecret));
    }
    EXPECT_EQ(listed(kAliceBus), 0U);
}

TEST_F(ManagerBusTest, ListShowsTheCallersOwn) {
    (void)issue(kAlice);
    (void)issue(kAlice);
    (void)issue(kBob);
    EXPECT_EQ(listed(kAliceBus), 2U);
    EXPECT_EQ(listed(kBobBus), 1U);
}

TEST_F(ManagerBusTest, RemoveAllTakesTheCallersAndNobodyElses) {
    (void)issue(kAlice);
    (void)import(kAlice, "ghp_secret");
    (void)issue(kBob);
    const std::string path = manager(kAliceBus, "RemoveAll").path();
    prove(kAliceBus, path);
    EXPECT_EQ(listed(kAliceBus), 2U);
    bus::Dict result = support::read_dict(commit(kAliceBus, path, ClientSink(kAlice)));
    EXPECT_EQ(result.take<std::uint32_t>("removed").value(), 2U);
    EXPECT_EQ(listed(kAliceBus), 0U);
    EXPECT_EQ(listed(kBobBus), 1U);
}

TEST_F(ManagerBusTest, LockIsAtOnceAndUnlockAfterThePassword) {
    EXPECT_EQ(status(kAliceBus).take<bool>("locked").value(), false);
    ASSERT_TRUE(manager(kAliceBus, "Lock").ok());
    EXPECT_EQ(status(kAliceBus).take<bool>("locked").value(), true);
    EXPECT_EQ(status(kBobBus).take<bool>("locked").value(), false);
    const std::string path = manager(kAliceBus, "Unlock", with({})).path();
    prove(kAliceBus, path);
    EXPECT_EQ(status(kAliceBus).take<bool>("locked").value(), true);
    ASSERT_TRUE(commit(kAliceBus, path, ClientSink(kAlice)).ok());
    EXPECT_EQ(status(kAliceBus).take<bool>("locked").value(), false);
}

// Every user has 65,536 sub-uids: each could have left a row.
TEST_F(ManagerBusTest, ALockOfAUidThatNobodyHasIsNotKept) {
    const Uid nobodys(3999999999);
    identity_.set(":1.99", nobodys);
    const std::string before = store_bytes();
    EXPECT_EQ(manager(":1.99", "Lock").error, patd_error(Errc::AccessDenied));
    EXPECT_EQ(store_bytes(), before);
    EXPECT_EQ(events(nobodys), std::vector<std::string>{});
    // An owner of tokens may, even without an account.
    Token token = support::make_token(kAlice, TokenKind::Issued);
    token.owner = nobodys;
    store_->insert(token, make_issued_secret(token.id, random_).value()).value();
    EXPECT_TRUE(manager(":1.99", "Lock").ok());
    EXPECT_TRUE(store_->is_locked(nobodys).value());
}

TEST_F(ManagerBusTest, UnlockOpensOneTokenForAWhile) {
    const Token token =
        import(kAlice, "ghp_secret", {.permissions = "", .confirm = Confirm::Always});
    const auto unlock = [&](const bus::Dict& options) {
        return manager(kAliceBus, "Unlock", with(options));
    };
    const std::string id = token.id.text();
    EXPECT_EQ(unlock(dict({{"token", id}})).error, patd_error(Errc::MalformedRequest));
    EXPECT_EQ(unlock(dict({{"seconds", std::int64_t{60}}})).error,
              patd_error(Errc::MalformedRequest));
    for (const std::int64_t seconds : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{28801},
                                       std::numeric_limits<std::int64_t>::max()})
        EXPECT_EQ(unlock(dict({{"token", id}, {"seconds", seconds}})).error,
                  patd_error(Errc::InvalidExpiry));
    EXPECT_EQ(unlock(dict({{"token", std::string("x")}, {"seconds", std::int64_t{60}}})).error,
              patd_error(Errc::NotFound));
    const std::string path = unlock(dict({{"token", id}, {"seconds", std::int64_t{60}}})).path();
    EXPECT_FALSE(locks_->is_open(token.id));
    ASSERT_TRUE(carry_out(path).ok());
    EXPECT_TRUE(locks_->is_open(token.id));
    clock_.advance(std::chrono::seconds(61));
    EXPECT_FALSE(locks_->is_open(token.id));
}

TEST_F(ManagerBusTest, ExplainNamesTheTokenAndWhyNotTheOthers) {
    const std::string wide = import(kAlice, "ghp_1").id.text();
    TokenId narrow = import(kAlice, "ghp_2", {.targets = {"https://git.example/team"}}).id;
    (void)import(kBob, "ghp_3");
    const auto explain = [&](const char* url) { return explain_to_alice(url); };
    const Reply reply = explain("https://git.example/team/repo");
    EXPECT_EQ(reply.string(), "released");
    std::vector<bus::Dict> candidates = dicts(reply);
    ASSERT_EQ(candidates.size(), 2U);
    for (bus::Dict& candidate : candidates) {
        const bool best = candidate.take<std::string>("id").value() == narrow.text();
        EXPECT_EQ(candidate.take<std::string>("verdict").value(),
                  best ? "released" : "shorter-path");
        EXPECT_EQ(candidate.take<std::string>("description").value(), "a laptop");
        EXPECT_TRUE(candidate.take<std::string>("target").value());
        EXPECT_TRUE(candidate.take<std::vector<std::string>>("only-units").value()->empty());
        EXPECT_EQ(candidate.take<std::string>("unit").value(), "");
        EXPECT_EQ(candidate.take<std::string>("username").value(), "daemon");
        EXPECT_TRUE(candidate.expect_empty());
    }
    EXPECT_EQ(explain("https://other.example").string(), "none");
    ASSERT_TRUE(manager(kAliceBus, "Lock").ok());
    EXPECT_EQ(explain("https://git.example/team/repo").string(), "Locked");
    for (const char* url : {"", "git.example", "https://*.example", "https://u:p@git.example"})
        EXPECT_EQ(explain(url).error, patd_error(Errc::InvalidTarget)) << url;
    // Looking released nothing.
    for (const std::string& event : events(kAlice))
        EXPECT_FALSE(event.starts_with("release")) << event;
    EXPECT_FALSE(wide.empty());
}

// Takes the same path as a release: what it says about a unit is what a process of that unit gets.
TEST_F(ManagerBusTest, ExplainLooksAtTheRulesForTheUnitThatIsNamed) {
    const Token ruled = import(kAlice, "ghp_1", {.targets = {"https://git.example/team"}});
    edit(ruled, [](Token& token) -> Result<void> {
        token.rules = ReleaseRules::parse({"backup.service"}).value();
        return {};
    });
    const auto explain = [&](const bus::Dict& options) {
        return explain_to_alice("https://git.example/team", options);
    };
    const Reply inside = explain(dict({{"unit", "backup.service"}}));
    EXPECT_EQ(inside.string(), "released");
    bus::Dict candidate = dicts(inside).at(0);
    EXPECT_EQ(candidate.take<std::vector<std::string>>("only-units").value(),
              std::vector<std::string>{"backup.service"});
    EXPECT_EQ(candidate.take<std::string>("unit").value(), "backup.service");
    const Reply outside = explain(dict({{"unit", "other.service"}}));
    EXPECT_EQ(outside.string(), "RuleDenied");
    EXPECT_EQ(dicts(outside).at(0).take<std::string>("verdict").value(), "RuleDenied");
    // Nobody can be asked for the caller's own unit: it fails closed, as a release would.
    EXPECT_EQ(explain({}).string(), "Unavailable");
    (void)import(kAlice, "ghp_2");
    EXPECT_EQ(explain(dict({{"unit", "other.service"}})).string(), "released");
    EXPECT_EQ(events(kAlice), std::vector<std::string>{});
}

// What a script asks for with --permission decides here too.
TEST_F(ManagerBusTest, ExplainSaysWhichTokenLacksThePermission) {
    (void)issue(kAlice);  // vcs:repository:rw
    const auto verdict = [&](const std::string& permission) {
        bus::Dict options;
        options.set("permissions", Strings{permission});
        const Reply reply = explain_to_alice("https://git.example/team/repo", options);
        const std::string outcome = reply.string();
        return outcome + " " + dicts(reply).at(0).take<std::string>("verdict").value().value();
    };
    EXPECT_EQ(verdict("vcs:repository:ro"), "released released");
    EXPECT_EQ(verdict("vcs:merge:ro"), "none lacks-permission");
}

TEST_F(ManagerBusTest, ExplainRefusesWhatIsNoQuestion) {
    (void)import(kAlice, "ghp_1");
    const auto error = [&](const bus::Dict& options) {
        return explain_to_alice("https://git.example", options).error;
    };
    EXPECT_EQ(error(dict({{"unit", "backup"}})), patd_error(Errc::InvalidRule));
    EXPECT_EQ(error(dict({{"unit", ""}})), patd_error(Errc::InvalidRule));
    EXPECT_EQ(error(dict({{"unit", true}})), patd_error(Errc::MalformedRequest));
    EXPECT_EQ(error(dict({{"permissions", std::vector<std::string>{"VCS"}}})),
              patd_error(Errc::InvalidPermission));
    EXPECT_EQ(error(dict({{"uid", std::uint32_t{2}}})), patd_error(Errc::UnknownOption));
    EXPECT_EQ(explain_to_alice("https://git.example", dict({{"username", "somebody"}})).string(),
              "none");
}

TEST_F(ManagerBusTest, CreateTakesReleaseRules) {
    const std::vector<std::string> units{"job@1.service", "backup.service"};
    (void)create(dict({{"only-units", units}}));
    const Token made = list_tokens(*store_, kAlice).value().at(0).token;
    EXPECT_EQ(made.rules.text(), "backup.service,job@1.service");
    EXPECT_EQ(made.generation, 1U);
    for (const char* bad : {"", "backup", "a.timer", "job@.service"}) {
        const bus::Dict options = dict({{"only-units", std::vector<std::string>{bad}}});
        EXPECT_EQ(
            manager(kAliceBus, "Create", create_arguments("laptop", {"vcs:repository:rw"}, options))
                .error,
            patd_error(Errc::InvalidRule))
            << bad;
    }
}

TEST_F(ManagerBusTest, ListEventsShowsTheCallersOwnNewestFirst) {
    ASSERT_TRUE(manager(kAliceBus, "Lock").ok());
    const std::string path = manager(kAliceBus, "Unlock", with({})).path();
    ASSERT_TRUE(carry_out(path).ok());
    ASSERT_TRUE(manager(kBobBus, "Lock").ok());
    std::vector<bus::Dict> shown = dicts(manager(kAliceBus, "ListEvents", with({})));
    ASSERT_EQ(shown.size(), 2U);
    EXPECT_EQ(shown[0].take<std::string>("event").value(), "unlock");
    EXPECT_EQ(shown[1].take<std::string>("event").value(), "lock");
    EXPECT_EQ(shown[1].take<std::string>("outcome").value(), "ok");
    EXPECT_EQ(shown[1].take<std::uint32_t>("by").value(), 1U);
    EXPECT_EQ(shown[1].take<std::uint32_t>("count").value(), 1U);
    EXPECT_EQ(shown[1].take<std::int64_t>("at").value(), support::FakeClock::kStart);
    const auto one =
        dicts(manager(kAliceBus, "ListEvents", with(dict({{"limit", std::uint32_t{1}}}))));
    EXPECT_EQ(one.size(), 1U);
    EXPECT_EQ(manager(kAliceBus, "ListEvents", with(dict({{"all", true}}))).error,
              patd_error(Errc::UnknownOption));
    EXPECT_EQ(manager(kAliceBus, "ListEvents", with(dict({{"limit", std::int64_t{1}}}))).error,
              patd_error(Errc::MalformedRequest));
}

// What a service says about itself in a verify is shown, and never keeps an owner from seeing the
// rest.
TEST_F(ManagerBusTest, BytesOfAServiceNeverSpoilAnOwnersLists) {
    const support::Issued issued = issue(kAlice);
    VerifyRequest request;
    request.where = "\xff\xfe evil";
    const std::string secret = support::text_of(issued.secret);
    ASSERT_TRUE(line_->verifier.verify(support::caller_of(kBob), secret, request).value().valid);
    request.user = "somebody";
    ASSERT_FALSE(line_->verifier.verify(support::caller_of(kBob), secret, request).value().valid);
    ASSERT_TRUE(support::turn_until(*loop_, [&] {
        const auto tokens = list_tokens(*store_, kAlice).value();
        return tokens.front().last_use.at != 0;
    }));
    EXPECT_TRUE(manager(kAliceBus, "List").ok());
    EXPECT_TRUE(token(kAliceBus, issued.token.id.view(), "Show").ok());
    EXPECT_TRUE(manager(kAliceBus, "ListEvents", with({})).ok());
}

// status_test has its content.
TEST_F(ManagerBusTest, StatusTellsWhoOneIs) {
    (void)issue(kAlice);
    EXPECT_EQ(status(kAliceBus).take<std::string>("user").value(), "daemon");
    EXPECT_EQ(status(kAliceBus).take<std::uint32_t>("tokens").value(), 1U);
    EXPECT_EQ(status(kAliceBus).find("tokens-all"), nullptr);
    EXPECT_EQ(status(kRootBus).take<std::uint32_t>("tokens-all").value(), 1U);
}

TEST_F(ManagerBusTest, SetServicePasswordTalksToTheRightService) {
    const std::string path = manager(kAliceBus, "SetServicePassword").path();
    support::PendingCall waiting = as(kAliceBus).send(path, names::kOperationInterface, "Next");
    support::StepUpConversation change = auth_.accept();
    EXPECT_EQ(change.begin().at("op"), "change");
    change.send(step_up::FrameKind::Refused, "NoServicePassword");
    support::StepUpConversation enroll = enroll_.accept();
    const auto begin = enroll.begin();
    EXPECT_EQ(begin.at("op"), "enroll");
    EXPECT_EQ(begin.at("caller"), "1");
    EXPECT_EQ(begin.at("uid"), "1");
    EXPECT_EQ(begin.at("user"), "daemon");
    enroll.send(step_up::FrameKind::Granted);
    EXPECT_EQ(support::read_prompt(as(kAliceBus).finish(std::move(waiting))).kind, "done");
    EXPECT_TRUE(commit(kAliceBus, path, ClientSink(kAlice)).ok());
}

// Rows A2, A6, A14: uids that belong to nobody own nothing.
TEST_F(ManagerBusTest, UidsThatAreNobodysOwnGetNothing) {
    for (const std::uint32_t uid : {65534U, 65535U, 0xffffffffU, 61184U, 65519U}) {
        identity_.set(kAliceBus, Uid(uid));
        for (const char* member : {"List", "Status", "RemoveAll", "Lock", "SetServicePassword"})
            EXPECT_EQ(manager(kAliceBus, member).error, patd_error(Errc::AccessDenied))
                << uid << member;
        EXPECT_EQ(create_error("x", {"vcs"}), patd_error(Errc::AccessDenied)) << uid;
    }
    // A uid without an account may be somebody's tomorrow.
    identity_.set(kAliceBus, Uid(4000000000U));
    EXPECT_EQ(create_error("x", {"vcs"}), patd_error(Errc::AccessDenied));
    EXPECT_EQ(operations_.size(), 0U);
}

TEST_F(ManagerBusTest, ATokenTooManyIsRefusedBeforeThePassword) {
    std::vector<store::TokenStore::NewToken> tokens;
    for (std::size_t i = 0; i < limits::kTokensPerUser; ++i)
        tokens.emplace_back(support::make_token(kAlice, TokenKind::Imported),
                            support::secret_of("ghp_" + std::to_string(i)));
    store_->insert_many(tokens).value();
    EXPECT_EQ(create_error("x", {"vcs"}), patd_error(Errc::LimitExceeded));
    EXPECT_EQ(listed(kAliceBus), limits::kTokensPerUser);
}

TEST_F(ManagerBusTest, ListPermissionsGivesTheCatalogueToEveryUser) {
    for (const char* who : {kAliceBus, kRootBus}) {
        std::vector<bus::Dict> entries = dicts(manager(who, "ListPermissions"));
        ASSERT_EQ(entries.size(), 5U);
        EXPECT_EQ(entries[1].take<std::string>("area").value(), "user");
        EXPECT_EQ(entries[1].take<std::string>("object").value(), "profile");
        EXPECT_EQ(entries[1].take<Strings>("access").value(), Strings{"ro"});
        EXPECT_EQ(entries[1].take<std::string>("description").value(), "The account");
        EXPECT_TRUE(entries[1].expect_empty());
        EXPECT_EQ(entries[2].take<std::string>("object").value(), "");
        EXPECT_EQ(entries[2].take<Strings>("access").value(), Strings{});
        EXPECT_EQ(entries[4].take<Strings>("access").value(), (Strings{"ro", "rw"}));
    }
    state_.catalogue = {};
    EXPECT_TRUE(dicts(manager(kAliceBus, "ListPermissions")).empty());
}

TEST_F(ManagerBusTest, APermissionOutsideTheCatalogueIsRefusedAtOnce) {
    EXPECT_EQ(create_error("x", {"wiki:page:ro"}), patd_error(Errc::UnknownPermission));
    EXPECT_EQ(create_error("x", {"vcs:repository:ro", "wiki"}),
              patd_error(Errc::UnknownPermission));
    EXPECT_EQ(import_error(dict({{"targets", Strings{"https://forge.example"}},
                                 {"username", std::string("alice")},
                                 {"permissions", Strings{"wiki"}}})),
              patd_error(Errc::UnknownPermission));
    EXPECT_EQ(operations_.size(), 0U);
}

TEST_F(ManagerBusTest, SubscribeTakesTheCallingConnectionAndHasALimit) {
    std::vector<std::string> told;
    subscriptions_.send_by(
        [&](const std::string& connection, const OwnerSignal&) { told.push_back(connection); });
    EXPECT_TRUE(manager(kAliceBus, "Subscribe").ok());
    EXPECT_TRUE(manager(kAliceBus, "Subscribe").ok());
    EXPECT_TRUE(manager(kBobBus, "Subscribe").ok());
    const OwnerSignal signal{.owner = kAlice, .token = TokenId::generate(random_).value()};
    subscriptions_.tell(signal);
    EXPECT_EQ(told, Strings{kAliceBus});
    EXPECT_TRUE(manager(kBobBus, "Unsubscribe").ok());
    EXPECT_TRUE(manager(kAliceBus, "Unsubscribe").ok());
    EXPECT_TRUE(manager(kAliceBus, "Unsubscribe").ok());
    subscriptions_.tell(signal);
    EXPECT_EQ(told.size(), 1U);
    for (std::size_t i = 0; i < limits::kSubscriptionsPerUser; ++i)
        subscriptions_.add(support::caller_of(kAlice, ":9." + std::to_string(i))).value();
    EXPECT_EQ(manager(kAliceBus, "Subscribe").error, patd_error(Errc::LimitExceeded));
}

TEST_F(ManagerBusTest, ListAndStatusTellWhatExpiresSoon) {
    const UnixTime now = clock_.now();
    issue(kAlice, {.expires = now + 6 * 24 * 3600});
    issue(kAlice, {.expires = now + 8 * 24 * 3600});
    issue(kAlice);
    issue(kBob, {.expires = now + 3600});
    bus::Dict found = status(kAliceBus);
    EXPECT_EQ(found.take<std::uint32_t>("tokens-expiring").value(), 1U);
    EXPECT_EQ(found.take<std::int64_t>("expiry-notice").value(), 7 * 24 * 3600);
    const Reply reply = manager(kAliceBus, "List");
    sd_bus_message* message = reply.message.get();
    support::must(sd_bus_message_enter_container(message, 'a', "(oa{sv})"), "enter");
    std::size_t soon = 0;
    while (sd_bus_message_enter_container(message, 'r', "oa{sv}") > 0) {
        (void)reply.path();
        bus::Dict token = support::read_dict(reply);
        const bool marked = token.take<bool>("expires-soon").value().value();
        EXPECT_EQ(marked, token.take<std::int64_t>("expires").value() == now + 6 * 24 * 3600);
        soon += marked ? 1U : 0U;
        support::must(sd_bus_message_exit_container(message), "exit");
    }
    EXPECT_EQ(soon, 1U);
    state_.settings.expiry_notice = std::chrono::seconds(0);
    found = status(kAliceBus);
    EXPECT_EQ(found.take<std::uint32_t>("tokens-expiring").value(), 0U);
    clock_.advance(std::chrono::hours(7 * 24));
    state_.settings.expiry_notice = std::chrono::hours(24 * 7);
    found = status(kAliceBus);
    EXPECT_EQ(found.take<std::uint32_t>("tokens-expiring").value(), 1U) << "not what is over";
}

}  // namespace
}  // namespace patd
