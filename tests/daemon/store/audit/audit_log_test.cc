// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/audit/audit_log.h"

#include "common/base/limits.h"
#include "daemon/store/audit/audit_sql.h"
#include "daemon/store/tokens/record_codec.h"
#include "tests/daemon/store/store_fixture.h"
#include "tests/support/full_disk.h"

#include <sys/stat.h>

#include <atomic>
#include <thread>

namespace patd::store::test {
namespace {

Event make_event(Uid owner, std::string where = "https://git.example") {
    Event event{kNow, owner, std::nullopt, owner, "release", "ok", std::move(where)};
    return event;
}

// A service presents a token that it was given.
Event make_use(Uid owner, std::string where = "nginx") {
    return {kNow, owner, std::nullopt, Uid(33), "verify", "ok", std::move(where)};
}

// Somebody presents a wrong secret with a token's id.
Event make_refused(Uid owner, std::string where = "nginx") {
    return {kNow, owner, std::nullopt, Uid(100'000), "verify", "unknown", std::move(where)};
}

class AuditLogTest : public ::testing::Test {
  protected:
    void SetUp() override { open(); }
    void open() {
        log_.reset();
        log_ = AuditLog::open(directory_.path()).value();
    }
    std::vector<Event> list(Uid owner, std::optional<TokenId> token = std::nullopt) {
        return log_->list({owner, token, 100'000}).value();
    }
    std::string path() const { return directory_.file("audit.db"); }

    support::TemporaryDirectory directory_;
    std::unique_ptr<AuditLog> log_;
};

TEST_F(AuditLogTest, GivesBackWhatWasAppendedNewestFirst) {
    const TokenId id = make_token(kAlice).id;
    Event first = make_event(kAlice);
    first.token = id;
    first.by = Uid(33);
    first.count = 7;
    log_->append(first).value();
    Event second = make_event(kAlice, "sshd");
    second.outcome = "Locked";
    log_->append(second).value();
    open();
    const std::vector<Event> events = list(kAlice);
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(events[0].where, "sshd");
    EXPECT_EQ(events[0].outcome, "Locked");
    EXPECT_FALSE(events[0].token.has_value());
    EXPECT_EQ(events[1].token, id);
    EXPECT_EQ(events[1].by, Uid(33));
    EXPECT_EQ(events[1].at, kNow);
    EXPECT_EQ(events[1].event, "release");
    EXPECT_EQ(events[1].count, 7U);
    EXPECT_EQ(events[1].owner, kAlice);
}

TEST_F(AuditLogTest, GivesTheEventsOfOneUnit) {
    for (const Uid owner : {kAlice, kBob}) {
        for (const char* unit : {"backup.service", "", "other.service"}) {
            Event event = make_event(owner, unit);
            event.unit = unit;
            log_->append(event).value();
        }
    }
    const auto units = [&](const EventQuery& query) {
        std::vector<std::string> found;
        for (const Event& event : log_->list(query).value())
            found.push_back(event.unit);
        return found;
    };
    using Units = std::vector<std::string>;
    EXPECT_EQ(units({.owner = kAlice, .unit = "backup.service"}), Units{"backup.service"});
    EXPECT_EQ(units({.unit = "backup.service"}), (Units{"backup.service", "backup.service"}));
    EXPECT_EQ(units({.owner = kAlice, .unit = "backup"}), Units());
    EXPECT_EQ(units({.owner = kAlice, .unit = ""}), Units{""});
    EXPECT_EQ(units({.owner = kAlice}), (Units{"other.service", "", "backup.service"}));
}

using Steps = std::vector<const char*>;
const Steps kBackToVersion2 = {"DROP INDEX event_by_owner", "ALTER TABLE event DROP COLUMN share",
                               "CREATE INDEX event_by_owner ON event (owner, seq, token)",
                               "PRAGMA user_version = 2"};
const Steps kBackToVersion1 = {"ALTER TABLE event DROP COLUMN unit", "PRAGMA user_version = 1"};

TEST_F(AuditLogTest, BringsAnOlderLogUpWithEveryEvent) {
    for (const Steps& last : {Steps{}, kBackToVersion1}) {
        for (const Event& event : {make_event(kAlice), make_use(kAlice), make_refused(kAlice)})
            log_->append(event).value();
        const std::vector<Event> before = list(kAlice);
        log_.reset();
        {
            RawDatabase raw(path());
            for (const char* sql : kBackToVersion2)
                raw.run(sql);
            for (const char* sql : last)
                raw.run(sql);
        }
        open();
        const std::vector<Event> after = list(kAlice);
        ASSERT_EQ(after.size(), before.size());
        for (std::size_t i = 0; i < after.size(); ++i) {
            EXPECT_EQ(after[i].event + after[i].outcome, before[i].event + before[i].outcome);
            EXPECT_EQ(after[i].unit, "");
        }
        RawDatabase raw(path());
        for (int share = 0; share < 3; ++share)
            EXPECT_EQ(
                raw.number("SELECT count(*) FROM event WHERE owner = 1000 AND share = ?1", share) *
                    3,
                static_cast<std::int64_t>(after.size()));
        Event event = make_event(kBob);
        event.unit = "backup.service";
        log_->append(event).value();
        EXPECT_EQ(list(kBob)[0].unit, "backup.service");
    }
}

// Row D19: 180 sub-uids wrote 10,000 events of an owner in seconds.
TEST_F(AuditLogTest, WhatOthersCauseNeverPushesOutWhatTheOwnerDid) {
    log_->keep_events(100);
    for (int i = 0; i < 100; ++i)
        log_->append(make_event(kAlice, std::to_string(i))).value();
    log_->append(make_use(kAlice)).value();
    for (int i = 0; i < 500; ++i)
        log_->append(make_refused(kAlice, std::to_string(i))).value();
    const auto rows = [&](const char* sql) { return RawDatabase(path()).number(sql); };
    EXPECT_EQ(rows("SELECT count(*) FROM event WHERE event = 'release'"), 100);
    EXPECT_EQ(rows("SELECT count(*) FROM event WHERE outcome = 'ok' AND event = 'verify'"), 1);
    EXPECT_LT(rows("SELECT count(*) FROM event WHERE outcome = 'unknown'"), 10 + 128);
    EXPECT_EQ(list(kAlice)[0].where, "499");
    for (int i = 0; i < 500; ++i)
        log_->append(make_use(kAlice)).value();
    EXPECT_EQ(rows("SELECT count(*) FROM event WHERE event = 'release'"), 100);
    EXPECT_LT(rows("SELECT count(*) FROM event WHERE outcome = 'ok' AND event = 'verify'"),
              100 + 128);
}

// A service that asks as root asks for whoever is at its other end.
TEST_F(AuditLogTest, WhatIsRefusedToRootAndToTheOwnerPushesOutNothingElse) {
    log_->keep_events(100);
    log_->append(make_event(kAlice, "first")).value();
    for (const Uid by : {Uid(0), kAlice}) {
        for (int i = 0; i < 300; ++i) {
            Event event = make_refused(kAlice);
            event.by = by;
            log_->append(event).value();
        }
    }
    EXPECT_EQ(list(kAlice).back().where, "first");
}

TEST_F(AuditLogTest, ListsWhatAllCausedInTheOrderInWhichItHappened) {
    for (int i = 0; i < 9; i += 3) {
        log_->append(make_refused(kAlice, std::to_string(i))).value();
        log_->append(make_event(kAlice, std::to_string(i + 1))).value();
        log_->append(make_use(kAlice, std::to_string(i + 2))).value();
    }
    const std::vector<Event> all = list(kAlice);
    ASSERT_EQ(all.size(), 9U);
    for (std::size_t i = 0; i < 9; ++i)
        EXPECT_EQ(all[i].where, std::to_string(8 - i));
    EXPECT_EQ(log_->list({kAlice, std::nullopt, 4}).value().back().where, "5");
}

// Work whose size others decide, for as many events as there may be.
TEST_F(AuditLogTest, ReadsAnOwnersEventsByTheirIndexAlone) {
    RawDatabase raw(path());
    for (const char* sql : {sql::kCountEvents, sql::kPruneEvents, sql::kEventsOfOwner}) {
        const std::string plan = raw.plan(sql);
        EXPECT_NE(plan.find("event_by_owner (owner=? AND share=?"), std::string::npos) << plan;
        EXPECT_EQ(plan.find("SCAN event"), std::string::npos) << plan;
        EXPECT_EQ(plan.find("TEMP B-TREE"), std::string::npos) << plan;
    }
}

// Row D1: a step has its size, whatever is asked for, and loses nothing where it ends.
TEST_F(AuditLogTest, IsGoneThroughInStepsOfABoundedSize) {
    constexpr std::size_t kEvents = 3 * limits::kEventRowsPerStep;
    for (std::size_t i = 0; i < kEvents; ++i) {
        Event event = i % 3 == 0 ? make_use(kAlice) : make_event(kAlice);
        event.where = std::to_string(i);
        event.unit = i == 0 ? "first.service" : "";
        log_->append(event).value();
    }
    for (const EventQuery& query :
         {EventQuery{.owner = kAlice, .limit = 1000}, EventQuery{.limit = 1000}}) {
        std::vector<std::string> places;
        std::size_t steps = 0;
        for (EventWalk walk = log_->walk(query); !walk.ended(); ++steps) {
            const std::vector<Event> some = walk.next().value();
            EXPECT_LE(some.size(), limits::kEventRowsPerStep);
            for (const Event& event : some)
                places.push_back(event.where);
            // Events appended meanwhile are not seen.
            log_->append(make_event(kBob, "later")).value();
        }
        EXPECT_GE(steps, 3U);
        std::erase_if(places, [](const std::string& place) { return place == "later"; });
        ASSERT_EQ(places.size(), kEvents);
        for (std::size_t i = 0; i < kEvents; ++i)
            EXPECT_EQ(places[i], std::to_string(kEvents - 1 - i));
    }
    EventWalk walk = log_->walk({.owner = kAlice, .unit = "first.service"});
    EXPECT_TRUE(walk.next().value().empty());
    EXPECT_FALSE(walk.ended());
    EXPECT_TRUE(walk.next().value().empty());
    EXPECT_EQ(walk.next().value().size(), 1U);
}

// Row D19.
TEST_F(AuditLogTest, AnEventThatCannotBeWrittenTakesNoOtherWithIt) {
    std::vector<Event> events;
    for (int i = 0; i < 5; ++i)
        events.push_back(make_event(kAlice, std::to_string(i)));
    events[2].event = std::string(70'000, 'a');
    EXPECT_FALSE(log_->append_each(events));
    EXPECT_EQ(list(kAlice).size(), 4U);
    events[2].event = "release";
    EXPECT_TRUE(log_->append_each(events));
    EXPECT_EQ(list(kAlice).size(), 9U);
}

TEST_F(AuditLogTest, ListsOneOwnerOneTokenAndSoManyOnly) {
    const TokenId id = make_token(kAlice).id;
    for (int i = 0; i < 6; ++i) {
        Event event = make_event(i % 2 == 0 ? kAlice : kBob, std::to_string(i));
        if (i < 3)
            event.token = id;
        log_->append(event).value();
    }
    EXPECT_EQ(list(kAlice).size(), 3U);
    EXPECT_EQ(list(kAlice, id).size(), 2U);
    EXPECT_EQ(list(kBob, id).size(), 1U);
    EXPECT_TRUE(list(kAlice, make_token(kAlice).id).empty());
    const std::vector<Event> newest = log_->list({kAlice, std::nullopt, 1}).value();
    ASSERT_EQ(newest.size(), 1U);
    EXPECT_EQ(newest[0].where, "4");
}

TEST_F(AuditLogTest, CutsTextAtItsLimitAndNotInsideACharacter) {
    log_->append(make_event(kAlice, std::string(255, 'a') + "\u00e9")).value();
    log_->append(make_event(kBob, std::string(300, 'a'))).value();
    EXPECT_EQ(list(kAlice)[0].where, std::string(255, 'a'));
    EXPECT_EQ(list(kBob)[0].where.size(), limits::kAuditTextBytes);
}

TEST_F(AuditLogTest, KeepsTheNewestEventsOfAnOwner) {
    log_->append(make_event(kBob)).value();
    std::size_t made = 0;
    for (; made < limits::kEventsPerUser + 300; ++made)
        log_->append(make_event(kAlice, std::to_string(made))).value();
    const std::vector<Event> events = list(kAlice);
    EXPECT_GE(events.size(), limits::kEventsPerUser);
    EXPECT_EQ(events.front().where, std::to_string(made - 1));
    EXPECT_EQ(events.back().where, std::to_string(made - events.size()));
    EXPECT_EQ(list(kBob).size(), 1U);
    RawDatabase raw(path());
    const std::int64_t rows = raw.number("SELECT count(*) FROM event WHERE owner = 1000");
    EXPECT_LT(rows, std::int64_t{limits::kEventsPerUser} + 16);
}

TEST_F(AuditLogTest, KeepsFewerEventsWhenItIsTold) {
    for (int i = 0; i < 5000; ++i)
        log_->append(make_event(kAlice, std::to_string(i))).value();
    log_->keep_events(200);
    EXPECT_EQ(list(kAlice).size(), 420U);  // with the room for uses and refused attempts
    // Not all at once: nobody should wait for thousands of removals.
    log_->append(make_event(kAlice)).value();
    RawDatabase raw(path());
    const auto rows = [&] { return raw.number("SELECT count(*) FROM event WHERE owner = 1000"); };
    EXPECT_EQ(rows(), 5001 - 32);
    for (int i = 0; i < 200; ++i)
        log_->append(make_event(kAlice, "last")).value();
    EXPECT_LT(rows(), 200 + 16);
    EXPECT_EQ(list(kAlice).front().where, "last");
    log_->keep_events(limits::kEventsPerUser);
    EXPECT_LT(list(kAlice).size(), 200U + 16);
}

TEST_F(AuditLogTest, ManyAreAppendedTogetherOrNotAtAll) {
    std::vector<Event> events;
    for (int i = 0; i < 100; ++i)
        events.push_back(make_event(kAlice, std::to_string(i)));
    log_->keep_events(200);
    for (int i = 0; i < 100; ++i)
        log_->append(make_event(kAlice, "before")).value();
    {
        const support::FullDisk full;
        EXPECT_EQ(log_->append_all(events).error().code, Errc::Unavailable);
    }
    EXPECT_EQ(list(kAlice).size(), 100U);
    log_->append_all(events).value();
    log_->append_all({}).value();
    EXPECT_EQ(list(kAlice).front().where, "99");
    // Failed events are not counted: 200 are too few for any to go.
    EXPECT_EQ(RawDatabase(path()).number("SELECT count(*) FROM event"), 200);
    log_->append_all(events).value();
    EXPECT_EQ(RawDatabase(path()).number("SELECT count(*) FROM event"), 204);
    EXPECT_EQ(log_->list({kAlice, std::nullopt, 200}).value().back().where, "0");
}

// A crash of the process is a copy of its files as they are, without closing them.
TEST_F(AuditLogTest, ACrashLosesNoEvent) {
    log_->append(make_event(kAlice)).value();
    const support::TemporaryDirectory crashed;
    for (const char* name : {"audit.db", "audit.db-wal"})
        std::filesystem::copy(directory_.file(name), crashed.file(name));
    const std::unique_ptr<AuditLog> after = AuditLog::open(crashed.path()).value();
    EXPECT_EQ(after->list({kAlice, std::nullopt, 10}).value().size(), 1U);
}

TEST_F(AuditLogTest, AnotherThreadSyncsWhileThisOneAppends) {
    std::atomic<bool> done{false};
    std::atomic<int> failures{0};
    std::thread syncer([&] {
        while (!done)
            failures += log_->sync().has_value() ? 0 : 1;
    });
    constexpr int kEvents = 3000;  // so that the log is checkpointed and restarted
    for (int i = 0; i < kEvents; ++i)
        EXPECT_TRUE(log_->append(make_event(kAlice)));
    done = true;
    syncer.join();
    EXPECT_EQ(failures, 0);
    EXPECT_TRUE(log_->sync());
    EXPECT_EQ(list(kAlice).size(), static_cast<std::size_t>(kEvents));
    open();
    EXPECT_EQ(list(kAlice).size(), static_cast<std::size_t>(kEvents));
}

// Row S1.
// Row L5: who can write it is patd.
TEST_F(AuditLogTest, S1_FilesArePrivateAndOthersAreRefused) {
    log_->append(make_event(kAlice)).value();
    for (const char* name : {"audit.db", "audit.db-wal", "audit.db-shm"}) {
        struct stat status {};
        ASSERT_EQ(stat(directory_.file(name).c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 07777, 0600U) << name;
    }
    log_.reset();
    ASSERT_EQ(chmod(path().c_str(), 0640), 0);
    EXPECT_EQ(AuditLog::open(directory_.path()).error().code, Errc::AccessDenied);
}

TEST_F(AuditLogTest, RefusesAForeignOrDamagedFileAndLeavesIt) {
    log_->append(make_event(kAlice)).value();
    log_.reset();
    const std::string good = read_file(path());
    for (const std::string& bytes :
         {std::string(), std::string("hello"), good.substr(0, 4096), good.substr(0, 5000)}) {
        write_file(path(), bytes);
        EXPECT_EQ(AuditLog::open(directory_.path()).error().code, Errc::Corrupt);
        EXPECT_TRUE(read_file(path()) == bytes);
    }
    write_file(path(), good);
    RawDatabase(path()).run("PRAGMA user_version = 4");
    EXPECT_EQ(AuditLog::open(directory_.path()).error().code, Errc::Corrupt);
}

}  // namespace
}  // namespace patd::store::test
