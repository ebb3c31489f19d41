// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/support/real_bus_fixture.h"

#include <gtest/gtest.h>

#include <vector>

// Row D9: a message bus holds answers for clients that do not read, and counts them against their
// sender: dbus-daemon stops reading from patd when it holds 64 of patd's descriptors.
namespace patd {
namespace {

using support::create_arguments;
using support::kAlice;
using support::kBob;
using support::kCarol;
using support::must;
using support::patd_error;
using support::Reply;
using support::SystemBus;

class BusDescriptorsTest : public support::RealBusFixture,
                           public ::testing::WithParamInterface<SystemBus::Program> {
  protected:
    BusDescriptorsTest() : RealBusFixture(GetParam()) {}

    // The path of an operation that only asks for a token.
    std::string begin_verify(const bus::BusPtr& bus) {
        return manager(bus, "Verify", support::with({})).path();
    }
    void send(const bus::BusPtr& bus, const std::string& path, const char* member,
              const char* interface = names::kOperationInterface) {
        const bus::MessagePtr call = caller(bus).new_call(path, interface, member);
        std::uint64_t cookie = 0;  // who does not ask for it gets no answer
        must(sd_bus_send(bus.get(), call.get(), &cookie), "sd_bus_send");
    }
    // Waits until the service has received what `bus` sent.
    void settle(const bus::BusPtr& bus) {
        must(sd_bus_flush(bus.get()), "sd_bus_flush");
        const int before = vanished_;
        connect_as(kCarol).reset();
        if (!support::turn_until(*loop_, [&] { return vanished_ > before; }))
            throw std::runtime_error("the bus is silent");
        support::turn_while_ready(*loop_);
    }
    // From now on `bus` reads nothing. It has more answers than the kernel buffers, so that the bus
    // holds the rest.
    void stop_reading(const bus::BusPtr& bus) {
        must(sd_bus_detach_event(bus.get()), "sd_bus_detach_event");
        for (int i = 0; i < 40; ++i)
            send(bus, names::kManagerPath, "Introspect", "org.freedesktop.DBus.Introspectable");
        settle(bus);
    }
    // Begins as many operations as a connection may, asks for the first prompt of each, and ends
    // them; reads none of these answers.
    bus::BusPtr leave_answers_unread(Uid uid) {
        bus::BusPtr bus = connect_as(uid);
        std::vector<std::string> paths;
        while (paths.size() < limits::kOperationsPerConnection)
            paths.push_back(begin_verify(bus));
        stop_reading(bus);
        for (const char* member : {"Next", "Cancel"}) {
            for (const std::string& path : paths)
                send(bus, path, member);
        }
        settle(bus);
        return bus;
    }
    // One call needs no descriptor, and one is answered with descriptors.
    void expect_served(Uid uid) {
        const bus::BusPtr bus = connect_as(uid);
        EXPECT_TRUE(manager(bus, "Status").ok());
        EXPECT_TRUE(manager(bus, "List").ok());
        const std::string path = begin_create(bus, "hunter2");
        EXPECT_TRUE(operation(bus, path, "Cancel").ok());
    }
};

TEST_P(BusDescriptorsTest, AClientThatReadsNoAnswerOfNextStopsNobody) {
    const bus::BusPtr evil = connect_as(kBob);
    const std::string path = begin_verify(evil);
    support::answer(support::read_prompt(operation(evil, path, "Next")).sink, "pat1_x");
    stop_reading(evil);
    // No more at a time than dbus-daemon lets wait for an answer.
    for (int i = 0; i < 6; ++i) {
        for (int k = 0; k < 100; ++k)
            send(evil, path, "Next");
        settle(evil);
    }
    // "done" was said once.
    EXPECT_LE(handed_.taken(), 1U);
    expect_served(kAlice);
}

TEST_P(BusDescriptorsTest, OperationsThatEndedAreCountedUntilTheirAnswersAreRead) {
    std::vector<bus::BusPtr> evil;
    for (int i = 0; i < 20; ++i)
        evil.push_back(leave_answers_unread(kBob));
    EXPECT_EQ(handed_.taken(), limits::kHandedDescriptorsPerUser);
    expect_served(kAlice);
    // A user at the limit is told so on any connection.
    const bus::BusPtr again = connect_as(kBob);
    EXPECT_EQ(operation(again, begin_verify(again), "Next").error, patd_error(Errc::LimitExceeded));
    evil.clear();
    ASSERT_TRUE(support::turn_until(*loop_, [&] { return handed_.taken() == 0; }));
    expect_served(kBob);
}

TEST_P(BusDescriptorsTest, AllUsersTogetherLeaveTheBusRoom) {
    std::vector<bus::BusPtr> evil;
    for (const Uid uid :
         {Uid(2), Uid(3), Uid(4), Uid(5), Uid(6), Uid(7), Uid(8), Uid(9), Uid(10)}) {
        for (int i = 0; i < 2; ++i)
            evil.push_back(leave_answers_unread(uid));
    }
    EXPECT_GE(handed_.taken(), limits::kHandedDescriptors);
    EXPECT_LE(handed_.taken(), limits::kHandedDescriptors * 3 / 2);
    const bus::BusPtr alice = connect_as(kAlice);
    EXPECT_TRUE(manager(alice, "Status").ok());
    EXPECT_TRUE(manager(alice, "List").ok());
    // A user who has none has a reserve.
    EXPECT_TRUE(operation(alice, begin_verify(alice), "Next").ok());
}

std::string program_name(const ::testing::TestParamInfo<SystemBus::Program>& tested) {
    return tested.param == SystemBus::Program::DbusDaemon ? "DbusDaemon" : "DbusBroker";
}

INSTANTIATE_TEST_SUITE_P(Programs, BusDescriptorsTest,
                         ::testing::Values(SystemBus::Program::DbusDaemon,
                                           SystemBus::Program::DbusBroker),
                         program_name);

}  // namespace
}  // namespace patd
