// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/state/lots.h"

#include "tests/support/service_fixture.h"

namespace patd {
namespace {

using support::kAlice;

// No account has it on a machine that follows Debian's policy (60000-64999 are reserved).
constexpr Uid kAbsent{64321};

// Runs what it was given when it is told to, as a name service that takes its time.
class LaterExecutor final : public bus::Executor {
  public:
    void submit(std::function<void()> work, std::function<void()> done) override {
        jobs.push_back([work = std::move(work), done = std::move(done)] {
            work();
            done();
        });
    }
    void run_all() {
        for (const auto& job : std::exchange(jobs, {}))
            job();
    }
    std::vector<std::function<void()>> jobs;
};

class LotsTest : public support::ServiceFixture {
  protected:
    void SetUp() override {
        ServiceFixture::SetUp();
        lots_.emplace(Lots::Parts{*store_, named_, clock_});
    }

    LaterExecutor names_;
    Accounts named_{names_, clock_};
    std::optional<Lots> lots_;
};

TEST_F(LotsTest, RootIsALotOfItsOwn) {
    EXPECT_EQ(lots_->lot_of(Uid(0)), Uid(0));
}

TEST_F(LotsTest, WhoHasAnAccountIsOneOnceThatIsKnown) {
    EXPECT_EQ(lots_->lot_of(kAlice), kStrangers);
    names_.run_all();
    EXPECT_EQ(lots_->lot_of(kAlice), kAlice);
    EXPECT_TRUE(names_.jobs.empty());
}

TEST_F(LotsTest, WhoOwnsATokenIsOneWhateverTheNameServiceSays) {
    issue(kAlice);
    EXPECT_EQ(lots_->lot_of(kAlice), kAlice);
}

TEST_F(LotsTest, AnAccountStaysKnownWhileItIsLookedUpAgain) {
    (void)lots_->lot_of(kAlice);
    names_.run_all();
    clock_.advance(std::chrono::hours(1));
    EXPECT_EQ(lots_->lot_of(kAlice), kAlice);
    EXPECT_EQ(names_.jobs.size(), 1U);
}

TEST_F(LotsTest, WhoHasNeitherIsAStranger) {
    EXPECT_EQ(lots_->lot_of(kAbsent), kStrangers);
    names_.run_all();
    clock_.advance(std::chrono::seconds(2));
    EXPECT_EQ(lots_->lot_of(kAbsent), kStrangers);
}

// Row D12: strangers do not fill the queue of the name service.
TEST_F(LotsTest, ManyStrangersMakeFewLookUps) {
    for (std::uint32_t i = 0; i < 10'000; ++i)
        EXPECT_EQ(lots_->lot_of(Uid(200'000 + i)), kStrangers);
    EXPECT_LE(names_.jobs.size(), 4U);
}

// A stranger's look-up that hangs stands behind a user's, and not between two of that user's.
TEST_F(LotsTest, WhoAsksForANameThatIsBeingLookedUpWaitsForThatAnswer) {
    (void)lots_->lot_of(kAlice);
    (void)lots_->lot_of(kAbsent);
    std::vector<std::string> names;
    for (int i = 0; i < 2; ++i)
        named_.find_name(kAlice,
                         [&](const Result<std::string>& name) { names.push_back(name.value()); });
    EXPECT_EQ(names_.jobs.size(), 2U);
    names_.jobs.front()();
    EXPECT_EQ(names, (std::vector<std::string>{"daemon", "daemon"}));
}

TEST_F(LotsTest, ManyStrangersDoNotMakeAnAccountForgotten) {
    (void)lots_->lot_of(kAlice);
    names_.run_all();
    clock_.advance(std::chrono::seconds(2));
    for (std::uint32_t i = 0; i < 10'000; ++i) {
        (void)lots_->lot_of(Uid(200'000 + i));
        names_.run_all();
    }
    EXPECT_EQ(lots_->lot_of(kAlice), kAlice);
    EXPECT_TRUE(names_.jobs.empty());
}

}  // namespace
}  // namespace patd
