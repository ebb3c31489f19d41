// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/bus/value.h"

#include "tests/support/bus_pair.h"

#include <gtest/gtest.h>

namespace patd::bus {
namespace {

using support::Fill;
using Texts = std::vector<std::string>;

class ValueTest : public ::testing::Test {
  protected:
    MessagePtr sealed(const Fill& fill) { return support::make_sealed(pair_.client(), fill); }
    Result<std::optional<Value>> read(const Fill& fill) {
        return read_value(sealed(fill).get(), 2);
    }

    std::unique_ptr<EventLoop> loop_ = EventLoop::create().value();
    support::BusPair pair_{*loop_};
};

TEST_F(ValueTest, ComesBackAsItWasSent) {
    for (const Value& value :
         {Value("text"), Value(Texts{"a", ""}), Value(Texts{}), Value(std::int64_t{-1}),
          Value(std::uint32_t{4'294'967'295}), Value(std::uint64_t{7}), Value(true), Value(false)})
        EXPECT_EQ(read([&](sd_bus_message* m) { EXPECT_GE(append_value(m, value), 0); }).value(),
                  value);
}

TEST_F(ValueTest, ReadsAPathAsAText) {
    EXPECT_EQ(read([](sd_bus_message* m) { sd_bus_message_append(m, "v", "o", "/a"); }).value(),
              Value("/a"));
}

TEST_F(ValueTest, OfAnotherTypeStaysWhereItIs) {
    const MessagePtr message =
        sealed([](sd_bus_message* m) { sd_bus_message_append(m, "vv", "d", 1.0, "s", "next"); });
    EXPECT_EQ(read_value(message.get(), 2).value(), std::nullopt);
    ASSERT_GT(sd_bus_message_skip(message.get(), "v"), 0);
    EXPECT_EQ(read_value(message.get(), 2).value(), Value("next"));
}

TEST_F(ValueTest, RefusesWhatIsNoVariantNothingAndTooManyStrings) {
    EXPECT_EQ(read([](sd_bus_message* m) { sd_bus_message_append(m, "s", "x"); }).error().code,
              Errc::MalformedRequest);
    EXPECT_EQ(read([](sd_bus_message*) {}).error().code, Errc::MalformedRequest);
    EXPECT_EQ(read([](sd_bus_message* m) {
                  append_value(m, Value(Texts{"a", "b", "c"}));
              })
                  .error()
                  .code,
              Errc::MalformedRequest);
}

TEST_F(ValueTest, SendsNoTextThatTheBusDoesNotCarry) {
    // Such a message is broken from then on.
    EXPECT_THROW(sealed([](sd_bus_message* m) { EXPECT_LT(append_value(m, Value("\xff")), 0); }),
                 std::runtime_error);
}

}  // namespace
}  // namespace patd::bus
