// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/state/auditor.h"

#include "common/base/limits.h"
#include "tests/support/full_disk.h"
#include "tests/support/service_fixture.h"

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
    bool refused(Uid by = kService) {
        return auditor_->record_refused(caller_of(by), {token_->id, token_->owner}, "expired",
                                        "nginx");
    }
    std::vector<store::Event> log() { return audit_log_->list({kAlice, token_->id, 1000}).value(); }
    // Lets the timer that was set run out.
    void wait_for_sync() { loop_->run_once(std::chrono::seconds(10)); }

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
    // The timer goes on by itself until everything is written.
    clock_.advance(seconds(60));
    wait_for_sync();
    EXPECT_EQ(log().size(), 2U);
}

// Row D15.
TEST_F(AuditorTest, WritesRefusalsOneByOneUpToTheRate) {
    for (std::size_t i = 0; i < limits::kRefusedEventsPerMinute + 20; ++i)
        EXPECT_EQ(refused(), i < limits::kRefusedEventsPerMinute);
    EXPECT_EQ(log().size(), limits::kRefusedEventsPerMinute);
    EXPECT_EQ(log()[0].outcome, "expired");
    EXPECT_TRUE(refused(Uid(34)));
    EXPECT_EQ(log().size(), limits::kRefusedEventsPerMinute + 1);
    clock_.advance(seconds(60));
    EXPECT_TRUE(refused());
    EXPECT_EQ(log().size(), limits::kRefusedEventsPerMinute + 2);
}

// Row D13.
TEST_F(AuditorTest, StaysWithinItsMemoryWhateverIsVerified) {
    std::vector<Token> tokens;
    for (int i = 0; i < 4'100; ++i) {
        tokens.push_back(support::make_token(kAlice, TokenKind::Issued));
        auditor_->record_verified(caller_of(kService), tokens.back(), "nginx", clock_.now());
    }
    EXPECT_GE(events(kAlice).size(), 1000U);  // as many as events() asks for
}

TEST_F(AuditorTest, WritesLastUsesWithinASecond) {
    auditor_->note_use(token_->id, {5, 1, "release", "first"});
    auditor_->note_use(token_->id, {6, 33, "verify", "nginx"});
    EXPECT_EQ(store_->list(kAlice).value()[0].last_use.at, 0);
    wait_for_sync();
    const LastUse use = store_->list(kAlice).value()[0].last_use;
    EXPECT_EQ(use.at, 6);
    EXPECT_EQ(use.by, 33U);
    EXPECT_EQ(use.how, "verify");
    EXPECT_EQ(use.where, "nginx");
}

TEST_F(AuditorTest, WritesTheLastUsesThatItStillHasWhenItGoes) {
    auditor_->note_use(token_->id, {6, 33, "verify", "nginx"});
    auditor_.reset();
    EXPECT_EQ(store_->list(kAlice).value()[0].last_use.at, 6);
}

TEST_F(AuditorTest, NotesAUseOfATokenThatIsGoneWithoutHarm) {
    auditor_->note_use(token_->id, {6, 33, "verify", "nginx"});
    const Token kept = issue(kAlice).token;
    auditor_->note_use(kept.id, {7, 33, "verify", "nginx"});
    store_->remove(token_->id, kAlice, clock_.now()).value();
    wait_for_sync();
    ASSERT_EQ(store_->list(kAlice).value().size(), 1U);
    EXPECT_EQ(store_->list(kAlice).value()[0].last_use.at, 7);
}

}  // namespace
}  // namespace patd
