// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/upkeep/expiry_notices.h"

#include "common/base/limits.h"
#include "common/token/token_key.h"
#include "daemon/store/database/sqlite.h"
#include "tests/support/service_fixture.h"

namespace patd {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using support::caller_of;
using support::kAlice;
using support::kBob;
using Texts = std::vector<std::string>;

using support::kNow;
constexpr std::int64_t kDay = 24 * 3600;

class ExpiryNoticesTest : public support::ServiceFixture {
  protected:
    void SetUp() override {
        ServiceFixture::SetUp();
        subscriptions_.add(caller_of(kAlice, ":1.1")).value();
        subscriptions_.add(caller_of(kBob, ":1.2")).value();
        subscriptions_.send_by([this](const std::string& connection, const OwnerSignal& signal) {
            signals_.push_back(connection + " " + signal.token.text() + " " +
                               std::to_string(signal.expires - kNow));
        });
    }
    // A token with a year's life that expires this many days from now.
    Token expiring_in(std::int64_t days, Uid owner = kAlice) {
        Token token = support::make_token(owner, TokenKind::Issued);
        token.expires = kNow + days * kDay;
        token.created = token.expires - 365 * kDay;
        store_->insert(token, make_issued_secret(token.id, random_).value()).value();
        return token;
    }
    // Looks, like a service that was started now.
    Texts look(seconds notice = hours(7 * 24)) {
        signals_.clear();
        testing::internal::CaptureStderr();
        ExpiryNotices notices({*loop_, context()});
        notices.set_notice(notice);
        log_ = testing::internal::GetCapturedStderr();
        return signals_;
    }

    Texts signals_;
    std::string log_;
};

TEST(NoticeMoment, IsTheNoticeBeforeTheEndButNotInTheFirstThreeQuarters) {
    const TokenId id = TokenId::parse("AbCdE01234").value();
    const seconds week = hours(7 * 24);
    EXPECT_EQ(notice_moment({1, id, 0, 365 * kDay}, week), 358 * kDay);
    EXPECT_EQ(notice_moment({1, id, 0, 28 * kDay}, week), 21 * kDay);
    EXPECT_EQ(notice_moment({1, id, 0, 3600}, week), 2700);
    EXPECT_EQ(notice_moment({1, id, 0, 3600}, seconds(60)), 3540);
    EXPECT_EQ(notice_moment({1, id, 500, 400}, week), 400);
}

TEST_F(ExpiryNoticesTest, TellsTheOwnerInLogJournalAndSignal) {
    const Token soon = expiring_in(3);
    expiring_in(20);
    issue(kAlice);
    EXPECT_EQ(look(), Texts{":1.1 " + soon.id.text() + " " + std::to_string(3 * kDay)});
    EXPECT_EQ(events(kAlice), Texts{"expiring ok"});
    EXPECT_NE(log_.find("<5>a token expires soon [token=" + soon.id.text()), std::string::npos);
    const auto found = audit_log_->list({kAlice, soon.id, 10}).value();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].by, Uid(geteuid()));
}

TEST_F(ExpiryNoticesTest, WhatGitStoredIsNoNews) {
    const Token token = expiring_in(3);
    store_
        ->update(token.id, kAlice,
                 [](Token& stored) -> Result<void> {
                     stored.provenance = Provenance::GitStore;
                     return {};
                 })
        .value();
    EXPECT_EQ(look(), Texts{});
}

TEST_F(ExpiryNoticesTest, NothingIsToldTwiceAlsoAfterARestart) {
    expiring_in(3);
    EXPECT_EQ(look().size(), 1U);
    EXPECT_EQ(look(), Texts{});
    clock_.advance(hours(24));
    EXPECT_EQ(look(), Texts{});
    EXPECT_EQ(events(kAlice).size(), 1U);
}

TEST_F(ExpiryNoticesTest, EachTokenIsToldWhenItsTimeHasCome) {
    const Token first = expiring_in(8);
    const Token second = expiring_in(10, kBob);
    EXPECT_EQ(look(), Texts{});
    clock_.advance(hours(24));
    EXPECT_EQ(look(), Texts{":1.1 " + first.id.text() + " " + std::to_string(8 * kDay)});
    clock_.advance(hours(48));
    EXPECT_EQ(look(), Texts{":1.2 " + second.id.text() + " " + std::to_string(10 * kDay)});
    EXPECT_EQ(events(kBob), Texts{"expiring ok"});
}

TEST_F(ExpiryNoticesTest, ANewExpiryIsToldAnew) {
    const Token token = expiring_in(3);
    EXPECT_EQ(look().size(), 1U);
    edit(token, [](Token& stored) -> Result<void> {
        stored.expires = kNow + 30 * kDay;
        return {};
    });
    EXPECT_EQ(look(), Texts{});
    clock_.advance(hours(24 * 24));
    EXPECT_EQ(look().size(), 1U);
}

TEST_F(ExpiryNoticesTest, ATokenOfAnHourIsToldOfInItsLastQuarter) {
    issue(kAlice, {.expires = kNow + 3600});
    EXPECT_EQ(look(), Texts{});
    clock_.advance(seconds(2700));
    EXPECT_EQ(look().size(), 1U);
}

TEST_F(ExpiryNoticesTest, WhatIsOverHiddenOrWithoutEndIsNotTold) {
    expiring_in(0);
    issue(kAlice);
    const Token quarantined = expiring_in(2, kBob);
    store::StoreAdmin(*store_).quarantine(kBob, quarantined.owner_name).value();
    EXPECT_EQ(look(), Texts{});
}

TEST_F(ExpiryNoticesTest, OffTellsNobodyAndOnAgainTellsWhatCameMeanwhile) {
    expiring_in(3);
    EXPECT_EQ(look(seconds(0)), Texts{});
    EXPECT_EQ(look().size(), 1U);
}

// A longer notice reaches tokens that the shorter one would have mentioned later.
TEST_F(ExpiryNoticesTest, AnotherNoticeTellsWhatWasNotToldBefore) {
    expiring_in(3);
    expiring_in(20);
    EXPECT_EQ(look().size(), 1U);
    clock_.advance(hours(24));
    EXPECT_EQ(look(hours(30 * 24)).size(), 1U);
    EXPECT_EQ(look(hours(30 * 24)), Texts{});
}

TEST_F(ExpiryNoticesTest, AClockThatRanWrongSilencesNothingForLong) {
    expiring_in(500);
    clock_.jump_to(kNow + 495 * kDay);
    EXPECT_EQ(look().size(), 1U);
    clock_.jump_to(kNow);
    expiring_in(3);
    EXPECT_EQ(look(), Texts{});  // it counts from here on
    expiring_in(9);
    clock_.advance(hours(3 * 24));
    EXPECT_EQ(look().size(), 1U);
}

TEST_F(ExpiryNoticesTest, ManyAreToldInPartsEarliestFirstAndEachOnce) {
    const std::size_t many = 2 * limits::kExpiryNoticesPerSweep + 7;
    for (std::size_t i = 0; i < many; ++i)
        expiring_in(1 + static_cast<std::int64_t>(i % 5),
                    Uid(1 + static_cast<std::uint32_t>(i % 3)));
    std::set<std::string> told;
    for (const std::size_t expected :
         {limits::kExpiryNoticesPerSweep, limits::kExpiryNoticesPerSweep, std::size_t{7}}) {
        std::size_t before = audit_log_->list({std::nullopt, std::nullopt, 10000}).value().size();
        look();
        std::size_t after = audit_log_->list({std::nullopt, std::nullopt, 10000}).value().size();
        // A restart in the middle may repeat what was due in one second, and skips nothing.
        EXPECT_GE(after - before, expected);
    }
    for (const store::Event& event : audit_log_->list({std::nullopt, std::nullopt, 10000}).value())
        told.insert(event.token.value().text());
    EXPECT_EQ(told.size(), many);
}

TEST_F(ExpiryNoticesTest, WithADelayNothingIsToldBeforeItIsOver) {
    expiring_in(3);
    testing::internal::CaptureStderr();
    ExpiryNotices notices({*loop_, context()});
    notices.set_notice(hours(7 * 24), seconds(3600));
    EXPECT_EQ(signals_, Texts{});
    notices.set_notice(hours(6 * 24));
    testing::internal::GetCapturedStderr();
    EXPECT_EQ(signals_.size(), 1U);
}

TEST_F(ExpiryNoticesTest, WhileTheKeyringIsLockedNothingIsSaidAndAfterwardsWhatIsDue) {
    expiring_in(3);
    lock_keyring();
    testing::internal::CaptureStderr();
    ExpiryNotices notices({*loop_, context()});
    for (int days = 7; days > 4; --days)
        notices.set_notice(hours(days * 24));
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
    EXPECT_EQ(signals_, Texts{});
    unlock_keyring();
    notices.on_store_opened();
    EXPECT_EQ(signals_.size(), 1U);
    notices.on_store_opened();
    EXPECT_EQ(events(kAlice), Texts{"expiring ok"});
}

// The lock comes after each job of a look in turn; nobody is skipped.
TEST_F(ExpiryNoticesTest, ALookThatALockBreaksOffIsDoneAgain) {
    for (int jobs = 0; jobs < 3; ++jobs) {
        // Its notice was not due yet during the previous look.
        const Token token = expiring_in(3 + 10 * jobs, Uid(1 + static_cast<std::uint32_t>(jobs)));
        writer_.hold();
        testing::internal::CaptureStderr();
        ExpiryNotices notices({*loop_, context()});
        notices.set_notice(hours(7 * 24));
        for (int i = 0; i < jobs && writer_.waiting() > 0; ++i)
            writer_.run_one();
        lock_keyring();
        writer_.release();
        unlock_keyring();
        notices.on_store_opened();
        EXPECT_EQ(testing::internal::GetCapturedStderr().find("StoreLocked"), std::string::npos);
        EXPECT_EQ(events(token.owner), Texts{"expiring ok"}) << jobs;
        clock_.advance(hours(10 * 24));
    }
}

// The lock comes before one look's mark is written and before the next look; the failure to write
// the mark is noticed when the store is open again.
TEST_F(ExpiryNoticesTest, ALookThatALockLeftOutIsNotForgottenForALateMark) {
    expiring_in(3, kAlice);
    expiring_in(10, kBob);
    writer_.hold();
    ExpiryNotices notices({*loop_, context()});
    notices.set_notice(hours(7 * 24));
    while (events(kAlice).empty()) {
        ASSERT_GT(writer_.waiting(), 0U);
        writer_.run_one();
    }
    ASSERT_EQ(writer_.waiting(), 1U);  // the mark
    lock_keyring();
    notices.set_notice(hours(14 * 24));
    writer_.work_one();
    unlock_keyring();
    writer_.release();
    EXPECT_TRUE(events(kBob).empty());
    notices.on_store_opened();
    EXPECT_EQ(events(kBob), Texts{"expiring ok"});
    EXPECT_EQ(events(kAlice), Texts{"expiring ok"});
    look(hours(14 * 24));
    EXPECT_EQ(signals_, Texts{});  // the mark made up for it
}

// Requests go in between: a page of the table is one job of the writer.
TEST_F(ExpiryNoticesTest, ReadsTheTablePageByPage) {
    std::vector<store::TokenStore::NewToken> tokens;
    for (int i = 0; i < 1000; ++i) {
        Token token = support::make_token(kAlice, TokenKind::Issued);
        TokenSecret secret = make_issued_secret(token.id, random_).value();
        tokens.emplace_back(std::move(token), std::move(secret));
    }
    store_->insert_many(tokens).value();
    expiring_in(3, kBob);
    writer_.hold();
    ExpiryNotices notices({*loop_, context()});
    notices.set_notice(hours(7 * 24));
    std::size_t jobs = 0;
    for (; writer_.waiting() > 0; ++jobs) {
        EXPECT_EQ(writer_.waiting(), 1U);
        writer_.run_one();
    }
    EXPECT_GE(jobs, 3U);  // the mark, two pages, the new mark
    writer_.release();
    EXPECT_EQ(events(kBob), Texts{"expiring ok"});
}

TEST_F(ExpiryNoticesTest, ADamagedRowIsPassedOver) {
    const Token damaged = expiring_in(3);
    const Token good = expiring_in(4);
    auto raw = store::Connection::open(directory_.file("store.db")).value();
    raw.execute(("UPDATE token SET description = 'x' WHERE id = " +
                 std::to_string(token_key(damaged.id)))
                    .c_str())
        .value();
    EXPECT_EQ(look(), Texts{":1.1 " + good.id.text() + " " + std::to_string(4 * kDay)});
}

}  // namespace
}  // namespace patd
