// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/context/change.h"

#include "tests/support/locked_log.h"
#include "tests/support/service_fixture.h"

namespace patd {
namespace {

using support::caller_of;
using support::kAlice;
using Texts = std::vector<std::string>;

class ChangeTest : public support::ServiceFixture {
  protected:
    // What `done` received, and how often the store would have been changed.
    std::string make(Result<void> outcome, bool tells_not_found = true, bool is_in_force = false) {
        std::string told = "nothing";
        ChangeEvent event{caller_of(kAlice), kAlice, std::nullopt, "edit", "here"};
        event.tells_not_found = tells_not_found;
        event.is_in_force = is_in_force;
        change(
            *auditor_, writer_, event,
            [this, outcome]() -> Result<void> {
                ++changes_;
                return outcome;
            },
            [&told](const Result<void>& done) {
                told = done ? "ok" : std::string(errc_name(done.error().code));
            });
        return told;
    }

    int changes_ = 0;
};

TEST_F(ChangeTest, IsRecordedWithWhatCameOfIt) {
    EXPECT_EQ(make({}), "ok");
    EXPECT_EQ(make(Errc::LimitExceeded), "LimitExceeded");
    EXPECT_EQ(make(Errc::NotFound), "NotFound");
    EXPECT_EQ(make(Errc::NotFound, false), "NotFound");
    EXPECT_EQ(changes_, 4);
    EXPECT_EQ(events(kAlice), (Texts{"edit ok", "edit LimitExceeded", "edit NotFound"}));
}

TEST_F(ChangeTest, IsNotMadeWhereItsEventCannotBeRecorded) {
    {
        const support::LockedLog locked(directory_.path());
        EXPECT_EQ(make({}), "Unavailable");
        EXPECT_EQ(make({}, true, true), "Unavailable");
    }
    EXPECT_EQ(changes_, 0);
    EXPECT_EQ(events(kAlice), Texts{});
    // An event of something already in force is owed, even when the service ends.
    auditor_.reset();
    EXPECT_EQ(events(kAlice), Texts{"edit Unavailable"});
}

TEST_F(ChangeTest, WhoseEndTheLogCannotTakeStandsAndItsEventStaysBegun) {
    std::string told;
    std::optional<support::LockedLog> locked;
    testing::internal::CaptureStderr();
    change(
        *auditor_, writer_, {caller_of(kAlice), kAlice, std::nullopt, "edit"},
        [&]() -> Result<void> {
            locked.emplace(directory_.path());
            return {};
        },
        [&told](const Result<void>& done) { told = done ? "ok" : "refused"; });
    locked.reset();
    EXPECT_EQ(told, "ok");
    EXPECT_EQ(events(kAlice), Texts{"edit begun"});
    EXPECT_NE(testing::internal::GetCapturedStderr().find("an audit event was not recorded"),
              std::string::npos);
}

TEST_F(ChangeTest, WhichCannotBeginLeavesNoEvent) {
    writer_.fail_once();
    EXPECT_THROW((void)make({}), std::bad_alloc);
    EXPECT_EQ(changes_, 0);
    EXPECT_EQ(events(kAlice), Texts{});
}

TEST_F(ChangeTest, IsWhatItIsWhateverItsCallerThrows) {
    change(
        *auditor_, writer_, {caller_of(kAlice), kAlice, std::nullopt, "edit"},
        []() -> Result<void> { return {}; }, [](const auto&) { throw std::logic_error("a bug"); });
    EXPECT_EQ(events(kAlice), Texts{"edit ok"});
}

}  // namespace
}  // namespace patd
