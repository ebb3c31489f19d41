// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/bus/identity.h"

#include "tests/support/as_uid.h"
#include "tests/support/bus_pair.h"
#include "tests/support/system_bus.h"

#include <gtest/gtest.h>

#include <optional>

namespace patd::bus {
namespace {

using support::must;

constexpr char kBus[] = "org.freedesktop.DBus";
constexpr char kBusPath[] = "/org/freedesktop/DBus";

// A message that looks as if `sender` had sent it.
MessagePtr message_of(sd_bus* bus, const char* sender) {
    sd_bus_message* raw = nullptr;
    must(sd_bus_message_new_signal(bus, &raw, "/o", "i.f", "M"), "new_signal");
    MessagePtr message(raw);
    if (sender != nullptr)
        must(sd_bus_message_set_sender(raw, sender), "set_sender");
    must(sd_bus_message_seal(raw, 1, 0), "seal");
    return message;
}

using Answers = std::vector<Result<Uid>>;

// With a bus that answers as the test says.
class IdentityTest : public ::testing::Test {
  protected:
    IdentityTest() {
        sd_bus_slot* slot = nullptr;
        must(sd_bus_add_object(pair_.client(), &slot, kBusPath, on_call, this), "add_object");
        slot_.reset(slot);
    }
    static int on_call(sd_bus_message* message, void* userdata, sd_bus_error*) {
        auto* test = static_cast<IdentityTest*>(userdata);
        if (sd_bus_message_is_method_call(message, kBus, "GetConnectionCredentials") > 0)
            test->asked_.push_back(ref(message));
        return 1;
    }
    void look_up(const char* sender, Answers& answers) {
        identity_->look_up(message_of(pair_.service(), sender).get(),
                           [&answers](Result<Uid> uid) { answers.push_back(std::move(uid)); });
    }
    bool wait_for_questions(std::size_t count) {
        return support::turn_until(*loop_, [&] { return asked_.size() >= count; });
    }
    // Answers the oldest open question with the a{sv} that `fill` appends, or with an error.
    void answer(const support::Fill& fill) {
        const MessagePtr question = std::move(asked_.front());
        asked_.erase(asked_.begin());
        if (!fill) {
            must(sd_bus_reply_method_errorf(question.get(),
                                            "org.freedesktop.DBus.Error.NameHasNoOwner", "gone"),
                 "reply error");
            return;
        }
        sd_bus_message* raw = nullptr;
        must(sd_bus_message_new_method_return(question.get(), &raw), "new_method_return");
        const MessagePtr reply(raw);
        fill(raw);
        must(sd_bus_send(nullptr, raw, nullptr), "send");
    }
    static support::Fill uid(std::uint32_t value) {
        return [value](sd_bus_message* m) {
            must(sd_bus_message_append(m, "a{sv}", 3, "ProcessID", "u", 77U, "UnixUserID", "u",
                                       value, "LinuxSecurityLabel", "ay", 1, 0),
                 "append");
        };
    }
    void send_vanished(const char* sender, const char* name, const char* new_owner) {
        sd_bus_message* raw = nullptr;
        must(sd_bus_message_new_signal(pair_.client(), &raw, kBusPath, kBus, "NameOwnerChanged"),
             "new_signal");
        const MessagePtr signal(raw);
        must(sd_bus_message_set_sender(raw, sender), "set_sender");
        must(sd_bus_message_append(raw, "sss", name, name, new_owner), "append");
        must(sd_bus_send(pair_.client(), raw, nullptr), "send");
        support::turn_while_ready(*loop_);
    }

    std::unique_ptr<EventLoop> loop_ = EventLoop::create().value();
    support::BusPair pair_{*loop_};
    SlotPtr slot_;
    std::vector<MessagePtr> asked_;
    std::vector<std::string> vanished_;
    std::unique_ptr<BusIdentity> identity_ =
        BusIdentity::create(pair_.service(), [this](const std::string& name) {
            vanished_.push_back(name);
        }).value();
};

TEST_F(IdentityTest, AsksOnceForAllThatWaitAndKeepsTheAnswer) {
    Answers answers;
    for (int i = 0; i < 5; ++i)
        look_up(":1.5", answers);
    ASSERT_TRUE(wait_for_questions(1));
    support::turn_while_ready(*loop_);
    EXPECT_EQ(asked_.size(), 1U);
    const char* name = nullptr;
    must(sd_bus_message_read(asked_.front().get(), "s", &name), "read");
    EXPECT_STREQ(name, ":1.5");
    EXPECT_TRUE(answers.empty());
    answer(uid(4000000000U));
    ASSERT_TRUE(support::turn_until(*loop_, [&] { return answers.size() == 5; }));
    look_up(":1.5", answers);
    ASSERT_EQ(answers.size(), 6U);
    for (const Result<Uid>& got : answers)
        EXPECT_EQ(got.value(), Uid(4000000000U));
    support::turn_while_ready(*loop_);
    EXPECT_TRUE(asked_.empty());
}

TEST_F(IdentityTest, AsksForEachConnection) {
    Answers first;
    Answers second;
    look_up(":1.5", first);
    look_up(":1.6", second);
    ASSERT_TRUE(wait_for_questions(2));
    answer(uid(5));
    answer(uid(6));
    ASSERT_TRUE(support::turn_until(*loop_, [&] { return first.size() + second.size() == 2; }));
    EXPECT_EQ(first.at(0).value(), Uid(5));
    EXPECT_EQ(second.at(0).value(), Uid(6));
}

// Row A1: an error is not a uid, for all that waited; and it is not kept.
TEST_F(IdentityTest, AnErrorDeniesAllThatWait) {
    Answers answers;
    for (int i = 0; i < 3; ++i)
        look_up(":1.5", answers);
    ASSERT_TRUE(wait_for_questions(1));
    answer({});
    ASSERT_TRUE(support::turn_until(*loop_, [&] { return answers.size() == 3; }));
    for (const Result<Uid>& got : answers)
        EXPECT_EQ(got.error().code, Errc::AccessDenied);
    look_up(":1.5", answers);
    EXPECT_TRUE(wait_for_questions(1));
}

// Rows A1, A8: nor is an answer without a uid, or with an invalid one.
TEST_F(IdentityTest, AnAnswerWithoutAUidDenies) {
    const std::vector<support::Fill> replies = {
        [](sd_bus_message*) {},
        [](sd_bus_message* m) { sd_bus_message_append(m, "a{sv}", 0); },
        [](sd_bus_message* m) { sd_bus_message_append(m, "a{sv}", 1, "ProcessID", "u", 0U); },
        [](sd_bus_message* m) { sd_bus_message_append(m, "a{sv}", 1, "UnixUserID", "s", "0"); },
        [](sd_bus_message* m) { sd_bus_message_append(m, "a{sv}", 1, "UnixUserID", "x", 0L); },
        [](sd_bus_message* m) { sd_bus_message_append(m, "a{sv}", 1, "unixuserid", "u", 0U); },
        [](sd_bus_message* m) { sd_bus_message_append(m, "u", 0U); },
        [](sd_bus_message* m) { sd_bus_message_append(m, "a{ss}", 1, "UnixUserID", "0"); },
    };
    for (const support::Fill& reply : replies) {
        Answers answers;
        look_up(":1.5", answers);
        ASSERT_TRUE(wait_for_questions(1));
        answer(reply);
        ASSERT_TRUE(support::turn_until(*loop_, [&] { return answers.size() == 1; }));
        ASSERT_FALSE(answers[0]);
        EXPECT_EQ(answers[0].error().code, Errc::AccessDenied);
    }
}

TEST_F(IdentityTest, AMessageWithoutAUniqueNameHasNoSender) {
    Answers answers;
    look_up(nullptr, answers);
    look_up("org.example.Name", answers);
    look_up(kBus, answers);
    ASSERT_EQ(answers.size(), 3U);
    for (const Result<Uid>& got : answers)
        EXPECT_EQ(got.error().code, Errc::AccessDenied);
    support::turn_while_ready(*loop_);
    EXPECT_TRUE(asked_.empty());
}

TEST_F(IdentityTest, ANameThatGoesIsForgottenAndTold) {
    Answers answers;
    look_up(":1.5", answers);
    ASSERT_TRUE(wait_for_questions(1));
    answer(uid(5));
    ASSERT_TRUE(support::turn_until(*loop_, [&] { return answers.size() == 1; }));
    send_vanished(kBus, ":1.5", "");
    EXPECT_EQ(vanished_, std::vector<std::string>{":1.5"});
    look_up(":1.5", answers);
    EXPECT_EQ(answers.size(), 1U);
    EXPECT_TRUE(wait_for_questions(1));
}

// Row A11 (CVE-2013-0292).
TEST_F(IdentityTest, AForgedFarewellIsIgnored) {
    Answers answers;
    look_up(":1.5", answers);
    ASSERT_TRUE(wait_for_questions(1));
    answer(uid(5));
    ASSERT_TRUE(support::turn_until(*loop_, [&] { return answers.size() == 1; }));
    send_vanished(":1.66", ":1.5", "");
    send_vanished("org.example.Evil", ":1.5", "");
    // A change of owner is not a farewell, and a well-known name is not a connection.
    send_vanished(kBus, ":1.5", ":1.9");
    send_vanished(kBus, "org.example.Name", "");
    EXPECT_TRUE(vanished_.empty());
    look_up(":1.5", answers);
    EXPECT_EQ(answers.size(), 2U);
}

TEST_F(IdentityTest, ABusThatIsGoneDenies) {
    pair_.close_client();
    ASSERT_TRUE(support::turn_until(*loop_, [&] { return sd_bus_is_open(pair_.service()) <= 0; }));
    Answers answers;
    look_up(":1.5", answers);
    ASSERT_TRUE(support::turn_until(*loop_, [&] { return answers.size() == 1; }));
    EXPECT_EQ(answers[0].error().code, Errc::AccessDenied);
}

TEST_F(IdentityTest, MayBeDestroyedWhileItWaits) {
    Answers answers;
    look_up(":1.5", answers);
    ASSERT_TRUE(wait_for_questions(1));
    identity_.reset();
    answer(uid(5));
    support::turn_while_ready(*loop_);
    EXPECT_TRUE(answers.empty());
}

// With a real bus: the kernel says who connected, and leaving is reported.
class RealIdentityTest : public ::testing::Test {
  protected:
    Result<Uid> look_up(const char* sender) {
        std::optional<Result<Uid>> answer;
        identity_->look_up(message_of(bus_.get(), sender).get(),
                           [&](Result<Uid> uid) { answer.emplace(std::move(uid)); });
        if (!support::turn_until(*loop_, [&] { return answer.has_value(); }))
            throw std::runtime_error("no answer");
        return *answer;
    }
    static std::string name_of(const BusPtr& bus) {
        const char* name = nullptr;
        must(sd_bus_get_unique_name(bus.get(), &name), "get_unique_name");
        return name;
    }

    std::unique_ptr<EventLoop> loop_ = EventLoop::create().value();
    support::SystemBus system_;
    BusPtr bus_ = system_.connect(*loop_);
    std::vector<std::string> vanished_;
    std::unique_ptr<BusIdentity> identity_ =
        BusIdentity::create(bus_.get(), [this](const std::string& name) {
            vanished_.push_back(name);
        }).value();
};

// Row A8: what the bus took at connect, not what /proc says now.
TEST_F(RealIdentityTest, KnowsTheEffectiveUidOfAConnectionUntilItGoes) {
    BusPtr client;
    {
        const support::AsUid daemon{Uid(1)};
        client = system_.connect();
    }
    const std::string name = name_of(client);
    EXPECT_EQ(look_up(name.c_str()).value(), Uid(1));
    EXPECT_EQ(look_up(name_of(bus_).c_str()).value(), Uid(geteuid()));
    client.reset();
    ASSERT_TRUE(support::turn_until(*loop_, [&] { return !vanished_.empty(); }));
    EXPECT_EQ(vanished_, std::vector<std::string>{name});
    EXPECT_EQ(look_up(name.c_str()).error().code, Errc::AccessDenied);
    EXPECT_EQ(look_up(":1.99999").error().code, Errc::AccessDenied);
}

// Row A11: a peer broadcasts, and sends to us, that somebody left.
TEST_F(RealIdentityTest, AForgedFarewellIsIgnored) {
    const BusPtr victim = system_.connect();
    const BusPtr evil = system_.connect();
    const std::string name = name_of(victim);
    ASSERT_TRUE(look_up(name.c_str()));
    for (const std::string& destination : {std::string(), name_of(bus_)}) {
        sd_bus_message* raw = nullptr;
        must(sd_bus_message_new_signal(evil.get(), &raw, kBusPath, kBus, "NameOwnerChanged"),
             "new_signal");
        const MessagePtr signal(raw);
        must(sd_bus_message_append(raw, "sss", name.c_str(), name.c_str(), ""), "append");
        if (!destination.empty())
            must(sd_bus_message_set_destination(raw, destination.c_str()), "set_destination");
        must(sd_bus_send(evil.get(), raw, nullptr), "send");
    }
    must(sd_bus_flush(evil.get()), "flush");
    // The bus delivers in order: the result of a later look-up came after the forgeries.
    ASSERT_TRUE(look_up(name_of(evil).c_str()));
    EXPECT_TRUE(vanished_.empty());
    EXPECT_TRUE(look_up(name.c_str()));
}

}  // namespace
}  // namespace patd::bus
