// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/bus/dict.h"

#include "tests/support/bus_pair.h"

#include <gtest/gtest.h>

#include <limits>

namespace patd::bus {
namespace {

using support::Fill;

class DictTest : public ::testing::Test {
  protected:
    MessagePtr sealed(const Fill& fill) { return support::make_sealed(pair_.client(), fill); }
    Result<Dict> read(const Fill& fill) { return Dict::read(sealed(fill).get()); }
    Result<Dict> read_of(const Dict& dict) {
        return read([&](sd_bus_message* m) { dict.append_to(m).value(); });
    }

    std::unique_ptr<EventLoop> loop_ = EventLoop::create().value();
    support::BusPair pair_{*loop_};
};

TEST_F(DictTest, CarriesEveryTypeThatTheInterfaceUses) {
    Dict dict;
    dict.set("text", std::string("h\xc3\xa9llo"));
    dict.set("texts", std::vector<std::string>{"a", "", "c"});
    dict.set("none", std::vector<std::string>{});
    dict.set("time", std::numeric_limits<std::int64_t>::min());
    dict.set("count", std::numeric_limits<std::uint32_t>::max());
    dict.set("yes", true);
    dict.set("no", false);
    Dict read = read_of(dict).value();
    EXPECT_EQ(read.take<std::string>("text").value(), "h\xc3\xa9llo");
    EXPECT_EQ(read.take<std::vector<std::string>>("texts").value(),
              (std::vector<std::string>{"a", "", "c"}));
    EXPECT_TRUE(read.take<std::vector<std::string>>("none").value()->empty());
    EXPECT_EQ(read.take<std::int64_t>("time").value(), std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(read.take<std::uint32_t>("count").value(), std::numeric_limits<std::uint32_t>::max());
    EXPECT_EQ(read.take<bool>("yes").value(), true);
    EXPECT_EQ(read.take<bool>("no").value(), false);
    EXPECT_TRUE(read.expect_empty());
}

TEST_F(DictTest, AnEmptyDictIsEmpty) {
    EXPECT_TRUE(read_of(Dict()).value().expect_empty());
}

TEST_F(DictTest, ReadsAnUnsignedTimeAsASignedOne) {
    Dict dict = read([](sd_bus_message* m) {
                    sd_bus_message_append(m, "a{sv}", 1, "seconds", "t", std::uint64_t{300});
                }).value();
    EXPECT_EQ(dict.take<std::int64_t>("seconds").value(), 300);
}

TEST_F(DictTest, TakesAKeyOnce) {
    Dict dict;
    dict.set("a", true);
    EXPECT_EQ(dict.take<bool>("a").value(), true);
    EXPECT_EQ(dict.take<bool>("a").value(), std::nullopt);
    EXPECT_EQ(dict.take<bool>("never there").value(), std::nullopt);
}

TEST_F(DictTest, AKeyOfAnotherTypeIsMalformed) {
    Dict dict;
    dict.set("a", true);
    dict.set("b", std::string("1"));
    dict.set("c", std::uint32_t{1});
    EXPECT_EQ(dict.take<std::string>("a").error().code, Errc::MalformedRequest);
    EXPECT_EQ(dict.take<std::vector<std::string>>("b").error().code, Errc::MalformedRequest);
    EXPECT_EQ(dict.take<std::int64_t>("c").error().code, Errc::MalformedRequest);
}

TEST_F(DictTest, WhatWasNotTakenIsAnUnknownOption) {
    Dict dict;
    dict.set("known", true);
    dict.set("unknown", true);
    ASSERT_TRUE(dict.take<bool>("known"));
    EXPECT_EQ(dict.expect_empty().error().code, Errc::UnknownOption);
}

TEST_F(DictTest, FindShowsAValueAndLeavesIt) {
    Dict dict;
    dict.set("a", std::string("x"));
    ASSERT_NE(dict.find("a"), nullptr);
    EXPECT_EQ(std::get<std::string>(*dict.find("a")), "x");
    EXPECT_EQ(dict.find("b"), nullptr);
    EXPECT_FALSE(dict.expect_empty());
}

TEST_F(DictTest, RefusesAKeyThatStandsTwice) {
    EXPECT_EQ(read([](sd_bus_message* m) {
                  sd_bus_message_append(m, "a{sv}", 2, "confirm", "s", "never", "confirm", "s",
                                        "always");
              })
                  .error()
                  .code,
              Errc::MalformedRequest);
}

TEST_F(DictTest, RefusesMoreThanSixtyFourKeys) {
    Dict dict;
    for (int i = 0; i < 64; ++i)
        dict.set("k" + std::to_string(i), true);
    EXPECT_TRUE(read_of(dict));
    dict.set("one more", true);
    EXPECT_EQ(read_of(dict).error().code, Errc::MalformedRequest);
}

TEST_F(DictTest, RefusesMoreThanAThousandStringsInAll) {
    Dict dict;
    dict.set("a", std::vector<std::string>(512, "x"));
    dict.set("b", std::vector<std::string>(512, "x"));
    EXPECT_TRUE(read_of(dict));
    dict.set("c", std::vector<std::string>(1, "x"));
    EXPECT_EQ(read_of(dict).error().code, Errc::MalformedRequest);
}

Result<std::vector<Dict>> read_dicts(sd_bus_message* message) {
    std::vector<Dict> dicts;
    TRY(enter_dicts(message));
    while (std::optional<Dict> dict = TRY(next_dict(message)))
        dicts.push_back(std::move(*dict));
    return dicts;
}

TEST_F(DictTest, ReadsSeveralOneByOne) {
    const Fill three = [](sd_bus_message* m) {
        sd_bus_message_append(m, "aa{sv}", 3, 1, "k", "s", "a", 0, 1, "k", "s", "c");
    };
    std::vector<Dict> dicts = read_dicts(sealed(three).get()).value();
    ASSERT_EQ(dicts.size(), 3U);
    EXPECT_EQ(dicts[0].take<std::string>("k").value(), "a");
    EXPECT_TRUE(dicts[1].expect_empty());
    EXPECT_EQ(dicts[2].take<std::string>("k").value(), "c");
    const Fill none = [](sd_bus_message* m) { sd_bus_message_append(m, "aa{sv}", 0); };
    EXPECT_TRUE(read_dicts(sealed(none).get()).value().empty());
    const Fill bad = [](sd_bus_message* m) {
        sd_bus_message_append(m, "aa{sv}", 1, 1, "k", "y", 1);
    };
    EXPECT_EQ(read_dicts(sealed(bad).get()).error().code, Errc::MalformedRequest);
    const Fill other = [](sd_bus_message* m) { sd_bus_message_append(m, "as", 1, "x"); };
    EXPECT_EQ(read_dicts(sealed(other).get()).error().code, Errc::MalformedRequest);
}

TEST_F(DictTest, ReadsWhatItAppendedAsSeveral) {
    for (const std::size_t count : {0U, 1U, 3U}) {
        std::vector<Dict> dicts(count);
        for (std::size_t i = 0; i < count; ++i)
            dicts[i].set("k", std::string(i + 1, 'x'));
        const Fill fill = [&](sd_bus_message* m) {
            append_dicts(m, dicts, [](const Dict& dict) { return dict; }).value();
        };
        std::vector<Dict> back = read_dicts(sealed(fill).get()).value();
        ASSERT_EQ(back.size(), count);
        for (std::size_t i = 0; i < count; ++i)
            EXPECT_EQ(back[i].take<std::string>("k").value(), std::string(i + 1, 'x'));
    }
}

// Row D3.
TEST_F(DictTest, RefusesEveryTypeThatItDoesNotKnow) {
    const std::vector<Fill> bodies = {
        [](sd_bus_message* m) { sd_bus_message_append(m, "a{sv}", 1, "k", "y", 1); },
        [](sd_bus_message* m) { sd_bus_message_append(m, "a{sv}", 1, "k", "n", 1); },
        [](sd_bus_message* m) { sd_bus_message_append(m, "a{sv}", 1, "k", "i", 1); },
        [](sd_bus_message* m) { sd_bus_message_append(m, "a{sv}", 1, "k", "d", 1.0); },
        [](sd_bus_message* m) { sd_bus_message_append(m, "a{sv}", 1, "k", "g", "s"); },
        [](sd_bus_message* m) { sd_bus_message_append(m, "a{sv}", 1, "k", "v", "s", "x"); },
        [](sd_bus_message* m) { sd_bus_message_append(m, "a{sv}", 1, "k", "(s)", "x"); },
        [](sd_bus_message* m) { sd_bus_message_append(m, "a{sv}", 1, "k", "ao", 1, "/x"); },
        [](sd_bus_message* m) { sd_bus_message_append(m, "a{sv}", 1, "k", "ay", 1, 1); },
        [](sd_bus_message* m) { sd_bus_message_append(m, "a{sv}", 1, "k", "h", 0); },
        [](sd_bus_message* m) { sd_bus_message_append(m, "a{sv}", 1, "k", "a{sv}", 0); },
    };
    for (const Fill& body : bodies)
        EXPECT_EQ(read(body).error().code, Errc::MalformedRequest);
}

// Row D3.
TEST_F(DictTest, RefusesABodyThatIsNoDict) {
    const std::vector<Fill> bodies = {
        [](sd_bus_message*) {},
        [](sd_bus_message* m) { sd_bus_message_append(m, "s", "x"); },
        [](sd_bus_message* m) { sd_bus_message_append(m, "a{ss}", 1, "k", "v"); },
        [](sd_bus_message* m) { sd_bus_message_append(m, "as", 0); },
    };
    for (const Fill& body : bodies)
        EXPECT_EQ(read(body).error().code, Errc::MalformedRequest);
}

TEST_F(DictTest, ReadsAListOfStringsUpToItsLimit) {
    const auto strings = [](unsigned count) {
        return [count](sd_bus_message* m) {
            sd_bus_message_open_container(m, 'a', "s");
            for (unsigned i = 0; i < count; ++i)
                sd_bus_message_append(m, "s", "x");
            sd_bus_message_close_container(m);
        };
    };
    EXPECT_EQ(read_strings(sealed(strings(1024)).get()).value().size(), 1024U);
    EXPECT_EQ(read_strings(sealed(strings(1025)).get()).error().code, Errc::MalformedRequest);
    EXPECT_EQ(read_strings(sealed([](sd_bus_message*) {}).get()).error().code,
              Errc::MalformedRequest);
    EXPECT_EQ(
        read_strings(sealed([](sd_bus_message* m) { sd_bus_message_append(m, "s", "x"); }).get())
            .error()
            .code,
        Errc::MalformedRequest);
}

TEST_F(DictTest, ReadsOneString) {
    const auto text = [](sd_bus_message* m) { sd_bus_message_append(m, "s", "hello"); };
    EXPECT_EQ(read_string(sealed(text).get()).value(), "hello");
    const auto number = [](sd_bus_message* m) { sd_bus_message_append(m, "u", 1U); };
    EXPECT_EQ(read_string(sealed(number).get()).error().code, Errc::MalformedRequest);
}

// Row D3.
TEST_F(DictTest, TextThatTheBusCannotCarryIsAnErrorAndNoCrash) {
    Dict dict;
    dict.set("text", std::string("\xff"));
    sd_bus_message* raw = nullptr;
    ASSERT_GE(sd_bus_message_new_method_call(pair_.client(), &raw, nullptr, "/o", "i.f", "M"), 0);
    const MessagePtr message(raw);
    EXPECT_EQ(dict.append_to(raw).error().code, Errc::Internal);
}

}  // namespace
}  // namespace patd::bus
