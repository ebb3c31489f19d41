// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/tokens/bulk_import.h"

#include "common/base/limits.h"
#include "tests/support/bus_fixture.h"
#include "tests/support/full_disk.h"
#include "tests/support/read_store.h"

#include <gtest/gtest.h>

#include <set>

namespace patd {
namespace {

using support::ClientSink;
using support::dict;
using support::kAlice;
using support::kAliceBus;
using support::kBob;
using support::patd_error;
using support::PendingCall;
using support::Reply;
using Dicts = std::vector<bus::Dict>;
using Texts = std::vector<std::string>;

bus::Dict wanted(std::size_t number) {
    return dict({{"description", "forge " + std::to_string(number)},
                 {"targets", Texts{"https://forge" + std::to_string(number) + ".example"}},
                 {"username", std::string("me")}});
}

Dicts wanted_many(std::size_t count) {
    Dicts all;
    for (std::size_t i = 0; i < count; ++i)
        all.push_back(wanted(i));
    return all;
}

std::string secrets_for(std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i)
        text += "ghp_secret" + std::to_string(i) + "\n";
    return text;
}

class BulkImportTest : public support::BusFixture {
  protected:
    Reply begin(const Dicts& tokens) {
        return manager(kAliceBus, "ImportMany", [&](sd_bus_message* message) {
            support::must(sd_bus_message_open_container(message, 'a', "a{sv}"), "open");
            for (const bus::Dict& token : tokens)
                token.append_to(message).value();
            support::must(sd_bus_message_close_container(message), "close");
        });
    }
    std::string error_of(const bus::Dict& changed) { return begin({wanted(0), changed}).error; }
    // Completely, with the right password.
    Reply import_many(const Dicts& tokens, const std::string& secrets) {
        const std::string path = begin(tokens).path();
        Prompt prompt = next(kAliceBus, path);
        EXPECT_EQ(prompt.kind, "token-secret");
        support::answer(std::move(prompt.sink), secrets);
        prove(kAliceBus, path);
        return commit(kAliceBus, path, ClientSink(kAlice));
    }
    std::size_t count() { return store_->count(kAlice).value(); }
    void fill(std::size_t count) {
        std::vector<store::TokenStore::NewToken> tokens;
        for (std::size_t i = 0; i < count; ++i)
            tokens.emplace_back(support::make_token(kAlice, TokenKind::Imported),
                                support::secret_of("s" + std::to_string(i)));
        store_->insert_many(tokens).value();
    }
};

TEST_F(BulkImportTest, KeepsAThousandWithOnePassword) {
    const std::size_t most = limits::kTokensPerUser;
    bus::Dict result = support::read_dict(import_many(wanted_many(most), secrets_for(most)));
    EXPECT_EQ(result.take<bool>("acknowledge").value(), false);
    const Texts ids = result.take<Texts>("ids").value().value();
    ASSERT_EQ(ids.size(), most);
    EXPECT_EQ(count(), most);
    for (const std::size_t i : {std::size_t{0}, std::size_t{1}, most - 1}) {
        const TokenId id = TokenId::parse(ids[i]).value();
        const Token token = stored(id).value();
        EXPECT_EQ(token.description, "forge " + std::to_string(i));
        EXPECT_EQ(token.targets[0].text(), "https://forge" + std::to_string(i) + ".example");
        EXPECT_EQ(token.owner_name, support::name_of(kAlice));
        EXPECT_EQ(support::text_of(open_secret(*store_, id).value()),
                  "ghp_secret" + std::to_string(i));
    }
    EXPECT_EQ(events(kAlice), Texts(most, "import ok"));
}

// Row D1: the largest message that the bus takes, checked and recorded in small steps.
TEST_F(BulkImportTest, IsCheckedInBoundedSteps) {
    Dicts most = wanted_many(limits::kTokensPerUser);
    Texts targets;
    for (std::size_t i = 0; i < limits::kTargetsPerToken; ++i)
        targets.push_back("https://git.example/" + std::to_string(i));
    for (bus::Dict& token : most)
        token.set("targets", targets);
    const std::uint64_t before = turns_.steps();
    ASSERT_TRUE(begin(most).ok());
    const std::size_t steps = limits::kTokensPerUser / limits::kDictsPerStep;
    EXPECT_GE(turns_.steps() - before, steps);
    EXPECT_LE(turns_.steps() - before, steps + 1);
}

TEST_F(BulkImportTest, EachTokenHasAnEventOfItsOwn) {
    bus::Dict result = support::read_dict(import_many(wanted_many(3), secrets_for(3)));
    const Texts ids = result.take<Texts>("ids").value().value();
    std::set<std::string> named;
    for (const store::Event& event : audit_log_->list({kAlice, std::nullopt, 10}).value())
        named.insert(event.token.value().text());
    EXPECT_EQ(named, std::set<std::string>(ids.begin(), ids.end()));
}

TEST_F(BulkImportTest, ChecksEveryTokenBeforeThePassword) {
    const std::string before = store_bytes();
    bus::Dict bad = wanted(1);
    bad.set("description", std::string("a\tb"));
    EXPECT_EQ(error_of(bad), patd_error(Errc::InvalidDescription));
    EXPECT_EQ(error_of(dict(
                  {{"targets", Texts{"https://forge.example"}}, {"username", std::string("me")}})),
              patd_error(Errc::InvalidDescription));
    EXPECT_EQ(error_of(dict({{"description", std::string("x")}, {"username", std::string("me")}})),
              patd_error(Errc::InvalidTarget));
    EXPECT_EQ(error_of(dict({{"description", std::string("x")},
                             {"targets", Texts{"https://forge.example"}}})),
              patd_error(Errc::InvalidUsername));
    const auto with = [](const std::string& key, const bus::Value& value) {
        bus::Dict changed = wanted(1);
        changed.set(key, value);
        return changed;
    };
    EXPECT_EQ(error_of(with("permissions", Texts{"wiki:page:ro"})),
              patd_error(Errc::UnknownPermission));
    EXPECT_EQ(error_of(with("expires", support::FakeClock::kStart)),
              patd_error(Errc::InvalidExpiry));
    EXPECT_EQ(error_of(with("secret", std::string("ghp_x"))), patd_error(Errc::UnknownOption));
    EXPECT_EQ(error_of(with("targets", true)), patd_error(Errc::MalformedRequest));
    EXPECT_EQ(operations_.size(), 0U);
    EXPECT_EQ(store_bytes(), before);
}

// Row D1: each keeps what its client sent in memory, until it ends.
TEST_F(BulkImportTest, ImportsUnderWayHoldNoMoreTokensThanAUserMayHave) {
    const std::string half = begin(wanted_many(limits::kTokensPerUser / 2)).path();
    EXPECT_TRUE(begin(wanted_many(limits::kTokensPerUser / 2)).ok());
    EXPECT_EQ(under_way_.taken(), limits::kOperationsPerUser);
    EXPECT_EQ(begin({wanted(0)}).error, patd_error(Errc::LimitExceeded));
    EXPECT_TRUE(operation(kAliceBus, half, "Cancel").ok());
    EXPECT_EQ(begin(wanted_many(limits::kTokensPerUser)).error, patd_error(Errc::LimitExceeded));
    EXPECT_EQ(under_way_.taken(), limits::kOperationsPerUser / 2);
    EXPECT_TRUE(begin({wanted(0)}).ok());
}

// Row D8.
TEST_F(BulkImportTest, NoneAndTooManyAreRefusedBeforeThePassword) {
    EXPECT_EQ(begin({}).error, patd_error(Errc::MalformedRequest));
    EXPECT_EQ(begin(wanted_many(limits::kTokensPerUser + 1)).error,
              patd_error(Errc::LimitExceeded));
    fill(limits::kTokensPerUser - 2);
    EXPECT_EQ(begin(wanted_many(3)).error, patd_error(Errc::LimitExceeded));
    EXPECT_EQ(operations_.size(), 0U);
    EXPECT_TRUE(import_many(wanted_many(2), secrets_for(2)).ok());
    EXPECT_EQ(count(), limits::kTokensPerUser);
}

TEST_F(BulkImportTest, TokensPerUserOfTheConfigurationCounts) {
    state_.settings.tokens_per_user = 2;
    EXPECT_EQ(begin(wanted_many(3)).error, patd_error(Errc::LimitExceeded));
    EXPECT_TRUE(begin(wanted_many(2)).ok());
}

TEST_F(BulkImportTest, TakesExactlyOneGoodSecretForEachToken) {
    const std::string long_one(limits::kTokenSecretBytes + 1, 'x');
    const std::string own = support::text_of(issue(kBob).secret);
    for (const std::string& secrets :
         {std::string("a\nb\n"), std::string("a\nb\nc"), std::string("a\nb\nc\nd\n"),
          std::string("a\n\nc\n"), std::string("a\nb\nc\n\n"), "a\n" + long_one + "\nc\n",
          std::string("a\nb\0\nc\n", 7), std::string("a\nb\r\nc\n"), "a\nb\n" + own + "\n"}) {
        EXPECT_EQ(import_many(wanted_many(3), secrets).error, patd_error(Errc::InvalidSecret));
        EXPECT_EQ(count(), 0U);
    }
    EXPECT_EQ(events(kAlice), Texts{});
    EXPECT_TRUE(import_many(wanted_many(3), "a\nb\nc\n").ok());
}

// Row D8.
TEST_F(BulkImportTest, MoreBytesThanItsTokensCanHaveEndIt) {
    const std::string path = begin(wanted_many(2)).path();
    const std::string most(2 * (limits::kTokenSecretBytes + 1) + 1, 'x');
    support::answer(next(kAliceBus, path).sink, most);
    EXPECT_EQ(operation(kAliceBus, path, "Next").error, patd_error(Errc::InvalidSecret));
    EXPECT_EQ(count(), 0U);
}

TEST_F(BulkImportTest, AllSecretsTogetherHaveALimit) {
    EXPECT_EQ(plan_bulk_import(context(), support::caller_of(kAlice),
                               std::vector<Token>(limits::kTokensPerUser,
                                                  support::make_token(kAlice, TokenKind::Imported)))
                  .secret_bytes_max,
              limits::kImportSecretsBytes);
}

TEST_F(BulkImportTest, AWrongPasswordImportsNothing) {
    const std::string path = begin(wanted_many(2)).path();
    support::answer(next(kAliceBus, path).sink, secrets_for(2));
    PendingCall first = as(kAliceBus).send(path, names::kOperationInterface, "Next");
    support::StepUpConversation conversation = auth_.accept();
    (void)conversation.begin();
    conversation.send(step_up::FrameKind::Refused, "WrongPassword");
    EXPECT_EQ(as(kAliceBus).finish(std::move(first)).error, patd_error(Errc::WrongPassword));
    EXPECT_FALSE(commit(kAliceBus, path, ClientSink(kAlice)).ok());
    EXPECT_EQ(count(), 0U);
}

// What another window made meanwhile counts too; then none of these exists.
TEST_F(BulkImportTest, ALimitReachedInTheMiddleImportsNothing) {
    const std::string path = begin(wanted_many(3)).path();
    support::answer(next(kAliceBus, path).sink, secrets_for(3));
    prove(kAliceBus, path);
    fill(limits::kTokensPerUser - 2);
    EXPECT_EQ(commit(kAliceBus, path, ClientSink(kAlice)).error, patd_error(Errc::LimitExceeded));
    EXPECT_EQ(count(), limits::kTokensPerUser - 2);
    EXPECT_EQ(events(kAlice), Texts{"import LimitExceeded"});
}

// Row S9.
TEST_F(BulkImportTest, AFullDiskImportsNothing) {
    const std::string path = begin(wanted_many(3)).path();
    support::answer(next(kAliceBus, path).sink, secrets_for(3));
    prove(kAliceBus, path);
    {
        const support::FullDisk full;
        EXPECT_EQ(commit(kAliceBus, path, ClientSink(kAlice)).error, patd_error(Errc::Unavailable));
    }
    EXPECT_EQ(count(), 0U);
}

}  // namespace
}  // namespace patd
