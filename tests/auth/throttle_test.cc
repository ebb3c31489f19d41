// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "auth/throttle.h"

#include "tests/support/fake_clock.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace patd::auth {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class ThrottleTest : public testing::Test {
  protected:
    // As a service asks for `user` with `uid`, whom it reports to be at `rhost`.
    static BeginRequest check(std::optional<Uid> uid, const std::string& user,
                              const std::string& rhost) {
        return {Op::Check, Uid(0), uid, user, rhost};
    }
    Result<void> charge(const BeginRequest& request) {
        const password::Account account{request.uid.value_or(Uid(0xffffffffU)), 0, request.user};
        const Session session{request, account, options_, Uid(0), conversation_, wait_};
        wait_ = milliseconds(0);
        return Throttle::open(session, clock_).value().charge();
    }
    int charges_that_pass(const BeginRequest& request, int wanted) {
        int passed = 0;
        for (int i = 0; i < wanted; ++i)
            passed += charge(request) ? 1 : 0;
        return passed;
    }

    support::TemporaryDirectory directory_;
    support::FakeClock clock_;
    ServiceOptions options_ = [this] {
        ServiceOptions options;
        options.state_directory = directory_.path();
        return options;
    }();
    step_up::FrameStream stream_{-1, seconds(1)};
    Conversation conversation_{stream_};
    milliseconds wait_{0};
    const BeginRequest alice_ = check(Uid(1000), "alice", "192.0.2.1");
};

// Row P15: an attacker at one host keeps the owner out at no other, nor at the owner's own.
TEST_F(ThrottleTest, CountsOfAServiceByRemoteHostAndAccount) {
    EXPECT_EQ(charges_that_pass(alice_, 8), 5);
    EXPECT_EQ(wait_, seconds(10));
    EXPECT_EQ(charges_that_pass(check(Uid(1000), "alice", "192.0.2.2"), 8), 5);
    EXPECT_EQ(charges_that_pass(check(Uid(1001), "bob", "192.0.2.1"), 8), 5);
    EXPECT_EQ(charges_that_pass(check(Uid(1000), "alice", ""), 8), 8) << "local, or not known";
    EXPECT_EQ(charges_that_pass({Op::Authenticate, Uid(1000), Uid(1000), "alice", ""}, 8), 5);
    EXPECT_EQ(charges_that_pass({Op::Authenticate, Uid(0), Uid(0), "root", ""}, 8), 8);
}

// Row P11
TEST_F(ThrottleTest, CountsForNamesThatAreNoAccountsAlike) {
    EXPECT_EQ(charges_that_pass(check(std::nullopt, "nobody-here", "192.0.2.1"), 8), 5);
    EXPECT_EQ(wait_, seconds(10));
    EXPECT_EQ(charges_that_pass(check(std::nullopt, "nor-here", "192.0.2.1"), 8), 5);
    EXPECT_EQ(charges_that_pass(alice_, 8), 5);
}

// Row P14
TEST_F(ThrottleTest, GivesOneHostNoMoreThanFiveAtOnceAndOneEveryTenSecondsThenOneAMinute) {
    int passed = 0;
    for (int second = 0; second < 3600; ++second) {
        clock_.advance(seconds(1));
        passed += charge(alice_) ? 1 : 0;
    }
    EXPECT_LE(passed, 20 + 60);
    EXPECT_GT(passed, 60) << "and is never locked out";
}

TEST_F(ThrottleTest, TakesTheAddressesOfOneSubscriberForOneHost) {
    EXPECT_EQ(host_of("2001:db8:1:2:3:4:5:6"), host_of("2001:0db8:1:2::7"));
    EXPECT_NE(host_of("2001:db8:1:2::1"), host_of("2001:db8:1:3::1"));
    EXPECT_EQ(host_of("::ffff:192.0.2.1"), "192.0.2.1");
    EXPECT_EQ(host_of("192.0.2.1"), "192.0.2.1");
    for (const char* other : {"host.example", "fe80::1%eth0", "", ":", "1.2.3"})
        EXPECT_EQ(host_of(other), other);
}

// A name may be a password that was typed at the wrong prompt.
TEST_F(ThrottleTest, KeepsNoNameAndNoHost) {
    ASSERT_TRUE(charge(check(std::nullopt, "hunter2-at-the-wrong-prompt", "client.example")));
    std::ifstream file(directory_.file("hosts.db"));
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    EXPECT_GT(bytes.size(), 4096U);
    EXPECT_EQ(bytes.find("hunter2"), std::string::npos);
    EXPECT_EQ(bytes.find("client.example"), std::string::npos);
}

}  // namespace
}  // namespace patd::auth
