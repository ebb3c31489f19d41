// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// Expose, ListExposures and Cut of org.patd.Tokens1.Manager.
#include "daemon/dbus/exposure_bus.h"

#include "daemon/dbus/manager_bus.h"
#include "tests/support/bus_fixture.h"
#include "tests/support/exposed_socket.h"
#include "tests/support/hostile_descriptors.h"

#include <gtest/gtest.h>

namespace patd {
namespace {

using support::connect_to;
using support::dict;
using support::kAlice;
using support::kAliceBus;
using support::kAliceSecondBus;
using support::kBob;
using support::kBobBus;
using support::patd_error;
using support::Reply;

using Strings = std::vector<std::string>;

class ExposureBusTest : public support::BusFixture {
  protected:
    Reply expose(const char* who, int listener, const bus::Dict& options) {
        return manager(who, "Expose", [&](sd_bus_message* message) {
            support::must(sd_bus_message_append(message, "h", listener), "append h");
            options.append_to(message).value();
        });
    }
    static bus::Dict terms(const Strings& only, std::int64_t seconds = 3600) {
        return dict({{"only", only}, {"seconds", seconds}});
    }
    Reply cut(const char* who, const std::string& id) {
        return manager(who, "Cut", [&](sd_bus_message* message) {
            support::must(sd_bus_message_append(message, "s", id.c_str()), "append s");
        });
    }
    std::vector<bus::Dict> listed(const char* who) {
        const Reply reply = manager(who, "ListExposures");
        std::vector<bus::Dict> found;
        support::must(sd_bus_message_enter_container(reply.message.get(), 'a', "a{sv}"), "enter");
        while (sd_bus_message_at_end(reply.message.get(), 0) == 0)
            found.push_back(support::read_dict(reply));
        return found;
    }

    support::OpenDirectory users_;
    const std::string path_ = users_.file("socket");
    UniqueFd listener_ = support::listen_as(kAlice, path_);
};

TEST_F(ExposureBusTest, OpensListsAndCuts) {
    const std::string token = issue(kAlice).token.id.text();
    const Reply opened = expose(kAliceBus, listener_.get(), terms({token}));
    ASSERT_TRUE(opened.ok()) << opened.error;
    const std::string id = opened.string();
    ASSERT_EQ(listed(kAliceSecondBus).size(), 1U);
    const bus::Dict exposure = listed(kAliceSecondBus).front();
    EXPECT_EQ(*exposure.find("id"), bus::Value(id));
    EXPECT_EQ(*exposure.find("path"), bus::Value(path_));
    EXPECT_EQ(*exposure.find("only"), bus::Value(Strings{token}));
    EXPECT_EQ(*exposure.find("expires"), bus::Value(support::FakeClock::kStart + 3600));
    listener_.reset();
    EXPECT_TRUE(connect_to(path_));
    EXPECT_TRUE(cut(kAliceSecondBus, id).ok());
    EXPECT_TRUE(support::is_refused(path_));
    EXPECT_TRUE(listed(kAliceBus).empty());
    EXPECT_EQ(cut(kAliceBus, id).error, patd_error(Errc::NotFound));
}

// Row A4.
TEST_F(ExposureBusTest, BobReachesNothingOfAlices) {
    const std::string token = issue(kAlice).token.id.text();
    const std::string id = expose(kAliceBus, listener_.get(), terms({token})).string();
    const UniqueFd bobs = support::listen_as(kBob, users_.file("bobs"));
    EXPECT_EQ(expose(kBobBus, bobs.get(), terms({token})).error, patd_error(Errc::NotFound));
    EXPECT_EQ(expose(kBobBus, bobs.get(), terms({"0123456789"})).error, patd_error(Errc::NotFound));
    EXPECT_EQ(expose(kBobBus, listener_.get(), terms({token})).error,
              patd_error(Errc::BadListener));
    EXPECT_TRUE(listed(kBobBus).empty());
    EXPECT_EQ(cut(kBobBus, id).error, patd_error(Errc::NotFound));
    EXPECT_EQ(cut(kBobBus, "zzzzzz").error, patd_error(Errc::NotFound));
    EXPECT_EQ(listed(kAliceBus).size(), 1U);
}

// Row D10: each is refused at once, and none of them stays open.
TEST_F(ExposureBusTest, RefusesEveryDescriptorThatIsNoListenerOfTheCallers) {
    const std::string token = issue(kAlice).token.id.text();
    const support::HostileDescriptors hostile;
    for (const support::NamedDescriptor& descriptor : hostile.all())
        EXPECT_EQ(expose(kAliceBus, descriptor.fd.get(), terms({token})).error,
                  patd_error(Errc::BadListener))
            << descriptor.name;
    EXPECT_TRUE(listed(kAliceBus).empty());
}

TEST_F(ExposureBusTest, RefusesOptionsThatItDoesNotUnderstand) {
    const std::string token = issue(kAlice).token.id.text();
    const auto error_of = [&](const bus::Dict& options) {
        return expose(kAliceBus, listener_.get(), options).error;
    };
    const bus::Value only = Strings{token};
    const bus::Value seconds = std::int64_t{60};
    EXPECT_EQ(error_of(dict({{"only", only}, {"seconds", seconds}, {"verbs", only}})),
              patd_error(Errc::UnknownOption));
    EXPECT_EQ(error_of(dict({{"only", only}})), patd_error(Errc::MalformedRequest));
    EXPECT_EQ(error_of(dict({{"seconds", seconds}})), patd_error(Errc::MalformedRequest));
    EXPECT_EQ(error_of(dict({{"only", token}, {"seconds", seconds}})),
              patd_error(Errc::MalformedRequest));
    EXPECT_EQ(error_of(dict({{"only", only}, {"seconds", token}})),
              patd_error(Errc::MalformedRequest));
    EXPECT_EQ(error_of(terms({token}, 0)), patd_error(Errc::InvalidExpiry));
    EXPECT_EQ(manager(kAliceBus, "Expose").error, "org.freedesktop.DBus.Error.InvalidArgs");
    EXPECT_EQ(error_of(terms({token})), "");
}

}  // namespace
}  // namespace patd
