// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/limits.h"
#include "common/base/service_limits.h"
#include "daemon/store/audit/audit_log.h"
#include "tests/daemon/store/audit/releases.h"
#include "tests/daemon/store/store_fixture.h"
#include "tests/support/full_disk.h"
#include "tests/support/locked_log.h"
#include "tests/support/power_cut.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <thread>

namespace patd::store::test {
namespace {

class JournaledLogTest : public ::testing::Test {
  protected:
    void SetUp() override { open(); }
    void open() {
        log_.reset();
        log_ = AuditLog::open(directory_.path()).value();
    }
    static std::vector<std::string> places(AuditLog& log) {
        std::vector<std::string> found;
        for (const Event& event : log.list({kAlice, std::nullopt, 100'000}).value())
            found.insert(found.begin(), event.where);
        return found;
    }
    // The files as they are now, opened by another process; `torn` is cut off the journal's end.
    std::vector<std::string> places_after_a_kill(std::size_t torn = 0) {
        const support::TemporaryDirectory left;
        copy_to(left);
        const std::string journal = left.file("audit.journal");
        const std::string bytes = read_file(journal);
        write_file(journal, bytes.substr(0, bytes.size() - torn));
        return places(*AuditLog::open(left.path()).value());
    }
    void copy_to(const support::TemporaryDirectory& left) {
        for (const char* name : {"audit.db", "audit.db-wal", "audit.journal"})
            std::filesystem::copy_file(directory_.file(name), left.file(name));
    }
    void release(std::size_t events, std::size_t first = 0) {
        for (std::size_t i = first; i < first + events; ++i)
            ASSERT_TRUE(log_->append_soon(make_release(kAlice, std::to_string(i))));
    }
    std::int64_t rows() {
        return RawDatabase(directory_.file("audit.db")).number("SELECT count(*) FROM event");
    }

    support::TemporaryDirectory directory_;
    support::PowerCut power_cut_{directory_.path()};
    std::unique_ptr<AuditLog> log_;
};

TEST_F(JournaledLogTest, AReleaseMakesNoSqliteWriteAndIsReadAtOnce) {
    release(3);
    EXPECT_EQ(rows(), 0);
    EXPECT_EQ(places(*log_), numbers(3));
    EXPECT_EQ(rows(), 3);
}

TEST_F(JournaledLogTest, KeepsTheOrderInWhichThingsHappened) {
    release(1);
    log_->append(make_release(kAlice, "1")).value();
    release(1, 2);
    const BegunEvents begun = log_->begin({make_release(kAlice, "3")}).value();
    release(1, 4);
    log_->end(begun, "ok").value();
    EXPECT_EQ(places_after_a_kill(), numbers(5));
    EXPECT_EQ(places(*log_), numbers(5));
    EXPECT_EQ(log_->list({kAlice, std::nullopt, 2}).value()[1].outcome, "ok");
}

TEST_F(JournaledLogTest, AKillAtAnyStepLosesNoEventAndDoublesNone) {
    EXPECT_EQ(places_after_a_kill(), numbers(0));
    release(5);
    EXPECT_EQ(places_after_a_kill(), numbers(5));   // appended
    EXPECT_EQ(places_after_a_kill(1), numbers(4));  // while it was appended
    EXPECT_EQ(places(*log_), numbers(5));
    EXPECT_EQ(places_after_a_kill(), numbers(5));  // folded, and still in the journal
    release(1, 5);
    log_->sync().value();
    EXPECT_EQ(places_after_a_kill(), numbers(6));  // synced, and emptied
    release(2, 6);
    EXPECT_EQ(places_after_a_kill(), numbers(8));  // in the other half
    open();
    EXPECT_EQ(places(*log_), numbers(8));
    EXPECT_EQ(rows(), 8);
}

// The first request of a patd that is started by it waits for the start.
TEST_F(JournaledLogTest, AStartAfterAnOrderlyEndWaitsForNoDisk) {
    release(5);
    log_.reset();
    const std::size_t before = power_cut_.of_files() + power_cut_.of_directories();
    open();
    EXPECT_EQ(power_cut_.of_files() + power_cut_.of_directories(), before);
    EXPECT_TRUE(log_->is_synced());
    EXPECT_EQ(places(*log_), numbers(5));
}

TEST_F(JournaledLogTest, TheNamesOfTheFilesAreOnDiskBeforeWhatIsSyncedInThem) {
    release(5);
    log_.reset();
    open();
    // SQLite syncs them with the first frame of a WAL.
    log_->append(make_release(kAlice, "5")).value();
    const std::size_t before = power_cut_.of_directories();
    release(1, 6);
    log_->sync().value();
    const std::size_t after = power_cut_.of_directories();
    EXPECT_EQ(after, before + 1);
    release(1, 7);
    log_->sync().value();
    EXPECT_EQ(power_cut_.of_directories(), after);
}

// It may have written to the WAL what it never synced.
TEST_F(JournaledLogTest, AStartAfterAKillBringsToDiskWhatIsThere) {
    log_->append(make_release(kAlice, "0")).value();
    const support::TemporaryDirectory left;
    copy_to(left);
    const std::size_t before = power_cut_.of_files();
    const auto started = AuditLog::open(left.path()).value();
    EXPECT_GT(power_cut_.of_files(), before);
    EXPECT_TRUE(started->is_synced());
    EXPECT_EQ(places(*started), numbers(1));
}

// Killed while it was replaying: the next start does it again.
TEST_F(JournaledLogTest, AJournalCanBeReplayedAgainAndAgain) {
    release(200);
    const std::string journal = read_file(directory_.file("audit.journal"));
    for (int start = 0; start < 3; ++start) {
        open();
        EXPECT_EQ(places(*log_), numbers(200));
        log_.reset();
        write_file(directory_.file("audit.journal"), journal);
    }
}

TEST_F(JournaledLogTest, AnEventWhoseNumberAnotherHasIsKeptToo) {
    release(2);
    const std::string journal = read_file(directory_.file("audit.journal"));
    log_.reset();
    for (const char* name : {"audit.db", "audit.db-wal", "audit.db-shm"})
        std::filesystem::remove(directory_.file(name));
    open();
    log_->append(make_release(kAlice, "of the new one")).value();
    log_.reset();
    write_file(directory_.file("audit.journal"), journal);
    open();
    EXPECT_EQ(places(*log_), (std::vector<std::string>{"of the new one", "0", "1"}));
}

// Killed after they had got other numbers, and before the journal was emptied.
TEST_F(JournaledLogTest, EventsThatWereRenumberedAreNotAddedAgain) {
    release(70);
    for (int i = 0; i < 3; ++i)
        log_->append_soon(make_release(kAlice, "equal")).value();
    const std::string journal = read_file(directory_.file("audit.journal"));
    std::vector<std::string> wanted = numbers(70);
    wanted.insert(wanted.begin(), "of the new one");
    wanted.insert(wanted.end(), 3, "equal");
    log_.reset();
    for (const char* name : {"audit.db", "audit.db-wal", "audit.db-shm"})
        std::filesystem::remove(directory_.file(name));
    open();
    log_->append(make_release(kAlice, "of the new one")).value();
    for (int start = 0; start < 3; ++start) {
        log_.reset();
        write_file(directory_.file("audit.journal"), journal);
        open();
        EXPECT_EQ(places(*log_), wanted) << start;
    }
    // Only one transaction of the replay was made.
    log_.reset();
    RawDatabase(directory_.file("audit.db")).run("DELETE FROM event WHERE seq > 140");
    write_file(directory_.file("audit.journal"), journal);
    open();
    EXPECT_EQ(places(*log_), wanted);
}

TEST_F(JournaledLogTest, SeveralThousandEventsAreFoldedInOrder) {
    constexpr std::size_t kEvents = 9000;  // more than the journal holds
    for (std::size_t i = 0; i < kEvents; ++i) {
        release(1, i);
        if (i % 3000 == 2999) {
            EXPECT_EQ(places_after_a_kill(), numbers(i + 1));
        } else if (log_->is_journal_filling() && i % 2 == 0) {
            log_->sync().value();
        }
    }
    EXPECT_EQ(places(*log_), numbers(kEvents));
    EXPECT_LE(read_file(directory_.file("audit.journal")).size(), limits::kJournalBytes);
}

// The worker is slow: releases go on, as they did before there was a journal.
TEST_F(JournaledLogTest, AFullJournalIsNoReasonToRefuse) {
    constexpr std::size_t kEvents = limits::kJournalEvents + 20;
    release(kEvents);
    EXPECT_EQ(rows(), 20);
    EXPECT_EQ(places_after_a_kill(), numbers(kEvents));
    EXPECT_EQ(places(*log_), numbers(kEvents));
}

TEST_F(JournaledLogTest, OnAFullDiskNothingIsRecordedAndTheErrorSaysSo) {
    release(2);
    {
        const support::FullDisk full;
        EXPECT_EQ(log_->append_soon(make_release(kAlice, "lost")).error().code, Errc::Unavailable);
        // What it has already can still be read, except for what audit.db could not take yet.
        EXPECT_TRUE(log_->list({kAlice}));
    }
    release(1, 2);
    EXPECT_EQ(places_after_a_kill(), numbers(3));
    EXPECT_EQ(places(*log_), numbers(3));
}

TEST_F(JournaledLogTest, WhatAuditDbCannotTakeStaysInTheJournal) {
    release(3);
    {
        const support::LockedLog locked(directory_.path());
        EXPECT_TRUE(log_->sync());  // on disk, in the journal
        release(2, 3);
        log_.reset();
    }
    open();
    EXPECT_EQ(places(*log_), numbers(5));
}

TEST_F(JournaledLogTest, ADiskThatFillsUpDuringTheReplayIsNoReasonNotToStart) {
    release(1000);
    const support::TemporaryDirectory left;
    copy_to(left);
    std::unique_ptr<AuditLog> log;
    {
        const support::FullDisk full(65536);  // some are folded
        log = AuditLog::open(left.path()).value();
        EXPECT_FALSE(log->is_synced());
    }
    log->sync().value();
    EXPECT_EQ(places(*log), numbers(1000));
    EXPECT_TRUE(read_file(left.file("audit.journal")).empty());
}

TEST_F(JournaledLogTest, AFoldThatFailsIsToldOnceAndTriedAgain) {
    constexpr char kTold[] = "audit events wait";
    release(3);
    ::testing::internal::CaptureStderr();
    {
        const support::LockedLog locked(directory_.path());
        EXPECT_TRUE(log_->list({kAlice}).value().empty());
        EXPECT_TRUE(log_->sync());
        EXPECT_TRUE(log_->sync());
        EXPECT_EQ(log_->sync_database().error().code, Errc::Unavailable);
        EXPECT_FALSE(log_->is_synced());
    }
    std::string told = ::testing::internal::GetCapturedStderr();
    EXPECT_NE(told.find(kTold), std::string::npos);
    EXPECT_EQ(told.find(kTold), told.rfind(kTold)) << told;
    log_->sync_database().value();
    EXPECT_TRUE(log_->is_synced());
    EXPECT_EQ(rows(), 3);
    release(1, 3);
    ::testing::internal::CaptureStderr();
    {
        const support::LockedLog locked(directory_.path());
        EXPECT_TRUE(log_->sync());
    }
    told = ::testing::internal::GetCapturedStderr();
    EXPECT_NE(told.find(kTold), std::string::npos) << "another outage";
}

// Row S10: the kernel reports a failed write once; a later sync of the same file proves nothing.
TEST_F(JournaledLogTest, AJournalWhoseSyncFailedIsDoubtedUntilItIsEmptied) {
    release(3);
    {
        const support::LockedLog locked(directory_.path());
        power_cut_.fail_next_sync_of("audit.journal");
        EXPECT_EQ(log_->sync_events().error().code, Errc::Unavailable);
        EXPECT_EQ(log_->sync_events().error().code, Errc::Unavailable);
    }
    EXPECT_TRUE(log_->sync_events());
    release(1, 3);
    EXPECT_TRUE(log_->sync_events());
    release(1, 4);
    const support::LockedLog locked(directory_.path());
    EXPECT_TRUE(log_->sync_events());
}

// At any step, and whether the events were folded meanwhile or not.
TEST_F(JournaledLogTest, APowerCutLosesOnlyWhatWasNotSyncedAndDoublesNone) {
    log_->sync().value();
    std::size_t synced = 0;
    for (std::size_t released = 0; released < 210;) {
        release(7, released);
        released += 7;
        if (released % 3 == 0) {
            EXPECT_EQ(places(*log_), numbers(released));
        }
        if (released % 5 == 0) {
            log_->sync().value();
            synced = released;
        }
        const support::TemporaryDirectory left;
        power_cut_.leave_in(left.path());
        const std::vector<std::string> found = places(*AuditLog::open(left.path()).value());
        EXPECT_GE(found.size(), synced);
        EXPECT_EQ(found, numbers(found.size()));
    }
}

TEST_F(JournaledLogTest, ADamagedJournalIsNoReasonNotToStart) {
    release(3);
    const support::TemporaryDirectory left;
    copy_to(left);
    std::string bytes = read_file(left.file("audit.journal"));
    bytes[40] = static_cast<char>(bytes[40] ^ 1);
    write_file(left.file("audit.journal"), bytes);
    EXPECT_EQ(places(*AuditLog::open(left.path()).value()), (std::vector<std::string>{"1", "2"}));
}

// Row S1.
TEST_F(JournaledLogTest, S1_TheJournalIsPrivate) {
    release(1);
    struct stat status {};
    ASSERT_EQ(stat(directory_.file("audit.journal").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0600U);
    log_.reset();
    ASSERT_EQ(chmod(directory_.file("audit.journal").c_str(), 0640), 0);
    EXPECT_EQ(AuditLog::open(directory_.path()).error().code, Errc::AccessDenied);
}

TEST_F(JournaledLogTest, AnotherThreadFoldsWhileThisOneAppends) {
    std::atomic<bool> done{false};
    std::atomic<int> failures{0};
    std::thread syncer([&] {
        while (!done)
            failures += log_->sync().has_value() ? 0 : 1;
    });
    constexpr std::size_t kEvents = 5000;
    for (std::size_t i = 0; i < kEvents; ++i) {
        release(1, i);
        if (i % 1000 == 0) {
            EXPECT_EQ(places(*log_), numbers(i + 1));
        }
    }
    done = true;
    syncer.join();
    EXPECT_EQ(failures, 0);
    EXPECT_EQ(places(*log_), numbers(kEvents));
    open();
    EXPECT_EQ(places(*log_), numbers(kEvents));
}

// A process that is killed, not one whose files are copied.
TEST_F(JournaledLogTest, Kill9AtAnyMomentLosesNothingThatWasAcknowledged) {
    log_.reset();
    for (int round = 0; round < 5; ++round) {
        const support::TemporaryDirectory left;
        std::array<int, 2> told{};
        ASSERT_EQ(pipe(told.data()), 0);
        const pid_t child = fork();
        if (child == 0) {
            const auto log = AuditLog::open(left.path()).value();
            std::thread syncer([&] {
                for (;;)
                    (void)log->sync();
            });
            for (std::size_t i = 0;; ++i) {
                if (!log->append_soon(make_release(kAlice, std::to_string(i))) ||
                    write(told[1], "+", 1) != 1)
                    _exit(1);
            }
        }
        ::close(told[1]);
        std::size_t acknowledged = 0;
        std::array<char, 100> some{};
        for (const std::size_t enough = 300 + 700U * static_cast<unsigned>(round);
             acknowledged < enough;) {
            const ssize_t got = ::read(told[0], some.data(), some.size());
            ASSERT_GT(got, 0);
            acknowledged += static_cast<std::size_t>(got);
        }
        ASSERT_EQ(kill(child, SIGKILL), 0);
        for (ssize_t got = 1; got > 0;) {
            got = ::read(told[0], some.data(), some.size());
            acknowledged += got > 0 ? static_cast<std::size_t>(got) : 0;
        }
        ::close(told[0]);
        int status = 0;
        ASSERT_EQ(waitpid(child, &status, 0), child);
        const std::vector<std::string> found = places(*AuditLog::open(left.path()).value());
        EXPECT_GE(found.size(), acknowledged);
        EXPECT_LE(found.size(), acknowledged + 1);
        EXPECT_EQ(found, numbers(found.size()));
    }
}

}  // namespace
}  // namespace patd::store::test
