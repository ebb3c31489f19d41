// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "auth/attempts.h"

#include "tests/support/fake_clock.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <atomic>
#include <fstream>
#include <random>
#include <thread>

namespace patd::auth {
namespace {

using std::chrono::seconds;

class AttemptsTest : public testing::Test {
  protected:
    Attempts open(const std::string& boot = "boot-1") const {
        return Attempts::open(directory_.path(), Attempts::kUsers, clock_, boot).value();
    }
    int charges_that_pass(Attempts::Bucket bucket, int wanted) const {
        int passed = 0;
        for (int i = 0; i < wanted; ++i)
            passed += open().charge(bucket) ? 1 : 0;
        return passed;
    }
    void execute(const std::string& sql) const {
        sqlite3* database = nullptr;
        ASSERT_EQ(sqlite3_open(directory_.file("attempts.db").c_str(), &database), SQLITE_OK);
        EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
            << sqlite3_errmsg(database);
        sqlite3_close(database);
    }

    support::TemporaryDirectory directory_;
    support::FakeClock clock_;
    const Attempts::Bucket alice_{1000, 1000};
    const Attempts::Bucket bob_against_alice_{1001, 1000};
};

// Row P14: each charge is visible to any process that starts later, however this one ends.
TEST_F(AttemptsTest, OutliveTheProcess) {
    EXPECT_EQ(charges_that_pass(alice_, 8), 5);
    const Result<void> charged = open().charge(alice_);
    ASSERT_FALSE(charged);
    EXPECT_EQ(charged.error().code, Errc::Throttled);
    clock_.advance(seconds(60));
    EXPECT_EQ(charges_that_pass(alice_, 8), 1);
}

// Row P15.
TEST_F(AttemptsTest, KeepTheBucketsOfDifferentCallersApart) {
    EXPECT_EQ(charges_that_pass(bob_against_alice_, 8), 5);
    EXPECT_EQ(charges_that_pass(alice_, 8), 5);
}

TEST_F(AttemptsTest, SayHowLongToWait) {
    EXPECT_EQ(charges_that_pass(alice_, 5), 5);
    clock_.advance(seconds(20));
    Attempts attempts = open();
    ASSERT_FALSE(attempts.charge(alice_));
    EXPECT_EQ(attempts.wait(), seconds(40));
}

// A refusal waits for no disk: SQLite counts each commit in the file's header.
TEST_F(AttemptsTest, WriteNothingForATryThatIsRefused) {
    const auto commits = [this] {
        std::ifstream file(directory_.file("attempts.db"));
        file.seekg(24);
        std::string count(4, ' ');
        file.read(count.data(), 4);
        return count;
    };
    EXPECT_EQ(charges_that_pass(alice_, 5), 5);
    const std::string before = commits();
    EXPECT_EQ(charges_that_pass(alice_, 3), 0);
    EXPECT_EQ(commits(), before);
    clock_.advance(seconds(60));
    EXPECT_EQ(charges_that_pass(alice_, 1), 1);
    EXPECT_NE(commits(), before);
}

// Row P15: filling the file of names and hosts leaves the users' buckets unchanged.
TEST_F(AttemptsTest, KeepUsersAndHostsInFilesOfTheirOwn) {
    EXPECT_EQ(charges_that_pass(alice_, 5), 5);
    Attempts hosts = Attempts::open(directory_.path(), Attempts::kHosts, clock_, "boot-1").value();
    for (int i = 0; i < 5; ++i)
        EXPECT_TRUE(hosts.charge(alice_));
    EXPECT_FALSE(hosts.charge(alice_));
    EXPECT_EQ(hosts.wait(), seconds(10));
}

TEST_F(AttemptsTest, GiveBackWhatWasRightOrUnused) {
    for (int i = 0; i < 10; ++i) {
        ASSERT_TRUE(open().charge(alice_));
        ASSERT_TRUE(open().settle_right(alice_));
        ASSERT_TRUE(open().charge(alice_));
        ASSERT_TRUE(open().settle_unused(alice_));
    }
    EXPECT_EQ(charges_that_pass(alice_, 8), 5);
}

// Row P14.
TEST_F(AttemptsTest, StartTheWaitAnewAfterAReboot) {
    EXPECT_EQ(charges_that_pass(alice_, 8), 5);
    clock_.advance(seconds(59));
    EXPECT_FALSE(open("boot-2").charge(alice_));
    clock_.advance(seconds(59));
    EXPECT_FALSE(open("boot-2").charge(alice_));
    clock_.advance(seconds(1));
    EXPECT_TRUE(open("boot-2").charge(alice_));
    EXPECT_FALSE(open("boot-2").charge(alice_));
}

// Row P14.
TEST_F(AttemptsTest, DoNotLookAtTheWallClock) {
    EXPECT_EQ(charges_that_pass(alice_, 8), 5);
    clock_.jump_to(clock_.now() + 365 * 86400);
    EXPECT_FALSE(open().charge(alice_));
    clock_.jump_to(0);
    EXPECT_FALSE(open().charge(alice_));
}

// Row P13.
TEST_F(AttemptsTest, AllowNoMoreInParallel) {
    std::atomic<int> passed = 0;
    (void)open();
    std::vector<std::thread> threads;
    for (int i = 0; i < 16; ++i)
        threads.emplace_back([&] { passed += open().charge(alice_) ? 1 : 0; });
    for (std::thread& thread : threads)
        thread.join();
    EXPECT_EQ(passed, 5);
}

// Row P14: over any sequence of guesses, waits, restarts, reboots, cancelled conversations and
// jumps of the wall clock, no more than 5 guesses plus one a minute are checked.
TEST_F(AttemptsTest, BoundTheGuessesOverAnySequence) {
    std::mt19937 random(20260101);
    for (int round = 0; round < 4; ++round) {
        const Attempts::Bucket bucket{2000 + round, 1000};
        const auto start = clock_.since_boot();
        int boot = 0;
        int evaluated = 0;
        for (int step = 0; step < 40; ++step) {
            const auto choice = random() % 10;
            if (choice < 6)
                evaluated += open("boot-" + std::to_string(boot)).charge(bucket) ? 1 : 0;
            else if (choice == 6 && open("boot-" + std::to_string(boot)).charge(bucket))
                ASSERT_TRUE(open("boot-" + std::to_string(boot)).settle_unused(bucket));
            else if (choice == 7)
                ++boot;
            else if (choice == 8)
                clock_.jump_to(static_cast<UnixTime>(random()));
            else
                clock_.advance(seconds(random() % 200));
            const auto minutes =
                std::chrono::duration_cast<std::chrono::minutes>(clock_.since_boot() - start);
            ASSERT_LE(evaluated, 5 + minutes.count()) << "round " << round << " step " << step;
        }
        EXPECT_GT(evaluated, 4);
    }
}

// Row P15.
TEST_F(AttemptsTest, KeepAFixedNumberOfBucketsAndDropTheOldest) {
    ASSERT_EQ(charges_that_pass(alice_, 5), 5);
    execute(
        "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 4096)"
        " INSERT INTO attempts SELECT 100000 + i, 1, 0, 5, 60000, 0, 'boot-1', 1000 + i FROM n");
    clock_.advance(seconds(60));
    ASSERT_TRUE(open().charge(alice_)) << "is the newest now, and all 4,096 fit";
    const Attempts::Bucket oldest{100002, 1};
    const Attempts::Bucket next{100003, 1};
    execute("UPDATE attempts SET stamp_ms = " + std::to_string(clock_.since_boot().count()));
    ASSERT_TRUE(open().charge(bob_against_alice_));
    EXPECT_FALSE(open().charge(next));
    EXPECT_TRUE(open().charge(oldest)) << "made room, and starts from nothing";
}

// Row P16.
TEST_F(AttemptsTest, ArePrivateToTheirOwner) {
    ASSERT_TRUE(open().charge(alice_));
    struct stat status {};
    ASSERT_EQ(stat(directory_.file("attempts.db").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0600U);
}

TEST_F(AttemptsTest, RefuseToGoOnWithADamagedFile) {
    ASSERT_TRUE(open().charge(alice_));
    std::ofstream(directory_.file("attempts.db")) << std::string(8192, 'x');
    const auto damaged = Attempts::open(directory_.path(), Attempts::kUsers, clock_, "boot-1");
    ASSERT_FALSE(damaged);
    EXPECT_EQ(damaged.error().code, Errc::Corrupt);
}

TEST_F(AttemptsTest, RefuseToGoOnWithAnotherTableOfThatName) {
    ASSERT_TRUE(open().charge(alice_));
    execute("DROP TABLE attempts");
    execute("CREATE TABLE attempts(caller, target)");
    EXPECT_FALSE(open().charge(alice_));
}

TEST_F(AttemptsTest, RefuseToGoOnWithoutTheirDirectory) {
    EXPECT_FALSE(Attempts::open(directory_.file("missing"), Attempts::kUsers, clock_, "boot-1"));
}

TEST(BootId, IsTheSameThroughoutABoot) {
    EXPECT_GE(read_boot_id().value().size(), 36U);
    EXPECT_EQ(read_boot_id().value(), read_boot_id().value());
}

}  // namespace
}  // namespace patd::auth
