// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/dbus/bus_service.h"

#include "tests/support/bus_fixture.h"
#include "tests/support/introspection.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>

namespace patd {
namespace {

using support::BusInterfaces;
using support::ClientSink;
using support::kAlice;
using support::kAliceBus;
using support::kBobBus;
using support::patd_error;
using support::Reply;

// Every method, and how to call it correctly.
struct Method {
    std::string path;
    std::string interface;
    std::string member;
    std::vector<support::BusArgument> arguments;
};

class BusServiceTest : public support::BusFixture {
  protected:
    std::string token_path(std::string_view id) {
        return std::string(names::kTokenPrefix) + "/" + std::string(id);
    }
    BusInterfaces introspect(const std::string& path) {
        const Reply reply =
            as(kAliceBus).call(path, "org.freedesktop.DBus.Introspectable", "Introspect");
        if (!reply.ok())
            throw std::runtime_error(reply.error);
        return support::read_introspection(reply.string());
    }
    // What our own interfaces offer at these paths, without sd-bus's standard ones.
    std::vector<Method> methods(const std::vector<std::string>& paths) {
        std::vector<Method> found;
        for (const std::string& path : paths) {
            for (const auto& [interface, members] : introspect(path)) {
                if (!interface.starts_with("org.patd."))
                    continue;
                for (const auto& [member, arguments] : members.methods)
                    found.push_back({path, interface, member, arguments});
            }
        }
        return found;
    }
    // Arguments of the right types, with values that make as much sense as generic ones can.
    void append_argument(sd_bus_message* message, const std::string& type) {
        if (type == "s")
            support::must(sd_bus_message_append(message, "s", "laptop"), "s");
        else if (type == "u")
            support::must(sd_bus_message_append(message, "u", kAlice.value()), "u");
        else if (type == "as")
            support::append_texts(message, {"vcs:repository:rw"});
        else if (type == "aa{sv}")
            append_dicts(message);
        else if (type == "a{sv}")
            bus::Dict().append_to(message).value();
        else if (type == "h")
            support::must(sd_bus_message_append(message, "h", sink_.passed()), "h");
        else
            throw std::runtime_error("no argument of type " + type);
    }
    static void append_dicts(sd_bus_message* message) {
        support::must(sd_bus_message_open_container(message, 'a', "a{sv}"), "open");
        bus::Dict().append_to(message).value();
        support::must(sd_bus_message_close_container(message), "close");
    }
    support::Fill arguments_of(const Method& method) {
        return [this, &method](sd_bus_message* message) {
            for (const support::BusArgument& argument : method.arguments) {
                if (argument.direction == "in")
                    append_argument(message, argument.type);
            }
        };
    }
    bus::MessagePtr new_call(const char* who, const Method& method, const std::string& path) {
        return as(who).new_call(path, method.interface.c_str(), method.member.c_str(),
                                arguments_of(method));
    }
    Reply call(const char* who, const Method& method, const std::string& path) {
        return as(who).call(path, method.interface.c_str(), method.member.c_str(),
                            arguments_of(method));
    }

    ClientSink sink_{kAlice};
};

BusInterfaces documented() {
    std::ifstream file(PATD_SOURCE_DIR "/systemd/dbus/org.patd.Tokens1.xml");
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    return support::read_introspection(text);
}

// Rows A2, A5: the live interface matches the documented one, member by member.
TEST_F(BusServiceTest, TheLiveInterfaceIsTheDocumentedOne) {
    const std::string id = issue(kAlice).token.id.text();
    BusInterfaces live = introspect(names::kManagerPath);
    live.merge(introspect(token_path(id)));
    live.merge(introspect(begin_create()));
    std::erase_if(live, [](const auto& entry) { return !entry.first.starts_with("org.patd."); });
    const BusInterfaces golden = documented();
    ASSERT_EQ(golden.size(), 4U);
    ASSERT_EQ(live.size(), golden.size());
    for (const auto& [name, interface] : golden) {
        ASSERT_TRUE(live.contains(name)) << name;
        EXPECT_TRUE(live.at(name).others.empty()) << name;
        EXPECT_TRUE(interface.others.empty()) << name;
        EXPECT_EQ(live.at(name).methods.size(), interface.methods.size()) << name;
        EXPECT_EQ(live.at(name).signals, interface.signals) << name;
        for (const auto& [member, arguments] : interface.methods) {
            ASSERT_TRUE(live.at(name).methods.contains(member)) << member;
            EXPECT_EQ(live.at(name).methods.at(member), arguments) << member;
        }
    }
}

// Rows A1, A2: a caller that the bus does not know gets nothing from any method, whatever the
// reason.
TEST_F(BusServiceTest, WithoutAnIdentityEveryMethodRefuses) {
    const std::string id = issue(kAlice).token.id.text();
    const std::string operation = begin_create();
    const std::string before = store_bytes();
    const std::vector<Method> all = methods({names::kManagerPath, token_path(id), operation});
    ASSERT_EQ(all.size(), 43U);
    identity_.set(kAliceBus, Error{Errc::AccessDenied, "the bus does not know the caller"});
    for (const Method& method : all) {
        const Reply reply = call(kAliceBus, method, method.path);
        EXPECT_EQ(reply.error, patd_error(Errc::AccessDenied)) << method.member;
        EXPECT_EQ(reply.text, errc_message(Errc::AccessDenied)) << method.member;
    }
    EXPECT_EQ(store_bytes(), before);
    EXPECT_EQ(operations_.size(), 1U);
    EXPECT_FALSE(locks_->is_locked(kAlice).value());
    EXPECT_TRUE(stored(TokenId::parse(id).value()));
}

// Row A1: if the identity comes late and fails, nothing was begun in advance.
TEST_F(BusServiceTest, NothingIsDoneBeforeTheIdentityIsKnown) {
    const std::string before = store_bytes();
    identity_.hold();
    identity_.set(kAliceBus, Errc::AccessDenied);
    std::vector<support::PendingCall> pending;
    for (const char* member : {"RemoveAll", "Lock", "SetServicePassword"})
        pending.push_back(
            as(kAliceBus).send(names::kManagerPath, names::kManagerInterface, member));
    ASSERT_TRUE(support::turn_until(*loop_, [&] { return identity_.waiting() == 3; }));
    EXPECT_EQ(operations_.size(), 0U);
    EXPECT_FALSE(locks_->is_locked(kAlice).value());
    identity_.release();
    for (support::PendingCall& call : pending)
        EXPECT_EQ(as(kAliceBus).finish(std::move(call)).error, patd_error(Errc::AccessDenied));
    EXPECT_EQ(store_bytes(), before);
}

// Row D2: of calls that want no answer, only those with some other effect are looked at.
TEST_F(BusServiceTest, WithoutAnAnswerOnlyWhatHasAnotherEffectIsDone) {
    const std::string id = issue(kAlice).token.id.text();
    const std::vector<Method> all = methods({names::kManagerPath, token_path(id), begin_create()});
    identity_.hold();
    std::set<std::string> looked_at;
    for (const Method& method : all) {
        const std::size_t before = identity_.waiting();
        const bus::MessagePtr message = new_call(kAliceBus, method, method.path);
        support::must(sd_bus_message_set_expect_reply(message.get(), 0), "set_expect_reply");
        support::must(sd_bus_send(pair_.client(), message.get(), nullptr), "send");
        // Answered after that call was read.
        ASSERT_TRUE(as(kAliceBus).call("/", "org.freedesktop.DBus.Peer", "Ping").ok());
        if (identity_.waiting() > before)
            looked_at.insert(method.member);
    }
    const std::set<std::string> expected = {
        "Lock",        "Expose",         "Cut",     "Subscribe",   "Unsubscribe", "Next",
        "Commit",      "Acknowledge",    "Cancel",  "CheckOwners", "Reinstate",   "Import",
        "ExportKey",   "ConfirmExport",  "Backup",  "Restore",     "RotateKey",   "RotateMasterKey",
        "AcceptClock", "AcceptRollback", "EndWait", "Revoke"};
    EXPECT_EQ(looked_at, expected);
    EXPECT_EQ(operations_.size(), 1U);
}

// Row A4: to Bob, Alice's token looks exactly like one that never existed, to the byte.
TEST_F(BusServiceTest, SomebodyElsesTokenLooksLikeNone) {
    const std::string id = issue(kAlice).token.id.text();
    const std::string absent = TokenId::generate(random_).value().text();
    const std::string before = store_bytes();
    std::size_t tried = 0;
    for (const Method& method : methods({token_path(id)})) {
        const Reply there = call(kBobBus, method, token_path(id));
        for (const std::string& other : {absent, std::string("0"), std::string("no_id_at_all")}) {
            const Reply nowhere = call(kBobBus, method, token_path(other));
            EXPECT_EQ(there.error, patd_error(Errc::NotFound)) << method.member;
            EXPECT_EQ(nowhere.error, there.error) << method.member;
            EXPECT_EQ(nowhere.text, there.text) << method.member;
        }
        ++tried;
    }
    EXPECT_EQ(tried, 4U);
    const auto unlock = [&](const std::string& token) {
        return manager(
            kBobBus, "Unlock",
            support::with(support::dict({{"token", token}, {"seconds", std::int64_t{60}}})));
    };
    EXPECT_EQ(unlock(id).error, patd_error(Errc::NotFound));
    EXPECT_EQ(unlock(absent).error, unlock(id).error);
    EXPECT_EQ(unlock(absent).text, unlock(id).text);
    EXPECT_EQ(store_bytes(), before);
    EXPECT_EQ(operations_.size(), 0U);
}

// Row A4: the path reveals nothing either.
TEST_F(BusServiceTest, IntrospectionTellsNobodyWhichTokensThereAre) {
    const std::string id = issue(kAlice).token.id.text();
    const std::string absent = TokenId::generate(random_).value().text();
    const auto text = [&](const std::string& path) {
        const Reply reply =
            as(kBobBus).call(path, "org.freedesktop.DBus.Introspectable", "Introspect");
        return reply.ok() ? reply.string() : reply.error;
    };
    EXPECT_EQ(text(token_path(id)), text(token_path(absent)));
    for (const char* path : {"/", "/org", "/org/patd", "/org/patd/Tokens1",
                             "/org/patd/Tokens1/token", "/org/patd/Tokens1/operation"})
        EXPECT_EQ(text(path).find(id), std::string::npos) << path;
}

TEST_F(BusServiceTest, OtherPathsHaveNothing) {
    const std::string id = issue(kAlice).token.id.text();
    for (const std::string& path :
         {token_path(id) + "/more", std::string(names::kTokenPrefix),
          std::string(names::kOperationPrefix), std::string("/"), std::string("/org/patd")}) {
        const Reply reply = as(kAliceBus).call(path, names::kTokenInterface, "Show");
        EXPECT_TRUE(reply.error.starts_with("org.freedesktop.DBus.Error.Unknown"))
            << path << " " << reply.error;
    }
    EXPECT_TRUE(as(kAliceBus)
                    .call(names::kManagerPath, names::kTokenInterface, "Show")
                    .error.starts_with("org.freedesktop.DBus.Error.Unknown"));
}

// Row D8: a message far larger than any request only costs its refusal.
TEST_F(BusServiceTest, AHugeMessageIsRefused) {
    const std::string huge(1 << 20, 'x');
    const Reply reply = manager(kAliceBus, "Create", support::create_arguments(huge, {"vcs"}));
    EXPECT_FALSE(reply.ok());
    EXPECT_EQ(operations_.size(), 0U);
    EXPECT_TRUE(manager(kAliceBus, "List").ok());
}

// No signal leaves without Subscribe: it would tell somebody who did not ask.
TEST_F(BusServiceTest, SendsNoSignalsToWhoDidNotAsk) {
    int signals = 0;
    support::must(sd_bus_add_match(
                      pair_.client(), nullptr, "type='signal'",
                      [](sd_bus_message*, void* userdata, sd_bus_error*) {
                          ++*static_cast<int*>(userdata);
                          return 0;
                      },
                      &signals),
                  "add_match");
    (void)create();
    EXPECT_TRUE(manager(kAliceBus, "Lock").ok());
    support::turn_while_ready(*loop_);
    EXPECT_EQ(signals, 0);
}

}  // namespace
}  // namespace patd
