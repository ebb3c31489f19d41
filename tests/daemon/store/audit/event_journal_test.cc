// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/audit/event_journal.h"

#include "common/base/limits.h"
#include "common/base/service_limits.h"
#include "daemon/store/audit/audit_log.h"
#include "tests/daemon/store/store_fixture.h"
#include "tests/support/full_disk.h"
#include "tests/support/locked_log.h"
#include "tests/support/power_cut.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <thread>

namespace patd::store::test {
namespace {

Event make_release(Uid owner, std::string where) {
    return {kNow, owner, std::nullopt, owner, "release", "ok", std::move(where)};
}

std::vector<std::string> places_of(const std::vector<NumberedEvent>& events) {
    std::vector<std::string> places;
    for (const NumberedEvent& event : events)
        places.push_back(event.event.where);
    return places;
}

std::vector<std::string> numbers(std::size_t end) {
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < end; ++i)
        texts.push_back(std::to_string(i));
    return texts;
}

class EventJournalTest : public ::testing::Test {
  protected:
    EventJournal open() {
        return EventJournal::open(StateDirectory::open(directory_.path()).value()).value();
    }
    std::string path() const { return directory_.file("audit.journal"); }
    // As many events, numbered from 1, at places from "0".
    static void fill(EventJournal& journal, std::size_t events, std::size_t first = 0) {
        for (std::size_t i = first; i < first + events; ++i)
            ASSERT_TRUE(journal
                            .append({static_cast<std::int64_t>(i) + 1,
                                     make_release(kAlice, std::to_string(i))})
                            .value());
    }

    support::TemporaryDirectory directory_;
};

TEST_F(EventJournalTest, GivesBackWhatWasAppended) {
    EventJournal journal = open();
    const Event full{kNow,   kAlice, make_token(kAlice).id, Uid(33), "release", "Locked",
                     "here", 7,      "backup.service"};
    ASSERT_TRUE(journal.append({5, full}).value());
    ASSERT_TRUE(journal.append({9, make_release(kBob, "")}).value());
    const EventJournal::Found found = open().read().value();
    ASSERT_EQ(found.events.size(), 2U);
    EXPECT_EQ(found.damaged, 0U);
    const Event& event = found.events[0].event;
    EXPECT_EQ(found.events[0].seq, 5);
    EXPECT_EQ(event.at, kNow);
    EXPECT_EQ(event.owner, kAlice);
    EXPECT_EQ(event.token, full.token);
    EXPECT_EQ(event.by, Uid(33));
    EXPECT_EQ(event.event + event.outcome + event.where + event.unit,
              "releaseLockedherebackup.service");
    EXPECT_EQ(event.count, 7U);
    EXPECT_FALSE(found.events[1].event.token.has_value());
}

TEST_F(EventJournalTest, GivesBackTheLargestRecord) {
    EventJournal journal = open();
    const std::string text(limits::kAuditTextBytes, 'a');
    ASSERT_TRUE(journal.append({1, {kNow, kAlice, {}, kAlice, text, text, text, 1, text}}).value());
    fill(journal, 1, 1);
    const EventJournal::Found found = open().read().value();
    ASSERT_EQ(found.events.size(), 2U);
    EXPECT_EQ(found.events[0].event.unit, text);
    EXPECT_EQ(found.damaged, 0U);
}

TEST_F(EventJournalTest, TakesNothingWhileItIsHeld) {
    EventJournal journal = open();
    fill(journal, 1);
    journal.hold();
    EXPECT_FALSE(journal.append({2, make_release(kAlice, "1")}).value());
    journal.turn();
    EXPECT_FALSE(journal.append({2, make_release(kAlice, "1")}).value());
    EXPECT_EQ(places_of(open().read().value().events), numbers(1));
    journal.clear().value();
    fill(journal, 1);
    EXPECT_EQ(places_of(open().read().value().events), numbers(1));
}

// What a kill in the middle of a write leaves, or a power cut.
TEST_F(EventJournalTest, ATornEndLosesThatEventAlone) {
    EventJournal journal = open();
    fill(journal, 2);
    const std::size_t before = read_file(path()).size();
    fill(journal, 1, 2);
    const std::string whole = read_file(path());
    for (std::size_t size = before; size < whole.size(); ++size) {
        write_file(path(), whole.substr(0, size));
        EventJournal::Found found = open().read().value();
        EXPECT_EQ(places_of(found.events), numbers(2)) << size;
        EXPECT_EQ(found.damaged, 0U);
        // A sector that never came.
        write_file(path(), whole.substr(0, size) + std::string(whole.size() - size, '\0'));
        found = open().read().value();
        EXPECT_GE(places_of(found.events).size(), 2U) << size;
        EXPECT_EQ(found.damaged, 0U);
    }
}

TEST_F(EventJournalTest, EveryPrefixAndEveryWrongByteIsRead) {
    EventJournal journal = open();
    fill(journal, 3);
    const std::string whole = read_file(path());
    for (std::size_t i = 0; i < whole.size(); ++i) {
        write_file(path(), whole.substr(0, i));
        EXPECT_LT(open().read().value().events.size(), 3U) << i;
        std::string wrong = whole;
        wrong[i] = static_cast<char>(wrong[i] ^ 0x55);
        write_file(path(), wrong);
        EXPECT_LT(open().read().value().events.size(), 3U) << i;
    }
}

TEST_F(EventJournalTest, ADamagedMiddleIsReportedAndLosesNoOther) {
    EventJournal journal = open();
    fill(journal, 1);
    const std::size_t end_of_first = read_file(path()).size();
    fill(journal, 4, 1);
    std::string bytes = read_file(path());
    bytes[end_of_first + 3] = 'x';
    write_file(path(), bytes);
    const EventJournal::Found found = open().read().value();
    EXPECT_EQ(places_of(found.events), (std::vector<std::string>{"0", "2", "3", "4"}));
    EXPECT_EQ(found.damaged, 1U);
}

TEST_F(EventJournalTest, TakesNothingThatAnEarlierUseLeft) {
    EventJournal journal = open();
    fill(journal, 100);
    journal.turn();
    journal.empty_other().value();
    EXPECT_TRUE(open().read().value().events.empty());
    fill(journal, 1, 100);
    journal.turn();
    fill(journal, 2, 101);
    const EventJournal::Found found = open().read().value();
    EXPECT_EQ(places_of(found.events), (std::vector<std::string>{"100", "101", "102"}));
    EXPECT_EQ(found.damaged, 0U);
}

TEST_F(EventJournalTest, TurnsOnlyToAnEmptyHalf) {
    EventJournal journal = open();
    fill(journal, 1);
    journal.turn();
    EXPECT_FALSE(journal.is_other_empty());
    fill(journal, 1, 1);
    journal.turn();
    fill(journal, 1, 2);
    EXPECT_EQ(places_of(open().read().value().events), numbers(3));
    journal.empty_other().value();
    EXPECT_EQ(places_of(open().read().value().events), (std::vector<std::string>{"1", "2"}));
}

TEST_F(EventJournalTest, HasABoundedSize) {
    EventJournal journal = open();
    for (int half = 0; half < 2; ++half) {
        std::int64_t seq = half * 1'000'000 + 1;
        while (journal.append({seq, make_release(kAlice, std::string(200, 'a'))}).value())
            ++seq;
        EXPECT_TRUE(journal.is_half_full());
        journal.turn();
    }
    EXPECT_LE(read_file(path()).size(), limits::kJournalBytes);
    EXPECT_GT(open().read().value().events.size(), 3000U);
}

TEST_F(EventJournalTest, TakesNoLongerTextThanAField) {
    EventJournal journal = open();
    EXPECT_TRUE(journal.append({1, make_release(kAlice, std::string(256, 'a'))}).value());
    EXPECT_FALSE(journal.append({2, make_release(kAlice, std::string(257, 'a'))}).value());
}

TEST_F(EventJournalTest, WhatCannotBeWrittenDoesNotCount) {
    EventJournal journal = open();
    fill(journal, 1);
    const std::size_t size = read_file(path()).size();
    for (const std::size_t room : {std::size_t{0}, size, size + 1, size + 30}) {
        const support::FullDisk full(room);
        EXPECT_EQ(journal.append({7, make_release(kAlice, "lost")}).error().code,
                  Errc::Unavailable);
    }
    EXPECT_EQ(places_of(open().read().value().events), numbers(1));
    fill(journal, 1, 1);
    EXPECT_EQ(places_of(open().read().value().events), numbers(2));
}

// ---- The audit log with its journal.

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

// The kernel reports a failed write once: a later sync of the same file proves nothing.
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
