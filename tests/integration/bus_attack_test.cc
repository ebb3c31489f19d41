// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/support/client_sink.h"
#include "tests/support/real_bus_fixture.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <random>
#include <sstream>

// What hostile processes on a system bus can do to patd: they run under other uids, leave in the
// middle of everything, forge the bus's messages, and listen to everything as root.
namespace patd {
namespace {

using support::AsUid;
using support::BusCaller;
using support::ClientSink;
using support::create_arguments;
using support::kAlice;
using support::kBob;
using support::must;
using support::patd_error;
using support::PendingCall;
using support::Reply;
using support::SystemBus;

// A method call that a hostile process sends over its own connection.
struct Attack {
    std::string path;
    const char* interface;
    const char* member;
    support::Fill fill;
};

// In a separate process under `uid`: sends the call, spends up to `delay` of processor time, and
// exits, without ever reading an answer.
pid_t send_and_leave(const SystemBus& system, Uid uid, const Attack& attack,
                     std::chrono::microseconds delay) {
    const pid_t child = ::fork();
    if (child != 0)
        return child;
    if (::setresuid(uid.value(), uid.value(), uid.value()) != 0)
        ::_exit(1);
    try {
        // Never closed in an orderly way.
        sd_bus* bus = system.connect().release();
        sd_bus_message* call = nullptr;
        must(sd_bus_message_new_method_call(bus, &call, names::kBusName, attack.path.c_str(),
                                            attack.interface, attack.member),
             "new_method_call");
        attack.fill(call);
        must(sd_bus_send(bus, call, nullptr), "send");
        must(sd_bus_flush(bus), "flush");
    } catch (...) {
        ::_exit(1);
    }
    const auto end = std::chrono::steady_clock::now() + delay;
    while (std::chrono::steady_clock::now() < end) {
    }
    ::_exit(0);
}

bool has_ended(pid_t child, int& status) {
    return ::waitpid(child, &status, WNOHANG) == child;
}

class BusAttackTest : public support::RealBusFixture {
  protected:
    // Lets the service see what the attacker sent, while it lives or only afterwards.
    void suffer(pid_t child, bool only_afterwards) {
        int status = -1;
        if (only_afterwards)
            ASSERT_EQ(::waitpid(child, &status, 0), child);
        else
            ASSERT_TRUE(support::turn_until(*loop_, [&] { return has_ended(child, status); }));
        ASSERT_EQ(status, 0);
        const int before = vanished_;
        // Another client that comes and goes shows when the bus has delivered everything before.
        connect_as(kBob).reset();
        ASSERT_TRUE(support::turn_until(*loop_, [&] { return vanished_ > before; }));
        support::turn_while_ready(*loop_);
    }
    std::vector<Attack> attacks(const std::string& id) {
        const support::Fill nothing = [](sd_bus_message*) {};
        const support::Fill empty = support::with({});
        const std::string token = std::string(names::kTokenPrefix) + "/" + id;
        return {
            {names::kManagerPath, names::kManagerInterface, "Create",
             create_arguments("evil", {"vcs"})},
            {names::kManagerPath, names::kManagerInterface, "RemoveAll", nothing},
            {token, names::kTokenInterface, "Regenerate", empty},
            {token, names::kTokenInterface, "Delete", nothing},
            {names::kManagerPath, names::kAdminInterface, "Revoke",
             [id](sd_bus_message* m) {
                 must(sd_bus_message_append(m, "us", kAlice.value(), id.c_str()), "append");
             }},
        };
    }
};

// Row A1 (CVE-2021-3560): the caller leaves before, while or after the bus is asked who it is.
TEST_F(BusAttackTest, ACallerThatLeavesAtOnceGetsNothing) {
    const support::Issued alices = issue(kAlice);
    const std::vector<Attack> all = attacks(alices.token.id.text());
    const std::string before = store_bytes();
    // NOLINTNEXTLINE(bugprone-random-generator-seed): repeatable
    std::mt19937 random(20240601);
    std::uniform_int_distribution<int> delay(0, 3000);
    for (int round = 0; round < 200; ++round) {
        const Attack& attack = all[static_cast<std::size_t>(round) % all.size()];
        const Uid uid = round % 2 == 0 ? kBob : kAlice;
        const pid_t child =
            send_and_leave(system_, uid, attack, std::chrono::microseconds(delay(random)));
        suffer(child, round % 3 == 0);
        ASSERT_EQ(store_bytes(), before) << attack.member;
        ASSERT_EQ(operations_.size(), 0U) << attack.member;
    }
    EXPECT_TRUE(stored(alices.token.id));
    EXPECT_EQ(events(kAlice), std::vector<std::string>{});
}

// Row A17: clients that leave in the middle of a step-up, in all ways at once.
TEST_F(BusAttackTest, ClientsThatLeaveInAStepUpLeaveNothing) {
    // NOLINTNEXTLINE(bugprone-random-generator-seed): the same order each time
    std::mt19937 random(7);
    for (int round = 0; round < 150; ++round) {
        bus::BusPtr bus = connect_as(kAlice);
        const std::string path = manager(bus, "Create", create_arguments("laptop", {"vcs"})).path();
        const PendingCall next = caller(bus).send(path, names::kOperationInterface, "Next");
        support::StepUpConversation conversation = auth_.accept();
        const auto choice = random() % 5;
        if (choice == 1)
            conversation.close();
        if (choice >= 2)
            conversation.send(step_up::FrameKind::PromptSecret, "Password: ");
        if (choice >= 3)
            conversation.send(step_up::FrameKind::Granted);
        const PendingCall more =
            caller(bus).send(path, names::kOperationInterface, choice == 4 ? "Cancel" : "Next");
        for (auto turns = random() % 8; turns > 0; --turns)
            loop_->run_once(std::chrono::milliseconds(0));
        bus.reset();
        ASSERT_TRUE(support::turn_until(*loop_, [&] { return operations_.size() == 0; }));
    }
    EXPECT_EQ(store_->count(kAlice).value(), 0U);
}

TEST_F(BusAttackTest, AConnectionThatGoesTakesItsOperationsAlong) {
    bus::BusPtr alice = connect_as(kAlice);
    const std::string path = begin_create(alice, "hunter2");
    ClientSink sink(kAlice);
    ASSERT_TRUE(operation(alice, path, "Commit", support::with_descriptor(sink.passed())).ok());
    const std::string secret = sink.receive(*loop_);
    // Row A9: another connection of the same user, and one of root.
    const bus::BusPtr again = connect_as(kAlice);
    const bus::BusPtr root = connect_as(Uid(0));
    for (const bus::BusPtr* other : {&again, &root})
        EXPECT_EQ(operation(*other, path, "Acknowledge").error, patd_error(Errc::OperationGone));
    alice.reset();
    ASSERT_TRUE(support::turn_until(*loop_, [&] { return operations_.size() == 0; }));
    EXPECT_EQ(operation(again, path, "Acknowledge").error, patd_error(Errc::OperationGone));
    EXPECT_EQ(store_->count(kAlice).value(), 0U);
    EXPECT_FALSE(line_->verifier.verify(support::caller_of(kBob), secret, {}).value().valid);
}

// Row A11: somebody claims that Alice left.
TEST_F(BusAttackTest, AForgedFarewellEndsNothing) {
    const bus::BusPtr alice = connect_as(kAlice);
    const std::string path = begin_create(alice, "hunter2");
    const bus::BusPtr evil = connect_as(kBob);
    const char* name = nullptr;
    must(sd_bus_get_unique_name(alice.get(), &name), "get_unique_name");
    for (const char* destination : {static_cast<const char*>(nullptr), names::kBusName}) {
        sd_bus_message* raw = nullptr;
        must(sd_bus_message_new_signal(evil.get(), &raw, "/org/freedesktop/DBus",
                                       "org.freedesktop.DBus", "NameOwnerChanged"),
             "new_signal");
        const bus::MessagePtr signal(raw);
        must(sd_bus_message_append(raw, "sss", name, name, ""), "append");
        if (destination != nullptr)
            must(sd_bus_message_set_destination(raw, destination), "set_destination");
        must(sd_bus_send(evil.get(), raw, nullptr), "send");
    }
    // An answer means that the service has seen everything its client sent before.
    EXPECT_TRUE(manager(evil, "List").ok());
    EXPECT_EQ(vanished_, 0);
    EXPECT_EQ(operations_.size(), 1U);
    ClientSink sink(kAlice);
    EXPECT_TRUE(operation(alice, path, "Commit", support::with_descriptor(sink.passed())).ok());
}

// Row A4, end to end: the real identity, the real message.
TEST_F(BusAttackTest, BobCannotTellAlicesTokenFromNone) {
    const std::string id = issue(kAlice).token.id.text();
    const std::string absent = TokenId::generate(random_).value().text();
    const bus::BusPtr bob = connect_as(kBob);
    for (const char* member : {"Show", "Delete"}) {
        const auto call = [&](const std::string& token) {
            return caller(bob).call(std::string(names::kTokenPrefix) + "/" + token,
                                    names::kTokenInterface, member);
        };
        EXPECT_EQ(call(id).error, patd_error(Errc::NotFound));
        EXPECT_EQ(call(id).error, call(absent).error);
        EXPECT_EQ(call(id).text, call(absent).text);
    }
    EXPECT_EQ(caller(bob)
                  .call(names::kManagerPath, names::kAdminInterface, "List",
                        [](sd_bus_message* m) { sd_bus_message_append(m, "u", kAlice.value()); })
                  .error,
              patd_error(Errc::AccessDenied));
}

// Root, monitoring the bus.
class Monitor {
  public:
    Monitor(const SystemBus& system, bus::EventLoop& loop) {
        sd_bus* raw = nullptr;
        must(sd_bus_new(&raw), "sd_bus_new");
        bus_.reset(raw);
        must(sd_bus_set_address(raw, system.address().c_str()), "sd_bus_set_address");
        must(sd_bus_set_bus_client(raw, 1), "sd_bus_set_bus_client");
        must(sd_bus_set_monitor(raw, 1), "sd_bus_set_monitor");
        must(sd_bus_negotiate_fds(raw, 1), "sd_bus_negotiate_fds");
        must(sd_bus_start(raw), "sd_bus_start");
        must(sd_bus_call_method(raw, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                "org.freedesktop.DBus.Monitoring", "BecomeMonitor", nullptr,
                                nullptr, "asu", 0, 0U),
             "BecomeMonitor");
        must(sd_bus_add_filter(raw, nullptr, on_message, this), "add_filter");
        must(sd_bus_attach_event(raw, loop.get(), 0), "sd_bus_attach_event");
    }

    // Everything that was in a message, as text.
    const std::string& seen() const { return seen_; }
    std::size_t stolen() const { return stolen_.size(); }
    int count_calls(const std::string& member) const {
        int count = 0;
        for (std::size_t at = seen_.find("Member=" + member); at != std::string::npos;
             at = seen_.find("Member=" + member, at + 1))
            ++count;
        return count;
    }
    // What can be read from the descriptors that passed by.
    std::string read_stolen() {
        std::string text;
        for (const UniqueFd& fd : stolen_) {
            char bytes[4096];
            const ssize_t got = ::recv(fd.get(), bytes, sizeof bytes, MSG_DONTWAIT);
            if (got > 0)
                text.append(bytes, static_cast<std::size_t>(got));
        }
        return text;
    }
    std::string& read_live() { return read_live_; }

  private:
    static int on_message(sd_bus_message* message, void* userdata, sd_bus_error*) {
        auto* monitor = static_cast<Monitor*>(userdata);
        char* text = nullptr;
        std::size_t size = 0;
        FILE* file = ::open_memstream(&text, &size);
        (void)sd_bus_message_dump(message, file, SD_BUS_MESSAGE_DUMP_WITH_HEADER);
        std::fclose(file);
        monitor->seen_.append(text, size);
        std::free(text);
        monitor->steal(message);
        return 1;
    }
    void steal(sd_bus_message* message) {
        must(sd_bus_message_rewind(message, 1), "rewind");
        const char* contents = nullptr;
        char type = 0;
        while (sd_bus_message_peek_type(message, &type, &contents) > 0) {
            int fd = -1;
            if (type != 'h' || sd_bus_message_read_basic(message, 'h', &fd) <= 0) {
                const std::string skipped = std::string(1, type) + (contents ? contents : "");
                if (sd_bus_message_skip(message, skipped.c_str()) < 0)
                    return;
                continue;
            }
            stolen_.emplace_back(::dup(fd));
            read_live_ += read_stolen();
        }
    }

    bus::BusPtr bus_;
    std::string seen_;
    std::string read_live_;
    std::vector<UniqueFd> stolen_;
};

// Each connection's uid is asked for once.
TEST_F(BusAttackTest, TheBusIsAskedOncePerConnection) {
    const Monitor monitor(system_, *loop_);
    const bus::BusPtr alice = connect_as(kAlice);
    const bus::BusPtr bob = connect_as(kBob);
    for (int i = 0; i < 5; ++i) {
        EXPECT_TRUE(manager(alice, "List").ok());
        EXPECT_TRUE(manager(bob, "List").ok());
    }
    ASSERT_TRUE(support::turn_until(*loop_, [&] { return monitor.count_calls("List") == 10; }));
    EXPECT_EQ(monitor.count_calls("GetConnectionCredentials"), 2);
}

// The writable memory of a process.
std::string memory_of(pid_t pid) {
    const std::string folder = "/proc/" + std::to_string(pid);
    std::ifstream maps(folder + "/maps");
    const UniqueFd memory(::open((folder + "/mem").c_str(), O_RDONLY | O_CLOEXEC));
    std::string all;
    for (std::string line; std::getline(maps, line);) {
        std::istringstream words(line);
        std::uint64_t begin = 0;
        std::uint64_t end = 0;
        char dash = 0;
        std::string modes;
        words >> std::hex >> begin >> dash >> end >> modes;
        if (!modes.starts_with("rw"))
            continue;
        std::string bytes(end - begin, '\0');
        const ssize_t got =
            ::pread(memory.get(), bytes.data(), bytes.size(), static_cast<off_t>(begin));
        if (got > 0)
            all.append(bytes, 0, static_cast<std::size_t>(got));
    }
    return all;
}

// Rows C8, M2: a token's whole life while root monitors the bus: no message and no descriptor
// reveals a secret, and the bus keeps none.
TEST_F(BusAttackTest, NeitherAMonitorNorTheBusLearnsASecret) {
    Monitor monitor(system_, *loop_);
    const bus::BusPtr alice = connect_as(kAlice);
    const std::string password = "correct-horse-battery";
    const std::string path = begin_create(alice, password);
    ClientSink sink(kAlice);
    ASSERT_TRUE(operation(alice, path, "Commit", support::with_descriptor(sink.passed())).ok());
    monitor.read_live() += monitor.read_stolen();
    const std::string secret = sink.receive(*loop_);
    ASSERT_TRUE(secret.starts_with("pat1_"));
    ASSERT_TRUE(operation(alice, path, "Acknowledge").ok());
    ASSERT_TRUE(
        support::turn_until(*loop_, [&] { return monitor.count_calls("Acknowledge") == 1; }));

    // It did see the calls and take the descriptors: two of Next, one of Commit.
    EXPECT_NE(monitor.seen().find("laptop"), std::string::npos);
    EXPECT_GE(monitor.stolen(), 3U);
    EXPECT_EQ(monitor.read_live() + monitor.read_stolen(), "");
    const std::string random_part = secret.substr(secret.rfind('_') + 1);
    for (const std::string& hidden : {password, secret, random_part})
        EXPECT_EQ(monitor.seen().find(hidden), std::string::npos);

    const std::string memory = memory_of(system_.pid());
    EXPECT_NE(memory.find(names::kBusName), std::string::npos);
    for (const std::string& hidden : {password, secret, random_part})
        EXPECT_EQ(memory.find(hidden), std::string::npos);
}

// Rows C8, M2: the same for many secrets that come in.
TEST_F(BusAttackTest, NeitherAMonitorNorTheBusLearnsWhatIsImported) {
    Monitor monitor(system_, *loop_);
    const bus::BusPtr alice = connect_as(kAlice);
    const std::string path = manager(alice, "ImportMany", [](sd_bus_message* message) {
                                 must(sd_bus_message_open_container(message, 'a', "a{sv}"), "open");
                                 for (const char* host : {"https://a.example", "https://b.example"})
                                     support::dict({{"description", std::string("from a file")},
                                                    {"targets", std::vector<std::string>{host}},
                                                    {"username", std::string("me")}})
                                         .append_to(message)
                                         .value();
                                 must(sd_bus_message_close_container(message), "close");
                             }).path();
    support::answer(support::read_prompt(operation(alice, path, "Next")).sink,
                    "ghp_first-hidden\nghp_second-hidden\n");
    prove(alice, path, "correct-horse-battery");
    const ClientSink sink(kAlice);
    ASSERT_TRUE(operation(alice, path, "Commit", support::with_descriptor(sink.passed())).ok());
    EXPECT_EQ(store_->count(kAlice).value(), 2U);
    ASSERT_TRUE(support::turn_until(*loop_, [&] { return monitor.count_calls("Commit") == 1; }));
    EXPECT_NE(monitor.seen().find("from a file"), std::string::npos);
    EXPECT_EQ(monitor.read_live() + monitor.read_stolen(), "");
    EXPECT_EQ(monitor.seen().find("hidden"), std::string::npos);
    EXPECT_EQ(memory_of(system_.pid()).find("-hidden\n"), std::string::npos);
}

}  // namespace
}  // namespace patd
