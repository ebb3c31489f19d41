// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/context/unit_lookup.h"

#include "daemon/context/peer_process.h"
#include "tests/support/peer_process.h"
#include "tests/support/scripted_systemd.h"
#include "tests/support/service_fixture.h"
#include "tests/support/turning.h"

#include <unistd.h>

namespace patd {
namespace {

using support::kAlice;
using support::kBob;
using support::PeerProcess;
using support::ProcessAt;

// A peer for which the kernel gives no descriptor, as before Linux 6.5.
class PeerWithoutDescriptor final : public ProcessSource {
  public:
    explicit PeerWithoutDescriptor(pid_t pid) : pid_(pid) {}
    Result<Process> open_process() const override { return Process{pid_, {}}; }

  private:
    pid_t pid_;
};

class PeerOfSocket final : public ProcessSource {
  public:
    explicit PeerOfSocket(int socket) : socket_(socket) {}
    Result<Process> open_process() const override { return open_peer(socket_); }

  private:
    int socket_;
};

class UnitLookupTest : public ::testing::Test {
  protected:
    UnitLookupTest() { lookup_.use_bus(bus_.get()); }

    Caller caller_of(Uid uid, const std::shared_ptr<const ProcessSource>& source) {
        Caller caller{uid, "line"};
        caller.process = source;
        return caller;
    }
    using Answer = std::optional<Result<CallerUnit>>;
    void find(const Caller& caller, Answer& answer) {
        lookup_.find(caller, [&answer](const Result<CallerUnit>& unit) {
            EXPECT_FALSE(answer.has_value()) << "called twice";
            answer.emplace(unit);
        });
    }
    Result<CallerUnit> find(const Caller& caller) {
        Answer answer;
        find(caller, answer);
        EXPECT_TRUE(support::turn_until(*loop_, [&] { return answer.has_value(); }));
        return std::move(answer).value();
    }
    Result<CallerUnit> find_peer() { return find(caller_of(kAlice, source_)); }
    void wait_until_asked(std::size_t times) {
        ASSERT_TRUE(support::turn_until(*loop_, [&] { return systemd_.asked() == times; }));
    }

    std::unique_ptr<bus::EventLoop> loop_ = bus::EventLoop::create().value();
    support::SystemBus system_;
    support::ScriptedSystemd systemd_{*loop_, system_};
    bus::BusPtr bus_ = system_.connect(*loop_);
    UnitLookup lookup_{*loop_};
    PeerProcess peer_{kAlice};
    std::shared_ptr<const ProcessSource> source_ =
        std::make_shared<PeerOfSocket>(peer_.server().get());
};

TEST_F(UnitLookupTest, GivesTheUnitThatSystemdNames) {
    for (const std::string unit :
         {"backup.service", "job@a-b.service", "user@1.service", "session-3.scope"}) {
        systemd_.set_unit(peer_.pid(), unit);
        const CallerUnit found = find_peer().value();
        EXPECT_EQ(found.unit, unit);
        EXPECT_EQ(found.is_enforced, has_peer_descriptors());
    }
}

TEST_F(UnitLookupTest, GivesNoneWhereSystemdKnowsNone) {
    EXPECT_EQ(find_peer().value().unit, "");
}

TEST_F(UnitLookupTest, VouchesForNothingWithoutADescriptor) {
    systemd_.set_unit(77, "backup.service");
    const auto source = std::make_shared<PeerWithoutDescriptor>(77);
    const CallerUnit found = find(caller_of(kAlice, source)).value();
    EXPECT_EQ(found.unit, "backup.service");
    EXPECT_FALSE(found.is_enforced);
}

// Row A7: by the time of the answer, or before the question, the number is another process's.
TEST_F(UnitLookupTest, A7_FindsAReusedNumberOut) {
    systemd_.set_unit(peer_.pid(), "backup.service");
    ASSERT_EQ(find_peer().value().unit, "backup.service");
    systemd_.hold();
    Answer answer;
    find(caller_of(kAlice, source_), answer);
    wait_until_asked(2);
    peer_.end();
    const ProcessAt other(peer_.pid());
    systemd_.release();
    ASSERT_TRUE(support::turn_until(*loop_, [&] { return answer.has_value(); }));
    EXPECT_EQ(answer->value().unit, "");
    EXPECT_EQ(find_peer().value().unit, "");
}

TEST_F(UnitLookupTest, AsksTheBusForTheProcessOfAConnection) {
    const bus::BusPtr client = system_.connect();
    const char* name = nullptr;
    ASSERT_GE(sd_bus_get_unique_name(client.get(), &name), 0);
    systemd_.set_unit(::getpid(), "user@1.service");
    const CallerUnit found = find(Caller{kAlice, name}).value();
    EXPECT_EQ(found.unit, "user@1.service");
    EXPECT_FALSE(found.is_enforced);
    EXPECT_EQ(find(Caller{kAlice, ":1.999"}).error().code, Errc::Unavailable);
}

TEST_F(UnitLookupTest, IsUnavailableWithoutABusAProcessOrAnAnswer) {
    EXPECT_EQ(find(Caller{kAlice, "line"}).error().code, Errc::Unavailable);
    UnitLookup without(*loop_);
    std::optional<Errc> why;
    without.find(caller_of(kAlice, source_), [&](const auto& unit) { why = unit.error().code; });
    EXPECT_EQ(why, Errc::Unavailable);
}

// Row A7.
TEST_F(UnitLookupTest, TakesNoGarbageForAUnit) {
    for (const char* path :
         {"/", "/org", "/org/freedesktop/systemd1/unit", "/org/freedesktop/systemd1/job/5",
          "/org/freedesktop/systemd1/unit/backup", "/org/freedesktop/systemd1/unit/_0a_2eservice",
          "/org/freedesktop/systemd1/unit/a/b", "/org/freedesktop/systemd1/unit/_40_2eservice"}) {
        systemd_.set_path(path);
        EXPECT_EQ(find_peer().error().code, Errc::Unavailable) << path;
    }
}

TEST_F(UnitLookupTest, WaitsNotForEverForSystemd) {
    systemd_.hold();
    const auto before = std::chrono::steady_clock::now();
    EXPECT_EQ(find_peer().error().code, Errc::Unavailable);
    EXPECT_LT(std::chrono::steady_clock::now() - before, 2 * limits::kUnitLookupDeadline);
    EXPECT_EQ(lookup_.waiting(), 0U);
    // Its late answer finds nobody.
    systemd_.release();
    support::turn_while_ready(*loop_);
    systemd_.set_unit(peer_.pid(), "backup.service");
    EXPECT_EQ(find_peer().value().unit, "backup.service");
}

// Row D2.
TEST_F(UnitLookupTest, LetsNobodyTakeMoreThanHisShare) {
    systemd_.set_unit(peer_.pid(), "backup.service");
    systemd_.hold();
    std::vector<Answer> of_alice(limits::kUnitLookupsWaiting + 5);
    for (Answer& answer : of_alice)
        find(caller_of(kAlice, source_), answer);
    wait_until_asked(limits::kUnitLookupsOfUser);
    for (std::size_t i = 0; i < of_alice.size(); ++i) {
        const bool is_over = i >= limits::kUnitLookupsWaiting;
        ASSERT_EQ(of_alice[i].has_value(), is_over) << i;
        if (is_over) {
            EXPECT_EQ(of_alice[i]->error().code, Errc::LimitExceeded);
        }
    }
    Answer of_bob;
    find(caller_of(kBob, source_), of_bob);
    wait_until_asked(limits::kUnitLookupsOfUser + 1);
    systemd_.release();
    ASSERT_TRUE(support::turn_until(*loop_, [&] { return lookup_.waiting() == 0; }));
    EXPECT_EQ(of_bob->value().unit, "backup.service");
    for (std::size_t i = 0; i < limits::kUnitLookupsWaiting; ++i)
        EXPECT_EQ(of_alice[i]->value().unit, "backup.service") << i;
}

TEST_F(UnitLookupTest, AsksForNoMoreAtOnceThanTheBusAllows) {
    systemd_.hold();
    std::vector<Answer> answers(limits::kUnitLookups * 2);
    for (std::size_t i = 0; i < answers.size(); ++i) {
        const Uid user(static_cast<std::uint32_t>(1000 + i / limits::kUnitLookupsOfUser));
        find(caller_of(user, source_), answers[i]);
    }
    wait_until_asked(limits::kUnitLookups);
    systemd_.release();
    EXPECT_TRUE(support::turn_until(*loop_, [&] { return lookup_.waiting() == 0; }));
    for (const Answer& answer : answers)
        EXPECT_TRUE(answer->has_value());
}

TEST_F(UnitLookupTest, NamesACallerWhereItCan) {
    systemd_.set_unit(peer_.pid(), "backup.service");
    std::optional<Caller> named;
    const auto name = [&](const Caller& caller) {
        named.reset();
        lookup_.name(caller, [&](const Caller& with_unit) { named = with_unit; });
        EXPECT_TRUE(support::turn_until(*loop_, [&] { return named.has_value(); }));
        return named->unit;
    };
    EXPECT_EQ(name(caller_of(kAlice, source_)), "backup.service");
    EXPECT_EQ(named->uid, kAlice);
    EXPECT_EQ(name(Caller{kAlice, "line"}), "");
}

}  // namespace
}  // namespace patd
