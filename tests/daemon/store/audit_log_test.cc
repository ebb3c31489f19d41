// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/audit_log.h"

#include "common/base/limits.h"
#include "daemon/store/record_codec.h"
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

TEST_F(AuditLogTest, BringsALogOfVersionOneUpWithEveryEvent) {
    log_->append(make_event(kAlice)).value();
    log_.reset();
    {
        RawDatabase raw(path());
        raw.run("ALTER TABLE event DROP COLUMN unit");
        raw.run("PRAGMA user_version = 1");
    }
    open();
    ASSERT_EQ(list(kAlice).size(), 1U);
    EXPECT_EQ(list(kAlice)[0].unit, "");
    Event event = make_event(kAlice);
    event.unit = "backup.service";
    log_->append(event).value();
    open();
    EXPECT_EQ(list(kAlice)[0].unit, "backup.service");
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
    EXPECT_EQ(events.size(), limits::kEventsPerUser);
    EXPECT_EQ(events.front().where, std::to_string(made - 1));
    EXPECT_EQ(events.back().where, std::to_string(made - limits::kEventsPerUser));
    EXPECT_EQ(list(kBob).size(), 1U);
    RawDatabase raw(path());
    const std::int64_t rows = raw.number("SELECT count(*) FROM event WHERE owner = 1000");
    EXPECT_LT(rows, std::int64_t{limits::kEventsPerUser} + 128);
}

TEST_F(AuditLogTest, KeepsFewerEventsWhenItIsTold) {
    for (int i = 0; i < 5000; ++i)
        log_->append(make_event(kAlice, std::to_string(i))).value();
    log_->keep_events(200);
    EXPECT_EQ(list(kAlice).size(), 200U);
    // Not all at once: nobody waits for a thousand removals and more.
    log_->append(make_event(kAlice)).value();
    RawDatabase raw(path());
    const auto rows = [&] { return raw.number("SELECT count(*) FROM event WHERE owner = 1000"); };
    EXPECT_EQ(rows(), 5001 - 1024);
    for (int i = 0; i < 10; ++i)
        log_->append(make_event(kAlice, "last")).value();
    EXPECT_LT(rows(), 200 + 128);
    EXPECT_EQ(list(kAlice).front().where, "last");
    log_->keep_events(limits::kEventsPerUser);
    EXPECT_LT(list(kAlice).size(), 200U + 128);
}

TEST_F(AuditLogTest, ManyAreAppendedTogetherOrNotAtAll) {
    std::vector<Event> events;
    for (int i = 0; i < 100; ++i)
        events.push_back(make_event(kAlice, std::to_string(i)));
    log_->keep_events(200);
    for (int i = 0; i < 150; ++i)
        log_->append(make_event(kAlice, "before")).value();
    {
        const support::FullDisk full;
        EXPECT_EQ(log_->append_all(events).error().code, Errc::Unavailable);
    }
    EXPECT_EQ(list(kAlice).size(), 150U);
    log_->append_all(events).value();
    log_->append_all({}).value();
    EXPECT_EQ(list(kAlice).front().where, "99");
    // What failed is not counted: 250 are not so many that some must go.
    EXPECT_EQ(RawDatabase(path()).number("SELECT count(*) FROM event"), 250);
    log_->append_all(events).value();
    EXPECT_EQ(RawDatabase(path()).number("SELECT count(*) FROM event"), 222);
    EXPECT_EQ(list(kAlice).back().where, "0");
}

// A crash of the process is a copy of the files as they lie there, without a close.
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
    constexpr int kEvents = 3000;  // so that the log is checkpointed and begun anew
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
    RawDatabase(path()).run("PRAGMA user_version = 3");
    EXPECT_EQ(AuditLog::open(directory_.path()).error().code, Errc::Corrupt);
}

}  // namespace
}  // namespace patd::store::test
