// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/keyring/write_out.h"

#include "common/base/names.h"
#include "tests/support/desktop.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <mutex>
#include <thread>

namespace patd::keyring::test {
namespace {

using support::must;

// Plays org.kde.KWallet, and records what it is asked. For the real one see tests/keyrings.
class FakeWallet {
  public:
    FakeWallet(const support::SessionBus& daemon, const char* name, int handle)
        : handle_(handle), bus_(daemon.connect()) {
        must(sd_bus_add_filter(bus_.get(), nullptr, on_message, this), "sd_bus_add_filter");
        must(sd_bus_request_name(bus_.get(), name, 0), "sd_bus_request_name");
        // The newest one is the keyring.
        must(sd_bus_request_name(bus_.get(), names::kSecretService,
                                 SD_BUS_NAME_REPLACE_EXISTING | SD_BUS_NAME_ALLOW_REPLACEMENT),
             "sd_bus_request_name");
        const char* unique = nullptr;
        must(sd_bus_get_unique_name(bus_.get(), &unique), "sd_bus_get_unique_name");
        owner_ = unique;
        thread_ = std::thread([this] {
            while (!stopping_) {
                while (sd_bus_process(bus_.get(), nullptr) > 0) {
                }
                (void)sd_bus_wait(bus_.get(), 20'000);
            }
        });
    }
    ~FakeWallet() {
        stopping_ = true;
        thread_.join();
    }
    FakeWallet(const FakeWallet&) = delete;
    FakeWallet& operator=(const FakeWallet&) = delete;

    const std::string& owner() const { return owner_; }
    std::string calls() {
        const std::lock_guard lock(mutex_);
        return calls_;
    }

  private:
    static int on_message(sd_bus_message* message, void* self, sd_bus_error*) {
        std::uint8_t type = 0;
        (void)sd_bus_message_get_type(message, &type);
        if (type != SD_BUS_MESSAGE_METHOD_CALL)
            return 0;
        return static_cast<FakeWallet*>(self)->answer(message);
    }
    int answer(sd_bus_message* call) {
        const std::string member = sd_bus_message_get_member(call);
        {
            const std::lock_guard lock(mutex_);
            calls_ += (calls_.empty() ? "" : " ") + member;
        }
        if (handle_ == 0)
            return 0;  // it has no such method
        if (member == "sync")
            return 1;
        return sd_bus_reply_method_return(call, "i", member == "open" ? handle_ : 1) < 0 ? -1 : 1;
    }

    const int handle_;
    std::atomic<bool> stopping_{false};
    std::mutex mutex_;
    std::string calls_;
    std::string owner_;
    bus::BusPtr bus_;
    std::thread thread_;
};

Result<Written> try_write_out_to(const std::string& owner) {
    GlibLoop loop;
    return loop.run([&] {
        loop.set_deadline(GlibLoop::SteadyClock::now() + std::chrono::seconds(10));
        SessionBus bus(loop);
        bus.connect().value();
        return write_out(bus, owner, "kdewallet");
    });
}

Written write_out_to(const std::string& owner) {
    return try_write_out_to(owner).value();
}

TEST(WriteOut, KWalletIsAskedToWriteAndWaitedFor) {
    const support::SessionBus daemon;
    for (const char* name : {"org.kde.kwalletd5", "org.kde.kwalletd6"}) {
        FakeWallet wallet(daemon, name, 7);
        EXPECT_EQ(write_out_to(wallet.owner()), Written::Now);
        EXPECT_EQ(wallet.calls(), "open sync close");
    }
}

TEST(WriteOut, IsLaterWhereKWalletCannotBeAsked) {
    const support::SessionBus daemon;
    FakeWallet without_methods(daemon, "org.kde.ksecretd", 0);
    EXPECT_EQ(write_out_to(without_methods.owner()), Written::Later);
    FakeWallet refuses(daemon, "org.kde.kwalletd6", -1);
    EXPECT_EQ(write_out_to(refuses.owner()), Written::Later);
    EXPECT_EQ(refuses.calls(), "open");
}

TEST(WriteOut, OfGnomeKeyringNothingIsAsked) {
    const support::SessionBus daemon;
    FakeWallet keyring(daemon, "org.gnome.keyring", 7);
    EXPECT_EQ(write_out_to(keyring.owner()), Written::Now);
    EXPECT_EQ(keyring.calls(), "");
}

// Next to another keyring it may run and hold nothing of patd's.
TEST(WriteOut, KWalletIsNotAskedWhereItIsNotTheKeyring) {
    const support::SessionBus daemon;
    FakeWallet wallet(daemon, "org.kde.kwalletd5", 7);
    const FakeWallet keyring(daemon, "org.example.Keyring", 0);
    EXPECT_EQ(write_out_to(keyring.owner()), Written::Later);
    EXPECT_EQ(wallet.calls(), "");
}

TEST(WriteOut, AKeyringThatIsGoneHasWrittenNothing) {
    const support::SessionBus daemon;
    const FakeWallet started_anew(daemon, "org.kde.kwalletd5", 7);
    EXPECT_EQ(try_write_out_to(":1.99999").error().code, Errc::KeyringFailed);
}

}  // namespace
}  // namespace patd::keyring::test
