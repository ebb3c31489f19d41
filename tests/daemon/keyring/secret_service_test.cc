// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/keyring/secret_service.h"

#include "common/base/limits.h"
#include "tests/support/as_uid.h"
#include "tests/support/hostile_keyring.h"
#include "tests/support/keyring_items.h"
#include "tests/support/process.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>

namespace patd::keyring::test {
namespace {

using store::ItemKind;
using support::buffer_of;
using support::Desktop;
using support::HostileKeyring;
using support::must;
using support::texts_of;
using Behaviour = HostileKeyring::Behaviour;
using Prompt = SecretServiceKeyring::Prompt;

std::unique_ptr<SecretServiceKeyring> make() {
    return SecretServiceKeyring::create().value();
}

// Row S15: what another program of the same user sees besides the content.
TEST(SecretServiceKeyring, S15_AttributesHoldAnIdAndNothingElse) {
    const Desktop desktop;
    const auto keyring = make();
    keyring->open(Prompt::Never).value();
    keyring->write(ItemKind::Bundle, "0123456789", buffer_of("sealed")).value();
    support::ProcessOptions options;
    options.arguments = {"/usr/bin/secret-tool",   "search", "--all", "--unlock", "xdg:schema",
                         "org.patd.Tokens1.Bundle"};
    options.environment = {"DBUS_SESSION_BUS_ADDRESS=" + desktop.bus().address()};
    const support::ProcessResult shown = support::run_process(options);
    const std::string all = shown.output + shown.errors;
    EXPECT_NE(all.find("secret = sealed"), std::string::npos) << all;
    EXPECT_NE(all.find("attribute.id = 0123456789"), std::string::npos) << all;
    std::size_t attributes = 0;
    for (std::size_t at = all.find("attribute."); at != std::string::npos;
         at = all.find("attribute.", at + 1))
        ++attributes;
    EXPECT_EQ(attributes, 1U) << all;
}

TEST(SecretServiceKeyring, ALockedKeyringIsStoreLockedUntilItIsUnlocked) {
    Desktop desktop;
    const auto keyring = make();
    keyring->open(Prompt::Never).value();
    keyring->write(ItemKind::Key, "key", buffer_of("the key")).value();
    keyring->check().value();
    desktop.lock();
    EXPECT_EQ(keyring->check().error().code, Errc::StoreLocked);
    EXPECT_EQ(keyring->open(Prompt::Never).error().code, Errc::StoreLocked);
    EXPECT_EQ(keyring->read(ItemKind::Key).error().code, Errc::StoreLocked);
    EXPECT_FALSE(keyring->write(ItemKind::Key, "key", buffer_of("another")));
    desktop.unlock();
    keyring->open(Prompt::Never).value();
    EXPECT_EQ(texts_of(keyring->read(ItemKind::Key).value()).at("key"), "the key");
}

TEST(SecretServiceKeyring, SaysThatSomethingChangedWhenItIsLocked) {
    Desktop desktop;
    const auto keyring = make();
    keyring->open(Prompt::Never).value();
    std::uint64_t count = 0;
    (void)!::read(keyring->changes(), &count, sizeof count);
    desktop.lock();
    pollfd changes{keyring->changes(), POLLIN, 0};
    EXPECT_EQ(::poll(&changes, 1, 10'000), 1);
}

TEST(SecretServiceKeyring, AKeyringThatCrashedIsFoundAgainWhenItIsBack) {
    Desktop desktop;
    const auto keyring = make();
    keyring->open(Prompt::Never).value();
    keyring->write(ItemKind::Key, "key", buffer_of("the key")).value();
    desktop.kill();
    EXPECT_EQ(keyring->check().error().code, Errc::NoKeyring);
    EXPECT_EQ(keyring->read(ItemKind::Key).error().code, Errc::NoKeyring);
    EXPECT_EQ(keyring->open(Prompt::Never).error().code, Errc::NoKeyring);
    desktop.start();
    keyring->open(Prompt::Never).value();
    EXPECT_EQ(texts_of(keyring->read(ItemKind::Key).value()).at("key"), "the key");
}

// Row S14
TEST(SecretServiceKeyring, S14_WithoutAKeyringThereIsNone) {
    const support::SessionBus bus;
    EXPECT_EQ(make()->open(Prompt::Allowed).error().code, Errc::NoKeyring);
}

// A keyring that the bus would start keeps the name from the one that the user means to start.
TEST(SecretServiceKeyring, NoKeyringIsStartedNotEvenWhereItsUserMayBeAsked) {
    const support::SessionBus bus;
    std::ofstream(bus.file("services/org.freedesktop.secrets.service"))
        << "[D-BUS Service]\nName=org.freedesktop.secrets\nExec=/bin/sh -c 'touch "
        << bus.file("started") << "; exit 1'\n";
    must(sd_bus_call_method(bus.connect().get(), "org.freedesktop.DBus", "/org/freedesktop/DBus",
                            "org.freedesktop.DBus", "ReloadConfig", nullptr, nullptr, ""),
         "ReloadConfig");
    const auto keyring = make();
    EXPECT_EQ(keyring->open(Prompt::Never).error().code, Errc::NoKeyring);
    EXPECT_EQ(keyring->open(Prompt::Allowed).error().code, Errc::NoKeyring);
    EXPECT_FALSE(std::filesystem::exists(bus.file("started")));
    // It could have been started.
    (void)sd_bus_call_method(bus.connect().get(), "org.freedesktop.DBus", "/org/freedesktop/DBus",
                             "org.freedesktop.DBus", "StartServiceByName", nullptr, nullptr, "su",
                             "org.freedesktop.secrets", 0);
    EXPECT_TRUE(std::filesystem::exists(bus.file("started")));
}

// Even if it appears after the search for it.
TEST(SecretServiceKeyring, SaysThatSomethingChangedWhenAKeyringAppears) {
    const support::SessionBus bus;
    const auto keyring = make();
    EXPECT_EQ(keyring->open(Prompt::Never).error().code, Errc::NoKeyring);
    const HostileKeyring appears(bus, Behaviour::NoDefault);
    pollfd changes{keyring->changes(), POLLIN, 0};
    EXPECT_EQ(::poll(&changes, 1, 10'000), 1);
    EXPECT_EQ(keyring->open(Prompt::Never).error().code, Errc::NoDefaultKeyring);
}

// One session in a hundred with KWallet.
TEST(SecretServiceKeyring, ASessionInWhichNothingDecodesIsMadeAnewOnce) {
    const support::SessionBus bus;
    const HostileKeyring hostile(bus, Behaviour::TwoKeys);
    const auto keyring = make();
    keyring->open(Prompt::Never).value();
    EXPECT_EQ(hostile.sessions(), 1);
    EXPECT_EQ(keyring->read(ItemKind::Key).error().code, Errc::KeyringFailed);
    EXPECT_EQ(hostile.sessions(), 2);
}

// And in one in 256 of these, its padding comes out right.
TEST(SecretServiceKeyring, ASessionInWhichASecretDecodesByChanceIsMadeAnewEachTime) {
    const support::SessionBus bus;
    const HostileKeyring hostile(bus, Behaviour::DecodesByChance);
    const auto keyring = make();
    keyring->open(Prompt::Never).value();
    for (const int sessions : {2, 3}) {
        EXPECT_EQ(keyring->read(ItemKind::Key).error().code, Errc::KeyringFailed);
        EXPECT_EQ(hostile.sessions(), sessions);
    }
}

TEST(SecretServiceKeyring, ASessionBusThatIsStartedAnewIsFoundAgain) {
    std::optional<support::SessionBus> bus(std::in_place);
    const auto keyring = make();
    {
        const HostileKeyring first(*bus, Behaviour::LostSecrets);
        keyring->open(Prompt::Never).value();
        bus.reset();
        EXPECT_EQ(keyring->open(Prompt::Never).error().code, Errc::NoKeyring);
    }
    bus.emplace();
    const HostileKeyring second(*bus, Behaviour::NoDefault);
    EXPECT_EQ(keyring->open(Prompt::Never).error().code, Errc::NoDefaultKeyring);
}

// libsecret 0.20.5 follows a null pointer there if it listens.
TEST(SecretServiceKeyring, ASignalBeforeItsTimeHurtsNobody) {
    const support::SessionBus bus;
    const HostileKeyring hostile(bus, Behaviour::SignalsEarly);
    const auto keyring = make();
    keyring->open(Prompt::Never).value();
    EXPECT_TRUE(keyring->read(ItemKind::Key).value().empty());
}

// Row S14
TEST(SecretServiceKeyring, S14_AKeyringThatNeverAnswersCostsTheDeadlineAndNoMore) {
    const support::SessionBus bus;
    const HostileKeyring hostile(bus, Behaviour::NeverAnswers);
    const auto keyring = make();
    const auto before = std::chrono::steady_clock::now();
    EXPECT_EQ(keyring->open(Prompt::Allowed).error().code, Errc::KeyringFailed);
    EXPECT_LT(std::chrono::steady_clock::now() - before,
              limits::kKeyringDeadline + std::chrono::seconds(3));
    EXPECT_EQ(hostile.secrets_seen(), 0);
}

// Row S14
TEST(SecretServiceKeyring, S14_ASessionWithoutEncryptionIsRefusedBeforeAnythingIsSent) {
    for (const Behaviour behaviour : {Behaviour::PlainOnly, Behaviour::NoCiphers}) {
        const support::SessionBus bus;
        const HostileKeyring hostile(bus, behaviour);
        const auto keyring = make();
        EXPECT_EQ(keyring->open(Prompt::Allowed).error().code, Errc::KeyringUnencrypted);
        EXPECT_FALSE(keyring->write(ItemKind::Key, "key", buffer_of("the key")));
        EXPECT_EQ(hostile.secrets_seen(), 0);
    }
}

// KWallet refuses a public key that begins with a zero, with the words for "cannot encrypt".
TEST(SecretServiceKeyring, AKeyringThatRefusesAPublicKeyIsGivenAnother) {
    const support::SessionBus bus;
    const HostileKeyring hostile(bus, Behaviour::RefusesKeys);
    make()->open(Prompt::Never).value();
    EXPECT_EQ(hostile.sessions(), 4);
}

// Row S14
TEST(SecretServiceKeyring, S14_ADismissedPromptIsStoreLocked) {
    const support::SessionBus bus;
    const HostileKeyring hostile(bus, Behaviour::PromptIsDismissed);
    const auto keyring = make();
    EXPECT_EQ(keyring->open(Prompt::Never).error().code, Errc::StoreLocked);
    EXPECT_FALSE(hostile.prompted());
    EXPECT_EQ(keyring->open(Prompt::Allowed).error().code, Errc::StoreLocked);
    EXPECT_TRUE(hostile.prompted());
}

// Row S14
TEST(SecretServiceKeyring, S14_APromptThatNeverEndsDoesNotKeepTheProcess) {
    const support::SessionBus bus;
    const HostileKeyring hostile(bus, Behaviour::PromptNeverEnds);
    const auto keyring = make();
    std::thread leaving([&] {
        while (!hostile.prompted())
            ::poll(nullptr, 0, 1);
        keyring->give_up();
    });
    EXPECT_FALSE(keyring->open(Prompt::Allowed));
    leaving.join();
}

// Row S14: libsecret waits until the deadline for the prompt of a keyring that is gone.
TEST(SecretServiceKeyring, S14_APromptEndsWithItsKeyring) {
    const support::SessionBus bus;
    const HostileKeyring hostile(bus, Behaviour::PromptDies);
    const auto keyring = make();
    const auto before = std::chrono::steady_clock::now();
    EXPECT_EQ(keyring->open(Prompt::Allowed).error().code, Errc::KeyringFailed);
    EXPECT_LT(std::chrono::steady_clock::now() - before, limits::kKeyringDeadline);
    EXPECT_TRUE(hostile.prompted());
}

TEST(SecretServiceKeyring, AKeyringThatIsUnlockedElsewhereWhileItAsksIsOpen) {
    const support::SessionBus bus;
    const HostileKeyring hostile(bus, Behaviour::UnlockedElsewhere);
    const auto keyring = make();
    const auto before = std::chrono::steady_clock::now();
    keyring->open(Prompt::Allowed).value();
    EXPECT_LT(std::chrono::steady_clock::now() - before, limits::kKeyringDeadline);
    EXPECT_TRUE(hostile.prompted());
}

TEST(SecretServiceKeyring, WithoutADefaultKeyringThatIsSaid) {
    const support::SessionBus bus;
    const HostileKeyring hostile(bus, Behaviour::NoDefault);
    EXPECT_EQ(make()->open(Prompt::Allowed).error().code, Errc::NoDefaultKeyring);
}

// Row S14
TEST(SecretServiceKeyring, S14_AKeyringThatDiesInTheMiddleHasFailed) {
    const support::SessionBus bus;
    const HostileKeyring hostile(bus, Behaviour::DiesInTheMiddle);
    EXPECT_EQ(make()->open(Prompt::Never).error().code, Errc::KeyringFailed);
}

// Row S14
TEST(SecretServiceKeyring, S14_GarbageIsAFailure) {
    const support::SessionBus bus;
    const HostileKeyring hostile(bus, Behaviour::AnswersGarbage);
    const auto keyring = make();
    EXPECT_EQ(keyring->open(Prompt::Allowed).error().code, Errc::KeyringFailed);
    EXPECT_EQ(hostile.secrets_seen(), 0);
}

// Rows S14, A12
TEST(SecretServiceKeyring, S14_AnotherUsersKeyringIsRefusedBeforeAnythingIsSent) {
    const support::SessionBus bus;
    std::optional<HostileKeyring> hostile;
    {
        const support::AsUid other{Uid(1)};
        hostile.emplace(bus, Behaviour::PlainOnly);
    }
    const auto keyring = make();
    EXPECT_EQ(keyring->open(Prompt::Allowed).error().code, Errc::InsecurePeer);
    EXPECT_EQ(hostile->secrets_seen(), 0);
}

}  // namespace
}  // namespace patd::keyring::test
