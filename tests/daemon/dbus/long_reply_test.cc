// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/dbus/long_reply.h"

#include "tests/support/bus_fixture.h"

namespace patd {
namespace {

using support::dict;

class LongReplyTest : public ::testing::Test {
  protected:
    bus::MessagePtr new_message() {
        sd_bus_message* raw = nullptr;
        support::must(sd_bus_message_new_signal(pair_.client(), &raw, "/a", "a.b", "C"), "signal");
        return bus::MessagePtr(raw);
    }

    std::unique_ptr<bus::EventLoop> loop_ = bus::EventLoop::create().value();
    support::BusPair pair_{*loop_};
};

// Row D1: dbus-daemon disconnects senders of more than it carries.
TEST_F(LongReplyTest, IsNeverLongerThanTheBusCarries) {
    LongReply reply(new_message());
    reply.open("a{sv}").value();
    const bus::Dict large = dict({{"text", std::string(1048576, 'x')}});
    std::size_t appended = 0;
    Result<void> last;
    for (; last; ++appended)
        last = reply.append(large);
    EXPECT_EQ(last.error().code, Errc::LimitExceeded);
    EXPECT_EQ(appended, limits::kBusReplyBytes / 1048576 + 1);
}

}  // namespace
}  // namespace patd
