// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/admission/limited.h"

#include "common/base/limits.h"
#include "tests/support/fake_clock.h"

#include <gtest/gtest.h>

namespace patd {
namespace {

using What = Limited::What;

constexpr Uid kCaller{1};

class LimitedTest : public ::testing::Test {
  protected:
    support::FakeClock clock_;
    Limited limited_{clock_};
};

TEST_F(LimitedTest, CountsByLotAndLimit) {
    limited_.note(kCaller, What::Calls);
    limited_.note(kCaller, What::Calls);
    limited_.note(kCaller, What::Connections);
    clock_.advance(std::chrono::seconds(5));
    const auto recent = limited_.recent();
    ASSERT_EQ(recent.size(), 2U);
    EXPECT_EQ(recent[0].what, What::Connections);
    EXPECT_EQ(recent[1].what, What::Calls);
    EXPECT_EQ(recent[1].count, 2U);
    EXPECT_EQ(recent[1].ago, std::chrono::seconds(5));
}

TEST_F(LimitedTest, ForgetsWhatEndedTenMinutesAgo) {
    limited_.note(kCaller, What::Calls);
    clock_.advance(std::chrono::minutes(11));
    EXPECT_TRUE(limited_.recent().empty());
    limited_.note(kCaller, What::Calls);
    EXPECT_EQ(limited_.recent().at(0).count, 1U);
}

TEST_F(LimitedTest, KnowsTheNewestOnly) {
    for (std::uint32_t uid = 0; uid < limits::kLimitedKnown + 10; ++uid) {
        limited_.note(Uid(uid), What::Calls);
        clock_.advance(std::chrono::seconds(1));
    }
    const auto recent = limited_.recent();
    EXPECT_EQ(recent.size(), limits::kLimitedKnown);
    EXPECT_EQ(recent.front().lot, Uid(10));
}

// Row D15: the journal is told once a minute, however often it happens.
TEST_F(LimitedTest, TellsTheJournalOnceAMinute) {
    ::testing::internal::CaptureStderr();
    for (int i = 0; i < 1000; ++i)
        limited_.note(kCaller, What::Calls);
    clock_.advance(std::chrono::seconds(61));
    limited_.note(kCaller, What::Calls);
    const std::string text = ::testing::internal::GetCapturedStderr();
    std::size_t lines = 0;
    for (const char c : text)
        lines += c == '\n' ? 1 : 0;
    EXPECT_EQ(lines, 2U) << text;
    EXPECT_NE(text.find("count=1000"), std::string::npos) << text;
}

}  // namespace
}  // namespace patd
