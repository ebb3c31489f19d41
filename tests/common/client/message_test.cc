// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/client/message.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <systemd/sd-bus.h>

#include <array>

namespace patd::client {
namespace {

// A message can only be made for a connection; this one never sends.
class MessageTest : public testing::Test {
  protected:
    MessageTest() {
        std::array<int, 2> ends{};
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data());
        peer_.reset(ends[1]);
        sd_bus_new(&bus_);
        sd_bus_set_fd(bus_, ends[0], ends[0]);
        sd_bus_start(bus_);
    }
    ~MessageTest() override { sd_bus_close_unref(bus_); }

    Message make() {
        sd_bus_message* message = nullptr;
        sd_bus_message_new_method_call(bus_, &message, nullptr, "/", "a.b", "C");
        return Message(message);
    }
    // Turns the message into one that can be read.
    static Message sealed(Message message) {
        sd_bus_message_seal(message.get(), 1, 0);
        sd_bus_message_rewind(message.get(), 1);
        return message;
    }

    sd_bus* bus_ = nullptr;
    UniqueFd peer_;
};

Dictionary every_type() {
    Dictionary dictionary;
    dictionary.set("text", "words");
    dictionary.set("flag", true);
    dictionary.set("count", std::uint32_t{7});
    dictionary.set("time", std::int64_t{-8});
    dictionary.set("seconds", std::uint64_t{9});
    dictionary.set("texts", std::vector<std::string>{"one", "two"});
    return dictionary;
}

TEST_F(MessageTest, CarriesEveryTypeOfADictionary) {
    Message message = make();
    ASSERT_TRUE(message.append_dictionary(every_type()));
    EXPECT_STREQ(sd_bus_message_get_signature(message.get(), 1), "a{sv}");
    const Result<Dictionary> read = sealed(std::move(message)).read_dictionary();
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, every_type());
}

TEST_F(MessageTest, CarriesAnEmptyDictionary) {
    Message message = make();
    ASSERT_TRUE(message.append_dictionary({}));
    const Result<Dictionary> read = sealed(std::move(message)).read_dictionary();
    ASSERT_TRUE(read);
    EXPECT_TRUE(read->empty());
}

TEST_F(MessageTest, PassesOverAnEntryOfAnUnknownType) {
    Message message = make();
    ASSERT_GE(
        sd_bus_message_append(message.get(), "a{sv}", 2, "later", "(di)", 1.5, 3, "id", "s", "x"),
        0);
    const Result<Dictionary> read = sealed(std::move(message)).read_dictionary();
    ASSERT_TRUE(read);
    EXPECT_EQ(read->entries().size(), 1U);
    EXPECT_EQ(read->text("id"), "x");
}

TEST_F(MessageTest, ReadsArraysOfDictionariesAndOfObjects) {
    Message message = make();
    ASSERT_GE(sd_bus_message_append(message.get(), "aa{sv}a(oa{sv})", 2, 1, "id", "s", "a", 1, "id",
                                    "s", "b", 1, "/path", 1, "id", "s", "c"),
              0);
    Message reading = sealed(std::move(message));
    const Result<std::vector<Dictionary>> plain = reading.read_dictionaries();
    ASSERT_TRUE(plain);
    ASSERT_EQ(plain->size(), 2U);
    EXPECT_EQ((*plain)[1].text("id"), "b");
    const Result<std::vector<Dictionary>> objects = reading.read_objects();
    ASSERT_TRUE(objects);
    ASSERT_EQ(objects->size(), 1U);
    EXPECT_EQ((*objects)[0].text("id"), "c");
}

TEST_F(MessageTest, RefusesTextThatIsNoUtf8) {
    Message message = make();
    EXPECT_EQ(message.append_text("\xff").error().code, Errc::MalformedRequest);
}

TEST_F(MessageTest, RefusesAnAnswerOfAnotherForm) {
    Message message = make();
    ASSERT_TRUE(message.append_count(1));
    Message reading = sealed(std::move(message));
    EXPECT_EQ(reading.read_text().error().code, Errc::Internal);
    EXPECT_EQ(reading.read_dictionary().error().code, Errc::Internal);
    EXPECT_EQ(reading.read_count().value(), 1U);
    EXPECT_EQ(reading.read_count().error().code, Errc::Internal);
}

TEST_F(MessageTest, GivesADescriptorOfItsOwn) {
    Message message = make();
    ASSERT_TRUE(message.append_descriptor(peer_.get()));
    const Result<UniqueFd> copy = sealed(std::move(message)).read_descriptor();
    ASSERT_TRUE(copy);
    EXPECT_NE(copy->get(), peer_.get());
    EXPECT_TRUE(*copy);
}

TEST(Dictionary, GivesTheEmptyValueForWhatIsAbsentOrOfAnotherType) {
    const Dictionary dictionary = every_type();
    EXPECT_EQ(dictionary.text("none"), "");
    EXPECT_EQ(dictionary.text("flag"), "");
    EXPECT_FALSE(dictionary.flag("text"));
    EXPECT_EQ(dictionary.count("time"), 0U);
    EXPECT_EQ(dictionary.time("time"), -8);
    EXPECT_TRUE(dictionary.has("texts"));
    EXPECT_FALSE(dictionary.has("none"));
}

TEST(Dictionary, ForgetsAKey) {
    Dictionary dictionary = every_type();
    dictionary.erase("text");
    dictionary.erase("none");
    EXPECT_FALSE(dictionary.has("text"));
    EXPECT_EQ(dictionary.entries().size(), every_type().entries().size() - 1);
}

}  // namespace
}  // namespace patd::client
