// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/admission/lots.h"

#include "common/base/service_limits.h"
#include "tests/support/as_uid.h"
#include "tests/support/line_server_fixture.h"
#include "tests/support/service_fixture.h"

namespace patd {
namespace {

using support::kAlice;

// No account has it on a machine that follows Debian's policy (60000-64999 are reserved).
constexpr Uid kNoAccount{64321};

// Runs its jobs when told to, like a slow name service.
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
        lots_.emplace(Lots::Parts{
            owner_test(), named_, clock_, {}, [](Uid uid) { return uid.value() >= 1'000'000; }});
    }

    LaterExecutor names_;
    Accounts named_{names_, clock_};
    std::optional<Lots> lots_;
};

TEST_F(LotsTest, RootIsALotOfItsOwn) {
    EXPECT_EQ(lots_->lot_of(Uid(0)), Uid(0));
}

TEST_F(LotsTest, WhoHasAnAccountIsOneOnceThatIsKnown) {
    EXPECT_EQ(lots_->lot_of(kAlice), kAlice) << "nobody says that she has none";
    names_.run_all();
    EXPECT_EQ(lots_->lot_of(kAlice), kAlice);
    clock_.advance(std::chrono::seconds(10));
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
    EXPECT_EQ(lots_->lot_of(kNoAccount), kNoAccount);
    names_.run_all();
    EXPECT_EQ(lots_->lot_of(kNoAccount), kStrangers) << "at once";
    clock_.advance(std::chrono::seconds(2));
    EXPECT_EQ(lots_->lot_of(kNoAccount), kStrangers);
}

// Row D12: strangers do not fill the queue of the name service.
TEST_F(LotsTest, ManyStrangersMakeFewLookUps) {
    std::size_t newcomers = 0;
    for (std::uint32_t i = 0; i < 10'000; ++i)
        newcomers += lots_->lot_of(Uid(200'000 + i)) == kStrangers ? 0 : 1;
    EXPECT_EQ(newcomers, limits::kNewcomers);
    EXPECT_LE(names_.jobs.size(), 4U);
}

// Row D6: a user's 65,536 other uids fill the strangers' places, and none of the newcomers'.
TEST_F(LotsTest, SubUidsAreStrangersFromTheFirstMomentOn) {
    for (std::uint32_t i = 0; i < 10'000; ++i)
        EXPECT_EQ(lots_->lot_of(Uid(1'000'000 + i)), kStrangers);
    EXPECT_EQ(lots_->lot_of(kAlice), kAlice);
    // If one of them is an account, it counts as one as soon as that is known.
    names_.run_all();
    EXPECT_EQ(lots_->lot_of(kAlice), kAlice);
}

TEST_F(LotsTest, AStrangerIsNoNewcomerTwice) {
    for (std::uint32_t i = 0; i < limits::kNewcomers; ++i)
        EXPECT_EQ(lots_->lot_of(Uid(200'000 + i)), Uid(200'000 + i));
    EXPECT_EQ(lots_->lot_of(kAlice), kStrangers) << "there is no room";
    names_.run_all();  // the first few are now known to be nobody
    clock_.advance(std::chrono::seconds(2));
    EXPECT_EQ(lots_->lot_of(Uid(200'000)), kStrangers);
    EXPECT_EQ(lots_->lot_of(kAlice), kAlice);
    // A newcomer that did not return makes room.
    clock_.advance(std::chrono::seconds(5));
    EXPECT_EQ(lots_->lot_of(Uid(300'000)), Uid(300'000));
}

// Row D6. Strangers that have filled all their places do not affect a new account.
TEST_F(LotsTest, WhoComesForTheFirstTimeIsServedWhileStrangersFillTheirPlaces) {
    Turns turns(*loop_, [this](Uid uid) { return lots_->lot_of(uid); });
    support::CountingHandler handler;
    const auto server =
        LineServer::create({*loop_, handler, clock_, turns, {}, {}}, UniqueFd()).value();
    const auto ask = [&](Uid uid, std::string_view request) {
        std::array<int, 2> pair{};
        {
            const support::AsUid user(uid);
            EXPECT_EQ(
                socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair.data()), 0);
        }
        server->add_connection(UniqueFd(pair[0]));
        UniqueFd client(pair[1]);
        (void)send(client.get(), request.data(), request.size(), MSG_NOSIGNAL);
        support::turn_while_ready(*loop_);
        return client;
    };
    std::vector<UniqueFd> strangers;
    for (std::uint32_t i = 0; i < limits::kLineStrangers; ++i)
        strangers.push_back(ask(Uid(1'000'000 + i), "later=1\n\n"));
    EXPECT_EQ(handler.waiting.size(), limits::kLineStrangers);
    const UniqueFd another = ask(Uid(1'100'000), "a=1\n\n");
    const UniqueFd alice = ask(kAlice, "a=1\n\n");
    std::array<char, 64> bytes{};
    EXPECT_EQ(recv(another.get(), bytes.data(), bytes.size(), MSG_DONTWAIT), 0) << "refused";
    const ssize_t got = recv(alice.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    EXPECT_EQ(std::string_view(bytes.data(), got > 0 ? static_cast<std::size_t>(got) : 0),
              "count=1\n\n");
    EXPECT_FALSE(names_.jobs.empty()) << "nobody knows her yet";
}

// A stranger's look-up that hangs queues behind a user's, not between two of that user's.
TEST_F(LotsTest, WhoAsksForANameThatIsBeingLookedUpWaitsForThatAnswer) {
    (void)lots_->lot_of(kAlice);
    (void)lots_->lot_of(kNoAccount);
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
