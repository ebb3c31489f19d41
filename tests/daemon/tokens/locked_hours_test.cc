// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/release/release.h"
#include "daemon/store/tokens/store_admin.h"
#include "daemon/upkeep/clock_keeper.h"
#include "daemon/upkeep/expiry_notices.h"
#include "tests/support/service_fixture.h"

namespace patd {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using support::caller_of;
using support::FakeClock;
using support::kAlice;
using support::request_for;
using support::text_of;

constexpr UnixTime kDaySeconds = 24L * 60 * 60;

// A day with a locked keyring, like a desktop that nobody uses.
class LockedHours : public support::ServiceFixture {
  protected:
    void SetUp() override {
        ServiceFixture::SetUp();
        ASSERT_TRUE(ClockKeeper::resume(*store_, guard_));
        subscriptions_.add(caller_of(kAlice, ":1.1")).value();
        subscriptions_.send_by([this](const std::string&, const OwnerSignal&) { ++signals_; });
        keeper_.emplace(ClockKeeper::Parts{*loop_, guard_, context()});
        notices_.emplace(ExpiryNotices::Parts{*loop_, context()});
        keeper_->begin();
        notices_->set_notice(hours(7 * 24));
    }
    Result<std::optional<Released>> get() {
        std::optional<Result<std::optional<Released>>> answer;
        Releaser releaser(context());
        releaser.get(caller_of(kAlice), request_for("https://git.example/repo"),
                     [&](Result<std::optional<Released>> given) { answer = std::move(given); });
        return std::move(answer).value();
    }
    // What the timers of both do; a changed notice is a reason to look.
    void ten_minutes_pass(int step) {
        clock_.advance(minutes(10));
        keeper_->look();
        notices_->set_notice(hours(7 * 24 + step % 2));
    }

    ClockGuard guard_{clock_};
    std::optional<ClockKeeper> keeper_;
    std::optional<ExpiryNotices> notices_;
    int signals_ = 0;
};

TEST_F(LockedHours, ADayOfThemIsQuietAndIsMadeUpForAtTheUnlock) {
    constexpr int kSteps = 24 * 6;
    // Its owner is told in its last quarter, which begins in these hours.
    (void)import(kAlice, "forge-secret", {.expires = FakeClock::kStart + kDaySeconds * 6 / 5});
    lock_keyring();
    testing::internal::CaptureStderr();
    for (int step = 0; step < kSteps; ++step) {
        ten_minutes_pass(step);
        ASSERT_EQ(get().error().code, Errc::StoreLocked) << step;
        ASSERT_EQ(writer_.waiting(), 0U);
    }
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
    EXPECT_EQ(signals_, 0);
    unlock_keyring();
    keeper_->begin();
    testing::internal::CaptureStderr();
    notices_->on_store_opened();
    testing::internal::GetCapturedStderr();
    EXPECT_EQ(signals_, 1);
    EXPECT_EQ(store::StoreAdmin(*store_).read_note(store::Note::ClockMark).value(),
              FakeClock::kStart + kDaySeconds);
    EXPECT_EQ(text_of(get().value()->password), "forge-secret");
}

}  // namespace
}  // namespace patd
