// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/clock.h"
#include "common/base/random.h"
#include "daemon/keyring/secret_service.h"
#include "daemon/store/keyring/keyring_store.h"
#include "tests/support/keyring_provider.h"
#include "tests/support/read_store.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <iostream>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace patd::user {
namespace {

using keyring::SecretServiceKeyring;
using store::ItemKind;
using support::Child;
using support::KeyringProvider;
using support::must;

// Sees every message on the session bus, and ends a process at the chosen one.
class Killer {
  public:
    Killer() {
        sd_bus* raw = nullptr;
        must(sd_bus_new(&raw), "sd_bus_new");
        bus_.reset(raw);
        must(sd_bus_set_address(raw, ::getenv("DBUS_SESSION_BUS_ADDRESS")), "sd_bus_set_address");
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

    // Sends `pid` the signal after `messages` more messages on the bus.
    void arm(pid_t pid, int signal, int messages) {
        const std::lock_guard lock(mutex_);
        victim_.reset(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
        must(victim_.get(), "pidfd_open");
        signal_ = signal;
        left_ = messages;
    }
    int left() {
        const std::lock_guard lock(mutex_);
        return left_;
    }
    // After this it ends nobody. Returns how many messages were left.
    int disarm() {
        const std::lock_guard lock(mutex_);
        return std::exchange(left_, 0);
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
            (void)::syscall(SYS_pidfd_send_signal, victim_.get(), signal_, nullptr, 0);
    }

    bus::BusPtr bus_;
    std::mutex mutex_;
    UniqueFd victim_;
    int signal_ = 0;
    int left_ = 0;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

// patd-user on a real keyring, what it acknowledged, and its last request without an answer.
class KilledTest : public ::testing::Test {
  protected:
    void start() {
        patd_ = Child({PATD_USER, "--state-dir=" + state_, "--socket=" + socket_,
                       "--bus-address=none", "--config-root=" + keyring_.file("root")},
                      "", -1);
    }
    // Empty: it ended before it answered.
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
    // What was acknowledged exists; what was not is as it was before or as it should become.
    void expect_nothing_lost(const std::string& when) {
        for (int i = 0; i < kNames; ++i) {
            const std::string name = "user" + std::to_string(i);
            const std::string reply = released(name);
            if (begun_ && begun_->first == name && reply == answer(name, begun_->second))
                kept_[name] = begun_->second;
            const auto known = kept_.find(name);
            EXPECT_EQ(reply, known == kept_.end() ? "\n" : answer(name, known->second)) << when;
        }
        begun_.reset();
    }
    // With patd-user ended: each token has one secret, and without tokens nothing is left.
    void expect_no_orphans() {
        patd_.end(SIGTERM);
        const auto keyring = SecretServiceKeyring::create().value();
        keyring->open(SecretServiceKeyring::Prompt::Allowed).value();
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

    // Keeps three; false: not all of them.
    bool keep_all(const std::string& round) {
        for (int i = 0; i < kNames; ++i) {
            if (!keep("user" + std::to_string(i), round + std::to_string(i)))
                return false;
        }
        return true;
    }
    // Not every round has as many messages; the moment comes in one of them.
    void keep_until(int moment) {
        for (int i = 0; i < kNames && killer_.left() > 0; ++i)
            (void)keep_all("at" + std::to_string(moment) + "of" + std::to_string(i));
        EXPECT_EQ(killer_.disarm(), 0) << "message " << moment << " did not come";
    }
    // The messages of `run` at which to end something: all of them for gnome-keyring, which starts
    // at once, twenty for the others.
    std::vector<int> moments(pid_t pid, const std::function<void()>& run) {
        constexpr int kMany = 1'000'000;
        killer_.arm(pid, 0, kMany);
        run();
        const int messages = kMany - killer_.disarm();
        const int count = keyring_.name() == "gnome-keyring" ? messages : kMoments;
        std::vector<int> chosen;
        for (int i = 1; i <= count; ++i)
            chosen.push_back(messages * i / count);
        std::cout << keyring_.name() << ": " << count << " of " << messages << " messages\n";
        return chosen;
    }
    void end_patd_user_at_each_message(int signal);
    void end_the_keyring_at_each_message(int signal);

    static constexpr int kNames = 3;
    static constexpr int kMoments = 20;
    KeyringProvider keyring_;
    std::string state_ = keyring_.file("state");
    std::string socket_ = keyring_.file("socket");
    Killer killer_;
    std::map<std::string, std::string> kept_;
    std::optional<std::pair<std::string, std::string>> begun_;
    Child patd_;
};

// At each message of a start and of what follows.
void KilledTest::end_patd_user_at_each_message(int signal) {
    start();
    EXPECT_TRUE(keep_all("first"));
    patd_.end(SIGKILL);
    start();
    const std::vector<int> chosen = moments(patd_.pid(), [this] { EXPECT_TRUE(keep_all("next")); });
    for (const int moment : chosen) {
        if (HasFailure())
            return;
        patd_.end(SIGKILL);
        start();
        killer_.arm(patd_.pid(), signal, moment);
        keep_until(moment);
        patd_.end(SIGKILL);
        start();
        expect_nothing_lost("patd-user ended at message " + std::to_string(moment));
    }
    EXPECT_TRUE(keep_all("last"));
    expect_nothing_lost("at the end");
    expect_no_orphans();
}

// Between writes and in the middle of one; then it comes back unlocked. The interrupted write is
// refused (Unavailable), though the keyring may already have made it; every write after the
// keyring's return is acknowledged.
void KilledTest::end_the_keyring_at_each_message(int signal) {
    start();
    ASSERT_TRUE(keep_all("first"));
    const std::vector<int> chosen =
        moments(keyring_.pid(), [this] { EXPECT_TRUE(keep_all("next")); });
    for (const int moment : chosen) {
        if (HasFailure())
            return;
        const std::string when = "the keyring ended at message " + std::to_string(moment);
        killer_.arm(keyring_.pid(), signal, moment);
        keep_until(moment);
        keyring_.tell("kill");
        keyring_.tell("start");
        expect_nothing_lost(when);
        EXPECT_TRUE(keep_all("after" + std::to_string(moment) + "of")) << when;
    }
    expect_no_orphans();
}

// Row S8
TEST_F(KilledTest, S8_AtAnyMessageLosesNothingAcknowledgedAndLeavesNoOrphan) {
    end_patd_user_at_each_message(SIGKILL);
}

TEST_F(KilledTest, AStopAtAnyMessageLosesNothingAcknowledgedAndLeavesNoOrphan) {
    end_patd_user_at_each_message(SIGTERM);
}

// Row S14
TEST_F(KilledTest, S14_AKeyringThatDiesLosesNothingAcknowledgedAndLeavesNoOrphan) {
    end_the_keyring_at_each_message(SIGKILL);
}

TEST_F(KilledTest, AKeyringThatIsStoppedLosesNothingAcknowledgedAndLeavesNoOrphan) {
    end_the_keyring_at_each_message(SIGTERM);
}

}  // namespace
}  // namespace patd::user
