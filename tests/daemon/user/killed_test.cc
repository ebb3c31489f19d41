// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/clock.h"
#include "common/base/random.h"
#include "daemon/keyring/secret_service.h"
#include "daemon/store/keyring_store.h"
#include "tests/support/desktop.h"
#include "tests/support/read_store.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

namespace patd::user {
namespace {

using keyring::SecretServiceKeyring;
using store::ItemKind;
using support::Child;
using support::Desktop;
using support::must;

// Sees every message of the session bus, and ends a process at the chosen one.
class Killer {
  public:
    explicit Killer(const support::SessionBus& session) {
        sd_bus* raw = nullptr;
        must(sd_bus_new(&raw), "sd_bus_new");
        bus_.reset(raw);
        must(sd_bus_set_address(raw, session.address().c_str()), "sd_bus_set_address");
        must(sd_bus_set_bus_client(raw, 1), "sd_bus_set_bus_client");
        must(sd_bus_set_monitor(raw, 1), "sd_bus_set_monitor");
        must(sd_bus_start(raw), "sd_bus_start");
        must(sd_bus_call_method(raw, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                "org.freedesktop.DBus.Monitoring", "BecomeMonitor", nullptr,
                                nullptr, "asu", 0, 0U),
             "BecomeMonitor");
        thread_ = std::thread([this] { watch(); });
    }
    ~Killer() {
        stopping_ = true;
        thread_.join();
    }
    Killer(const Killer&) = delete;
    Killer& operator=(const Killer&) = delete;

    // Ends `pid` when `messages` more have gone over the bus.
    void arm(pid_t pid, int messages) {
        const std::lock_guard lock(mutex_);
        victim_.reset(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
        must(victim_.get(), "pidfd_open");
        left_ = messages;
    }
    // Afterwards it ends nobody; whether it had its turn.
    bool disarm() {
        const std::lock_guard lock(mutex_);
        return std::exchange(left_, 0) == 0;
    }

  private:
    void watch() {
        while (!stopping_) {
            sd_bus_message* raw = nullptr;
            const int got = sd_bus_process(bus_.get(), &raw);
            const bus::MessagePtr message(raw);
            if (message)
                count();
            if (got <= 0)
                (void)sd_bus_wait(bus_.get(), 5'000);
        }
    }

    void count() {
        const std::lock_guard lock(mutex_);
        if (left_ > 0 && --left_ == 0)
            (void)::syscall(SYS_pidfd_send_signal, victim_.get(), SIGKILL, nullptr, 0);
    }

    bus::BusPtr bus_;
    std::mutex mutex_;
    UniqueFd victim_;
    int left_ = 0;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

// patd-user on a real keyring, what it acknowledged, and what it was asked last without an answer.
class KilledTest : public ::testing::Test {
  protected:
    void start() {
        patd_ = Child({PATD_USER, "--state-dir=" + state_, "--socket=" + socket_,
                       "--bus-address=none", "--config-root=" + desktop_.bus().file("root")},
                      "", -1);
    }
    // Empty: it went before it answered.
    std::string ask(const std::string& request) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        socket_.copy(address.sun_path, sizeof address.sun_path - 1);
        UniqueFd client;
        for (int i = 0; i < 5000 && !client; ++i) {
            client.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
            if (::connect(client.get(), reinterpret_cast<const sockaddr*>(&address),
                          sizeof address) == 0)
                break;
            client.reset();
            siginfo_t ended{};
            (void)::waitid(P_PID, static_cast<id_t>(patd_.pid()), &ended,
                           WEXITED | WNOHANG | WNOWAIT);
            if (ended.si_pid != 0)
                return "";
            ::poll(nullptr, 0, 1);
        }
        if (!client || ::send(client.get(), request.data(), request.size(), MSG_NOSIGNAL) < 0)
            return "";
        ::shutdown(client.get(), SHUT_WR);
        std::string reply;
        char byte = 0;
        while (::recv(client.get(), &byte, 1, 0) == 1)
            reply += byte;
        return reply;
    }
    static std::string about(const std::string& verb, const std::string& name) {
        return "patd=1\nop=" + verb + "\nprotocol=https\nhost=forge.example\nusername=" + name +
               "\n";
    }
    // Whether it was acknowledged.
    bool keep(const std::string& name, const std::string& secret) {
        begun_.emplace(name, secret);
        if (ask(about("store", name) + "password=" + secret + "\n\n") != "\n")
            return false;
        begun_.reset();
        kept_[name] = secret;
        return true;
    }
    std::string released(const std::string& name) { return ask(about("get", name) + "\n"); }
    static std::string answer(const std::string& name, const std::string& secret) {
        return "username=" + name + "\npassword=" + secret + "\n\n";
    }
    // What was acknowledged is there; what was not is there as before or as it was to be.
    void expect_nothing_lost() {
        for (int i = 0; i < kNames; ++i) {
            const std::string name = "user" + std::to_string(i);
            const std::string reply = released(name);
            if (begun_ && begun_->first == name && reply == answer(name, begun_->second))
                kept_[name] = begun_->second;
            const auto known = kept_.find(name);
            EXPECT_EQ(reply, known == kept_.end() ? "\n" : answer(name, known->second));
        }
        begun_.reset();
    }
    // With patd-user ended: each token has one secret, and without tokens nothing is left.
    void expect_no_orphans() {
        patd_.end(SIGTERM);
        const auto keyring = SecretServiceKeyring::create().value();
        keyring->open(SecretServiceKeyring::Prompt::Never).value();
        SystemRandom random;
        const auto store = store::open_keyring_store(state_, *keyring, random).value();
        const Uid owner(::getuid());
        const auto listed = list_tokens(*store, owner).value();
        EXPECT_EQ(listed.size(), kept_.size());
        for (const store::ListedToken& token : listed)
            store->remove(token.token.id, owner, SystemClock().now()).value();
        EXPECT_EQ(keyring->read(ItemKind::Bundle).value().size(), 0U);
        EXPECT_EQ(keyring->read(ItemKind::Key).value().size(), 1U);
    }

    static constexpr int kNames = 3;
    Desktop desktop_;
    std::string state_ = desktop_.bus().file("state");
    std::string socket_ = desktop_.bus().file("socket");
    Killer killer_{desktop_.bus()};
    std::map<std::string, std::string> kept_;
    std::optional<std::pair<std::string, std::string>> begun_;
    Child patd_;
};

// Row S8: at message after message of a start and of what follows.
TEST_F(KilledTest, S8_AtAnyMessageLosesNothingAcknowledgedAndLeavesNoOrphan) {
    int survived = 0;
    for (int round = 1; survived < 2 && round < 300; round += 3) {
        start();
        killer_.arm(patd_.pid(), round);
        for (int i = 0; i < kNames; ++i) {
            if (!keep("user" + std::to_string(i), "s" + std::to_string(round * kNames + i)))
                break;
        }
        survived += killer_.disarm() ? 0 : 1;
        patd_.end(SIGKILL);
        start();
        expect_nothing_lost();
        patd_.end(SIGKILL);
    }
    EXPECT_EQ(survived, 2) << "the rounds do not reach the end";
    EXPECT_EQ(kept_.size(), std::size_t{kNames});
    start();
    expect_nothing_lost();
    expect_no_orphans();
}

// Row S14: the keyring goes, between writes and in the middle of one, and comes back unlocked.
// The write that was cut off is refused (Unavailable), though the keyring may have done it already;
// every write after the keyring's return is acknowledged.
TEST_F(KilledTest, S14_AKeyringThatDiesLosesNothingAcknowledgedAndLeavesNoOrphan) {
    start();
    ASSERT_TRUE(keep("user0", "first"));
    for (int round = 1; round < 16; ++round) {
        killer_.arm(desktop_.keyring_pid(), round);
        for (int i = 0; i < kNames; ++i) {
            if (!keep("user" + std::to_string(i), "k" + std::to_string(round * kNames + i)))
                break;
        }
        (void)killer_.disarm();
        desktop_.kill();
        desktop_.start();
        expect_nothing_lost();
        for (int i = 0; i < kNames; ++i)
            EXPECT_TRUE(keep("user" + std::to_string(i), "r" + std::to_string(round * kNames + i)))
                << "round " << round << ", name " << i;
    }
    expect_no_orphans();
}

}  // namespace
}  // namespace patd::user
