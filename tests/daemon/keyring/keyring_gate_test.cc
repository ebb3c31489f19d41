// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/keyring/keyring_gate.h"

#include "common/base/limits.h"
#include "tests/daemon/store/store_fixture.h"
#include "tests/support/hostile_keyring.h"
#include "tests/support/read_store.h"

#include <functional>
#include <optional>

namespace patd::keyring::test {
namespace {

using store::test::kAlice;
using store::test::secret_of;
using support::Desktop;
using support::HostileKeyring;
using Behaviour = HostileKeyring::Behaviour;

// The gate and the store of a patd-user, without the rest of it.
class Served {
  public:
    using Prepare = std::function<Result<void>(store::TokenStore&)>;
    explicit Served(Prepare prepare = {}) {
        gate_.attach({*loop_, writer_, store_, random_, directory_.path(), std::move(prepare)});
    }
    ~Served() { gate_.detach(); }

    // The store's answer once the gate lets a request pass.
    Result<void> ask() {
        bool passed = false;
        gate_.when_open([&] { passed = true; });
        until([&] { return passed; });
        return store_.is_open();
    }
    void until(const std::function<bool()>& done) {
        while (!done())
            loop_->run_once(std::chrono::milliseconds(100));
    }
    // On the writer, as the service does.
    Result<void> insert(const Token& token, std::string_view secret) {
        std::optional<Result<void>> outcome;
        bus::run(
            writer_, [&] { return store_.insert(token, secret_of(secret)); },
            [&](const Result<void>& inserted) { outcome = inserted; });
        until([&] { return outcome.has_value(); });
        return *outcome;
    }
    store::TokenStore& store() { return store_; }

  private:
    std::unique_ptr<bus::EventLoop> loop_ = bus::EventLoop::create().value();
    support::TemporaryDirectory directory_;
    SystemRandom random_;
    store::TokenStore store_{Errc::Unavailable};
    KeyringGate gate_{SecretServiceKeyring::create().value()};
    bus::WorkerThread writer_{*loop_};
};

TEST(KeyringGate, OpensTheStoreOfAnUnlockedKeyring) {
    const Desktop desktop;
    Served served;
    served.ask().value();
    const Token token = store::test::make_token(kAlice, TokenKind::Imported);
    served.insert(token, "forge secret").value();
    EXPECT_EQ(store::test::text_of(open_secret(served.store(), token.id).value().reveal()),
              "forge secret");
}

// Some facts about a store must be known before it answers, such as the clock's mark.
TEST(KeyringGate, AStoreIsPreparedBeforeAnybodyMayAskIt) {
    const Desktop desktop;
    std::atomic<int> prepared{0};
    std::atomic<bool> may_open{false};
    Served served([&](store::TokenStore& opened) -> Result<void> {
        ++prepared;
        TRY(opened.is_open());
        return may_open ? Result<void>() : Error{Errc::Corrupt, "not yet"};
    });
    EXPECT_EQ(served.ask().error().code, Errc::Corrupt);
    EXPECT_EQ(served.insert(store::test::make_token(kAlice, TokenKind::Imported), "x").error().code,
              Errc::Corrupt);
    may_open = true;
    const int before = prepared;
    served.ask().value();
    EXPECT_EQ(prepared, before + 1);
}

// Row S14
TEST(KeyringGate, S14_ALockClosesTheStoreAndAnUnlockOpensItAgain) {
    Desktop desktop;
    Served served;
    served.ask().value();
    const Token token = store::test::make_token(kAlice, TokenKind::Imported);
    served.insert(token, "forge secret").value();
    for (int round = 0; round < 3; ++round) {
        desktop.lock();
        served.until([&] { return !served.store().is_open(); });
        EXPECT_EQ(open_secret(served.store(), token.id).error().code, Errc::StoreLocked);
        EXPECT_EQ(served.insert(token, "x").error().code, Errc::StoreLocked);
        desktop.unlock();
        // Without any request.
        served.until([&] { return served.store().is_open().has_value(); });
        EXPECT_EQ(store::test::text_of(open_secret(served.store(), token.id).value().reveal()),
                  "forge secret");
    }
}

// Row S14
TEST(KeyringGate, S14_ARestartedKeyringIsFoundAgain) {
    Desktop desktop;
    Served served;
    served.ask().value();
    const Token token = store::test::make_token(kAlice, TokenKind::Imported);
    served.insert(token, "forge secret").value();
    desktop.kill();
    served.until([&] { return !served.store().is_open(); });
    EXPECT_EQ(served.ask().error().code, Errc::NoKeyring);
    desktop.start();
    // Without any request.
    served.until([&] { return served.store().is_open().has_value(); });
    EXPECT_EQ(store::test::text_of(open_secret(served.store(), token.id).value().reveal()),
              "forge secret");
}

// Row S14: the answer comes while the keyring still says nothing, and the loop keeps turning.
TEST(KeyringGate, S14_AKeyringThatNeverAnswersBlocksNobody) {
    const support::SessionBus bus;
    const HostileKeyring hostile(bus, Behaviour::NeverAnswers);
    Served served;
    const auto before = std::chrono::steady_clock::now();
    EXPECT_EQ(served.ask().error().code, Errc::Unavailable);
    EXPECT_LT(std::chrono::steady_clock::now() - before,
              limits::kKeyringWait + std::chrono::seconds(2));
}

// Row S14: nobody dismissed it, so the next request may prompt again.
TEST(KeyringGate, S14_APromptThatWentWithItsKeyringMayBePutUpByTheNext) {
    const support::SessionBus bus;
    std::optional<HostileKeyring> first(std::in_place, bus, Behaviour::PromptDies);
    Served served;
    EXPECT_FALSE(served.ask());
    EXPECT_TRUE(first->prompted());
    first.reset();
    EXPECT_EQ(served.ask().error().code, Errc::NoKeyring);
    const HostileKeyring second(bus, Behaviour::PromptIsDismissed);
    // A check that began before the second one was there may still answer.
    Result<void> asked = served.ask();
    while (asked.error().code == Errc::NoKeyring)
        asked = served.ask();
    EXPECT_EQ(asked.error().code, Errc::StoreLocked);
    EXPECT_TRUE(second.prompted());
}

TEST(KeyringGate, AKeyringThatAsksForItsItemsAsksWhenSomebodyWantsThem) {
    const support::SessionBus bus;
    const HostileKeyring refuses(bus, Behaviour::RefusesItems);
    Served served;
    EXPECT_EQ(served.ask().error().code, Errc::KeyringAsks);
    EXPECT_EQ(served.ask().error().code, Errc::KeyringAsks);
    EXPECT_EQ(refuses.prompts(), 1);
}

// Row S14
TEST(KeyringGate, S14_ADismissedPromptIsNotPutUpAgainAtOnce) {
    const support::SessionBus bus;
    const HostileKeyring hostile(bus, Behaviour::PromptIsDismissed);
    Served served;
    EXPECT_EQ(served.ask().error().code, Errc::StoreLocked);
    EXPECT_TRUE(hostile.prompted());
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(served.ask().error().code, Errc::StoreLocked);
    EXPECT_EQ(hostile.prompts(), 1);
}

}  // namespace
}  // namespace patd::keyring::test
