// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/client/connection.h"

#include "common/base/names.h"
#include "tests/common/client/fake_service.h"
#include "tests/support/system_bus.h"

#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <systemd/sd-bus.h>

#include <array>
#include <cstdlib>
#include <thread>

namespace patd::client {
namespace {

TEST(ErrcFromBusError, KnowsEveryErrorOfTheServiceByName) {
    EXPECT_EQ(errc_from_bus_error("org.patd.Tokens1.Error.NotFound"), Errc::NotFound);
    EXPECT_EQ(errc_from_bus_error("org.patd.Tokens1.Error.WrongPassword"), Errc::WrongPassword);
    EXPECT_EQ(errc_from_bus_error("org.patd.Tokens1.Error.OfALaterVersion"), Errc::Internal);
}

TEST(ErrcFromBusError, KnowsWhatTheBusMeans) {
    EXPECT_EQ(errc_from_bus_error("org.freedesktop.DBus.Error.ServiceUnknown"), Errc::Unavailable);
    EXPECT_EQ(errc_from_bus_error("org.freedesktop.DBus.Error.NoReply"), Errc::Unavailable);
    EXPECT_EQ(errc_from_bus_error("org.freedesktop.DBus.Error.AccessDenied"), Errc::AccessDenied);
    EXPECT_EQ(errc_from_bus_error("org.freedesktop.DBus.Error.UnknownObject"), Errc::NotFound);
    EXPECT_EQ(errc_from_bus_error("System.Error.EPIPE"), Errc::Unavailable);
}

// Row A12.
TEST(MayBeService, TakesRootAndThePatdUserAlone) {
    EXPECT_TRUE(may_be_service(Uid(0)));
    EXPECT_FALSE(may_be_service(Uid(65534)));
    EXPECT_FALSE(may_be_service(Uid(0xffffffff)));
    const passwd* entry = getpwnam(names::kDaemonUser);
    const std::uint32_t patd = entry == nullptr ? 0xffffffff : entry->pw_uid;
    for (std::uint32_t uid = 1; uid < 2000; ++uid)
        EXPECT_EQ(may_be_service(Uid(uid)), uid == patd) << uid;
}

TEST(Connection, CallsAndGetsTheAnswer) {
    FakeService service(Script{.status = [] {
        Dictionary status;
        status.set("user", "alice");
        return status;
    }()});
    const Connection connection = service.connect();
    const Message call =
        connection.new_call(names::kManagerPath, names::kManagerInterface, "Status").value();
    Result<Message> reply = connection.call(call);
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->read_dictionary().value().text("user"), "alice");
}

TEST(Connection, GivesTheErrcThatTheServiceNames) {
    FakeService service(Script{.errors = {{"Lock", "org.patd.Tokens1.Error.Throttled"}}});
    const Connection connection = service.connect();
    const Message call =
        connection.new_call(names::kManagerPath, names::kManagerInterface, "Lock").value();
    const Result<Message> reply = connection.call(call);
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, Errc::Throttled);
    EXPECT_EQ(reply.error().context, "");  // nothing of the service's own words
}

TEST(Connection, IsUnavailableWithoutABus) {
    setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus", 1);
    EXPECT_EQ(Connection::open_system().error().code, Errc::Unavailable);
}

TEST(Connection, IsUnavailableWhenTheServiceIsGone) {
    auto service = std::make_unique<FakeService>();
    const Connection connection = service->connect();
    service.reset();
    const Result<Message> call =
        connection.new_call(names::kManagerPath, names::kManagerInterface, "Lock");
    const Result<Message> reply = call ? connection.call(*call) : Result<Message>(call.error());
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, Errc::Unavailable);
}

TEST(Connection, GivesUpACallWhenItIsToldTo) {
    std::array<int, 2> ends{};
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    UniqueFd silent(ends[1]);
    sd_bus* bus = nullptr;
    support::must(sd_bus_new(&bus), "sd_bus_new");
    support::must(sd_bus_set_fd(bus, ends[0], ends[0]), "sd_bus_set_fd");
    support::must(sd_bus_start(bus), "sd_bus_start");
    Connection connection(bus, {});
    const UniqueFd told(eventfd(1, EFD_CLOEXEC));
    connection.give_up_at(told.get());
    const Message call =
        connection.new_call(names::kManagerPath, names::kManagerInterface, "Lock").value();
    EXPECT_EQ(connection.call(call).error().code, Errc::Cancelled);
    silent.reset();  // so that closing the connection waits for nobody
}

TEST(Connection, AnswersAsEverToWhoMayGiveUp) {
    auto service = std::make_unique<FakeService>(
        Script{.errors = {{"Lock", "org.patd.Tokens1.Error.Throttled"}}});
    Connection connection = service->connect();
    const UniqueFd never(eventfd(0, EFD_CLOEXEC));
    connection.give_up_at(never.get());
    const auto call = [&](const char* member) {
        return connection.call(
            connection.new_call(names::kManagerPath, names::kManagerInterface, member).value());
    };
    EXPECT_TRUE(call("Status"));
    EXPECT_EQ(call("Lock").error().code, Errc::Throttled);
    const Message late =
        connection.new_call(names::kManagerPath, names::kManagerInterface, "Status").value();
    service.reset();
    EXPECT_EQ(connection.call(late).error().code, Errc::Unavailable);
}

// Answers one call with its own text.
void echo_one(sd_bus* bus) {
    for (bool answered = false; !answered;) {
        sd_bus_message* raw = nullptr;
        if (sd_bus_process(bus, &raw) == 0)
            (void)sd_bus_wait(bus, UINT64_MAX);
        const bus::MessagePtr message(raw);
        const char* text = nullptr;
        if (raw == nullptr ||
            sd_bus_message_is_method_call(raw, names::kManagerInterface, "Echo") <= 0)
            continue;
        support::must(sd_bus_message_read(raw, "s", &text), "sd_bus_message_read");
        support::must(sd_bus_reply_method_return(raw, "s", text), "sd_bus_reply_method_return");
        support::must(sd_bus_flush(bus), "sd_bus_flush");
        answered = true;
    }
}

TEST(Connection, FollowsAServiceThatWasStartedAnewOnceAndWithTheSameCall) {
    const support::SystemBus system;
    setenv("DBUS_SYSTEM_BUS_ADDRESS", system.address().c_str(), 1);
    bus::BusPtr before = system.connect();
    support::must(sd_bus_request_name(before.get(), names::kBusName, 0), "sd_bus_request_name");
    const Connection connection = Connection::open_system().value();
    const Message call =
        connection.new_call(names::kManagerPath, names::kManagerInterface, "Echo").value();
    support::must(sd_bus_message_append(call.get(), "s", "kept"), "sd_bus_message_append");
    before.reset();
    EXPECT_EQ(connection.call(call).error().code, Errc::Unavailable);  // nobody is there now
    const bus::BusPtr after = system.connect();
    support::must(sd_bus_request_name(after.get(), names::kBusName, 0), "sd_bus_request_name");
    std::thread service([&] { echo_one(after.get()); });
    const Result<Message> reply = connection.call(call);
    service.join();
    ASSERT_TRUE(reply);
    const char* text = nullptr;
    ASSERT_GT(sd_bus_message_read(reply->get(), "s", &text), 0);
    EXPECT_STREQ(text, "kept");
}

}  // namespace
}  // namespace patd::client
