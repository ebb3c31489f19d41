// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/context/auditor.h"

#include "common/base/cache_limits.h"
#include "common/base/limits.h"
#include "tests/support/full_disk.h"
#include "tests/support/read_store.h"
#include "tests/support/service_fixture.h"
#include "tests/support/statement_count.h"

#include <unistd.h>

#include <algorithm>
#include <memory>
#include <vector>

namespace patd {
namespace {

using std::chrono::seconds;
using support::caller_of;
using support::kAlice;
using support::kBob;
using Texts = std::vector<std::string>;

constexpr Uid kService{33};

class AuditorTest : public support::ServiceFixture {
  protected:
    void SetUp() override {
        ServiceFixture::SetUp();
        token_ = issue(kAlice).token;
    }
    void verified(Uid by = kService) {
        auditor_->record_verified(caller_of(by), *token_, "nginx", clock_.now());
    }
    void refused(Uid by = kService, std::string_view reason = "expired") {
        auditor_->record_refused(caller_of(by), Auditor::Subject{token_->id, token_->owner}, reason,
                                 "nginx");
    }
    bool alarmed(Uid by = kService) {
        return auditor_->record_alarm(caller_of(by), {token_->id, token_->owner}, "nginx");
    }
    // All of Alice's, including those that name no token; a second call would find them twice.
    std::vector<store::Event> log_at_end() {
        auditor_.reset();
        return audit_log_->list({kAlice, std::nullopt, 5000}).value();
    }
    std::vector<store::Event> log() { return audit_log_->list({kAlice, token_->id, 1000}).value(); }
    // Waits for the timer that was set.
    void wait_for_sync() { loop_->run_once(std::chrono::seconds(10)); }

    support::StatementCount statements_;
    std::optional<Token> token_;
};

TEST_F(AuditorTest, WritesAnEventAtOnce) {
    auditor_->record(caller_of(kBob), kAlice, token_->id, "release", "ok", "https://git.example")
        .value();
    const std::vector<store::Event> events = log();
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0].at, clock_.now());
    EXPECT_EQ(events[0].owner, kAlice);
    EXPECT_EQ(events[0].by, kBob);
    EXPECT_EQ(events[0].token, token_->id);
    EXPECT_EQ(events[0].event, "release");
    EXPECT_EQ(events[0].outcome, "ok");
    EXPECT_EQ(events[0].where, "https://git.example");
    EXPECT_EQ(events[0].count, 1U);
}

TEST_F(AuditorTest, SaysWhenAnEventCannotBeWritten) {
    const support::FullDisk full;
    const Result<void> recorded =
        auditor_->record(caller_of(kAlice), kAlice, token_->id, "release", "ok");
    ASSERT_FALSE(recorded.has_value());
    EXPECT_EQ(recorded.error().code, Errc::Unavailable);
}

TEST_F(AuditorTest, SaysWhetherWhatIsDoneStandsInTheLog) {
    EXPECT_TRUE(auditor_->record_done(caller_of(kAlice), kAlice, token_->id, "restore", "ok"));
    EXPECT_EQ(log().size(), 1U);
    const support::FullDisk full;
    EXPECT_FALSE(auditor_->record_done(caller_of(kAlice), kAlice, token_->id, "restore", "ok"));
}

// Row D15.
TEST_F(AuditorTest, MakesTheVerifiesOfAMinuteOneEventACaller) {
    for (int i = 0; i < 5; ++i)
        verified();
    verified(Uid(34));
    clock_.advance(seconds(59));
    verified();
    clock_.advance(seconds(1));
    verified();
    EXPECT_TRUE(log().empty());
    auditor_.reset();
    const std::vector<store::Event> events = log();
    ASSERT_EQ(events.size(), 3U);
    EXPECT_EQ(events[2].by, kService);
    EXPECT_EQ(events[2].count, 6U);
    EXPECT_EQ(events[2].at, support::FakeClock::kStart);
    EXPECT_EQ(events[1].by, Uid(34));
    EXPECT_EQ(events[1].count, 1U);
    EXPECT_EQ(events[0].count, 1U);
    EXPECT_EQ(events[0].at, support::FakeClock::kStart + 60);
    EXPECT_EQ(events[0].outcome, "ok");
}

TEST_F(AuditorTest, WritesAFullMinuteWithTheNextSyncAndKeepsTheOneThatRuns) {
    verified();
    clock_.advance(seconds(60));
    verified();
    wait_for_sync();
    ASSERT_EQ(log().size(), 1U);
    EXPECT_EQ(log()[0].at, support::FakeClock::kStart);
    // The timer continues by itself until everything is written.
    clock_.advance(seconds(60));
    wait_for_sync();
    EXPECT_EQ(log().size(), 2U);
}

// Row D19.
TEST_F(AuditorTest, GathersRefusalsByMinuteTokenCallerAndReason) {
    for (int i = 0; i < 500; ++i)
        refused();
    refused(Uid(34));
    refused(kService, "locked");
    EXPECT_EQ(log().size(), 0U);
    clock_.advance(seconds(60));
    refused();
    wait_for_sync();
    EXPECT_EQ(log().size(), 3U);
    const std::vector<store::Event> events = log_at_end();
    ASSERT_EQ(events.size(), 4U);
    EXPECT_EQ(events[3].event, "verify");
    EXPECT_EQ(events[3].outcome, "expired");
    EXPECT_EQ(events[3].by, kService);
    EXPECT_EQ(events[3].token, token_->id);
    EXPECT_EQ(events[3].where, "nginx");
    EXPECT_EQ(events[3].at, support::FakeClock::kStart);
    EXPECT_EQ(events[3].count, 500U);
    EXPECT_EQ(events[2].by, Uid(34));
    EXPECT_EQ(events[1].outcome, "locked");
    EXPECT_EQ(events[0].at, support::FakeClock::kStart + 60);
    EXPECT_EQ(events[0].count, 1U);
}

// Row D19: any user has 65,536 sub-uids.
TEST_F(AuditorTest, WritesFewRowsOfAnOwnerHoweverManyCallersAreRefused) {
    for (std::uint32_t uid = 0; uid < 1000; ++uid) {
        refused(Uid(100'000 + uid));
        refused(Uid(100'000 + uid));
    }
    const std::vector<store::Event> events = log_at_end();
    ASSERT_EQ(events.size(), limits::kRefusedRowsPerOwnerMinute + 1);
    EXPECT_EQ(events[0].event, "verify");
    EXPECT_EQ(events[0].outcome, "many");
    EXPECT_EQ(events[0].by, Uid(geteuid()));
    EXPECT_FALSE(events[0].token.has_value());
    EXPECT_EQ(events[0].count, 2 * (1000 - limits::kRefusedRowsPerOwnerMinute));
    EXPECT_EQ(events[1].count, 2U);
}

// Row D19: counts were per caller, and nobody was heard after 4,096 of them.
TEST_F(AuditorTest, AFloodAtOneOwnerHidesNothingOfAnother) {
    const Token other = issue(kBob).token;
    for (std::uint32_t uid = 0; uid < 5000; ++uid)
        refused(Uid(100'000 + uid));
    auditor_->record_refused(caller_of(kService), Auditor::Subject{other.id, kBob}, "unknown",
                             "sshd");
    EXPECT_EQ(log_at_end().size(), limits::kRefusedRowsPerOwnerMinute + 1);
    EXPECT_EQ(events(kBob), Texts{"verify unknown"});
}

// The limit on what is gathered is no way around an owner's limit of rows.
TEST_F(AuditorTest, KeepsCountOfAnOwnersRowsWhenItHasToWriteEarly) {
    for (std::uint32_t uid = 0; uid < 20'000; ++uid) {
        refused(Uid(100'000 + uid));
        verified(Uid(100'000 + uid));
    }
    std::size_t rows = 0;
    std::uint32_t count = 0;
    for (const store::Event& event : audit_log_->list({kAlice, std::nullopt, 100'000}).value())
        rows += event.outcome == "ok" ? 0 : 1;
    EXPECT_LE(rows, limits::kRefusedRowsPerOwnerMinute + 20'000 / 4'000);
    auditor_.reset();
    for (const store::Event& event : audit_log_->list({kAlice, std::nullopt, 100'000}).value())
        count += event.outcome == "ok" ? 0 : event.count;
    EXPECT_EQ(count, 20'000U);
}

TEST_F(AuditorTest, WritesNothingOfATokenThatIsNotThere) {
    for (int i = 0; i < 3; ++i)
        auditor_->record_refused(caller_of(kService), std::nullopt, "unknown", "nginx");
    auditor_.reset();
    EXPECT_TRUE(audit_log_->list({}).value().empty());
}

TEST_F(AuditorTest, ARefusalIsNoUse) {
    auditor_->note_use(token_->id, {5, 1, "release", "first"});
    refused(kBob);
    alarmed(kBob);
    auditor_.reset();
    EXPECT_EQ(list_tokens(*store_, kAlice).value()[0].last_use.where, "first");
}

TEST_F(AuditorTest, WritesTheFirstAlarmAtOnceAndCountsTheOthers) {
    EXPECT_TRUE(alarmed());
    ASSERT_EQ(log().size(), 1U);
    EXPECT_EQ(log()[0].event, "alarm");
    EXPECT_EQ(log()[0].outcome, "dead");
    for (int i = 0; i < 7; ++i)
        EXPECT_FALSE(alarmed());
    EXPECT_TRUE(alarmed(Uid(34)));
    EXPECT_EQ(log().size(), 2U);
    clock_.advance(seconds(60));
    EXPECT_TRUE(alarmed());
    const std::vector<store::Event> events = log_at_end();
    ASSERT_EQ(events.size(), 4U);
    EXPECT_EQ(events[0].count, 7U);
    EXPECT_EQ(events[0].by, kService);
}

// Row D19: wrong secrets, which anybody can send, must not hide that a dead one was shown.
TEST_F(AuditorTest, RefusalsHideNoAlarmAndAlarmsAreFewToo) {
    for (std::uint32_t uid = 0; uid < 100; ++uid)
        refused(Uid(100'000 + uid));
    std::size_t told = 0;
    for (std::uint32_t uid = 0; uid < 100; ++uid)
        told += alarmed(Uid(100'000 + uid)) ? 1 : 0;
    EXPECT_EQ(told, limits::kRefusedRowsPerOwnerMinute + 1);
    std::size_t alarms = 0;
    for (const store::Event& event : log_at_end())
        alarms += event.event == "alarm" ? event.count : 0;
    EXPECT_EQ(alarms, 100U);
}

// Row D19: nobody waits for thousands of rows at once.
TEST_F(AuditorTest, WritesWhatIsGatheredBitByBit) {
    for (std::uint32_t uid = 0; uid < 1000; ++uid)
        verified(Uid(100'000 + uid));
    clock_.advance(seconds(60));
    wait_for_sync();
    EXPECT_EQ(log().size(), 256U);
    wait_for_sync();
    EXPECT_EQ(log().size(), 512U);
    EXPECT_EQ(log_at_end().size(), 1000U);
}

// Row D13.
TEST_F(AuditorTest, StaysWithinItsMemoryWhateverIsVerified) {
    std::vector<Token> tokens;
    for (int i = 0; i < 4'110; ++i) {
        tokens.push_back(support::make_token(kAlice, TokenKind::Issued));
        auditor_->record_verified(caller_of(kService), tokens.back(), "nginx", clock_.now());
    }
    EXPECT_GE(events(kAlice).size(), 1000U);  // as many as events() asks for
}

TEST_F(AuditorTest, WritesLastUsesWithinASecond) {
    auditor_->note_use(token_->id, {5, 1, "release", "first"});
    auditor_->note_use(token_->id, {6, 33, "verify", "nginx"});
    EXPECT_EQ(list_tokens(*store_, kAlice).value()[0].last_use.at, 0);
    wait_for_sync();
    const LastUse use = list_tokens(*store_, kAlice).value()[0].last_use;
    EXPECT_EQ(use.at, 6);
    EXPECT_EQ(use.by, 33U);
    EXPECT_EQ(use.how, "verify");
    EXPECT_EQ(use.where, "nginx");
}

// Row D19: a target is longer than what the log keeps of it.
TEST_F(AuditorTest, CutsTheTextOfALastUse) {
    auditor_->note_use(token_->id, {5, 1, "release", std::string(255, 'a') + "\u00e9"});
    auditor_.reset();
    EXPECT_EQ(list_tokens(*store_, kAlice).value()[0].last_use.where, std::string(255, 'a'));
}

TEST_F(AuditorTest, WritesTheLastUsesThatItStillHasWhenItGoes) {
    auditor_->note_use(token_->id, {6, 33, "verify", "nginx"});
    auditor_.reset();
    EXPECT_EQ(list_tokens(*store_, kAlice).value()[0].last_use.at, 6);
}

// An idle patd is to be small.
TEST_F(AuditorTest, HasTheStoreForgetRecordsOnceNobodyAsksAnyMore) {
    const auto statements = [&] {
        return support::StatementCount::of([&] { (void)store_->find(token_->id).value(); });
    };
    auditor_->record(caller_of(kAlice), kAlice, token_->id, "release", "ok").value();
    (void)statements();
    wait_for_sync();
    EXPECT_EQ(statements(), 0) << "there was a request within the last second";
    wait_for_sync();
    EXPECT_GT(statements(), 0);
    EXPECT_EQ(statements(), 0);
}

// Row D1: who asks just then does not wait for all of it.
TEST_F(AuditorTest, LetsOthersHaveTheLoopWhileItFreesWhatTheStoreForgets) {
    std::vector<std::weak_ptr<const store::StoredToken>> records;
    for (std::size_t i = 0; i < 3 * limits::kFreedPerStep; ++i)
        records.push_back(store_->find(issue(kAlice).token.id).value());
    const auto left = [&] {
        return static_cast<std::size_t>(std::count_if(
            records.begin(), records.end(), [](const auto& one) { return !one.expired(); }));
    };
    auditor_->record(caller_of(kAlice), kAlice, token_->id, "release", "ok").value();
    wait_for_sync();
    ASSERT_EQ(left(), records.size());
    writer_.hold();
    wait_for_sync();
    for (std::size_t freed = limits::kFreedPerStep; freed < records.size();
         freed += limits::kFreedPerStep) {
        EXPECT_EQ(left(), records.size() - freed);
        loop_->run_once(std::chrono::seconds(0));
    }
    EXPECT_EQ(left(), 0U);
    EXPECT_EQ(writer_.waiting(), 1U) << "nor does it wait for the disk";
    writer_.release();
}

TEST_F(AuditorTest, SyncsWhileThereIsMuchToFree) {
    for (std::size_t i = 0; i < 4 * limits::kFreedPerStep; ++i)
        import(kAlice, "secret" + std::to_string(i), {});
    for (const store::ListedToken& listed : list_tokens(*store_, kAlice).value()) {
        const TokenId& id = listed.token.id;
        if (listed.token.kind == TokenKind::Imported)
            (void)store_->open_imported(id, store_->find(id).value()->verifier, SecretBuffer())
                .value();
    }
    auditor_->note_use(token_->id, {clock_.now(), 33, "verify", "nginx"});
    wait_for_sync();
    EXPECT_EQ(store_->last_use(token_->id).value().at, clock_.now());
    EXPECT_TRUE(store_->free_some());
}

TEST_F(AuditorTest, NotesAUseOfATokenThatIsGoneWithoutHarm) {
    auditor_->note_use(token_->id, {6, 33, "verify", "nginx"});
    const Token kept = issue(kAlice).token;
    auditor_->note_use(kept.id, {7, 33, "verify", "nginx"});
    store_->remove(token_->id, kAlice, clock_.now()).value();
    wait_for_sync();
    ASSERT_EQ(list_tokens(*store_, kAlice).value().size(), 1U);
    EXPECT_EQ(list_tokens(*store_, kAlice).value()[0].last_use.at, 7);
}

}  // namespace
}  // namespace patd
