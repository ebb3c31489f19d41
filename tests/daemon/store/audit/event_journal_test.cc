// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/audit/event_journal.h"

#include "common/base/limits.h"
#include "common/base/service_limits.h"
#include "tests/daemon/store/audit/releases.h"
#include "tests/daemon/store/store_fixture.h"
#include "tests/support/full_disk.h"

#include <array>

namespace patd::store::test {
namespace {

std::vector<std::string> places_of(const std::vector<NumberedEvent>& events) {
    std::vector<std::string> places;
    for (const NumberedEvent& event : events)
        places.push_back(event.event.where);
    return places;
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

}  // namespace
}  // namespace patd::store::test
