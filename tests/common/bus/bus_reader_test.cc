// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/bus/bus_reader.h"

#include "tests/support/bus_pair.h"

#include <gtest/gtest.h>

namespace patd::bus {
namespace {

// Counts how many of a flood's messages were read, by a separate loop for the service.
class BusReaderTest : public ::testing::Test {
  protected:
    BusReaderTest() {
        sd_bus_slot* slot = nullptr;
        support::must(sd_bus_add_filter(pair_.service(), &slot, count, this), "sd_bus_add_filter");
        counter_.reset(slot);
    }
    void flood(std::size_t messages) {
        const support::BusCaller caller(*loop_, pair_.client());
        for (std::size_t i = 0; i < messages; ++i) {
            const MessagePtr call = caller.new_call("/o", "i.f", "Anything");
            support::must(sd_bus_message_set_expect_reply(call.get(), 0), "set_expect_reply");
            support::must(sd_bus_send(pair_.client(), call.get(), nullptr), "send");
        }
        support::must(sd_bus_flush(pair_.client()), "flush");
        // From here on only the service is served.
        support::must(sd_bus_detach_event(pair_.client()), "detach");
    }
    // Turns of the loop until all were read.
    std::size_t turns_to_read(std::size_t messages) {
        std::size_t turns = 0;
        for (; read_ < messages && turns < messages * 4; ++turns)
            loop_->run_once(std::chrono::milliseconds(0));
        return turns;
    }
    static int count(sd_bus_message*, void* self, sd_bus_error*) {
        ++static_cast<BusReaderTest*>(self)->read_;
        return 0;
    }

    std::unique_ptr<EventLoop> loop_ = EventLoop::create().value();
    support::BusPair pair_{*loop_};
    SlotPtr counter_;
    std::size_t read_ = 0;
};

constexpr std::size_t kMessages = 200;

// Row D2: a message waits for all that were sent before it, so several are read at a time.
TEST_F(BusReaderTest, ReadsSeveralMessagesInATurn) {
    const auto reader = BusReader::create(pair_.service(), *loop_).value();
    flood(kMessages);
    EXPECT_LE(turns_to_read(kMessages), kMessages / 2 + 4);
    EXPECT_EQ(read_, kMessages);
}

TEST_F(BusReaderTest, LeavesTheLoopAsItWas) {
    { const auto reader = BusReader::create(pair_.service(), *loop_).value(); }
    flood(kMessages);
    EXPECT_GE(turns_to_read(kMessages), kMessages);
    EXPECT_EQ(read_, kMessages);
}

}  // namespace
}  // namespace patd::bus
