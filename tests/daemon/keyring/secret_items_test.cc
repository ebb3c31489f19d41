// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/keyring/secret_items.h"

#include "daemon/keyring/secret_service.h"
#include "tests/support/hostile_keyring.h"
#include "tests/support/keyring_items.h"

#include <gtest/gtest.h>

#include <map>

namespace patd::keyring::test {
namespace {

using store::ItemKind;
using support::buffer_of;
using support::Desktop;
using support::HostileKeyring;
using support::texts_of;
using Behaviour = HostileKeyring::Behaviour;
using Prompt = SecretServiceKeyring::Prompt;

std::unique_ptr<SecretServiceKeyring> make_keyring() {
    return SecretServiceKeyring::create().value();
}

TEST(SecretItems, KeepsItemsByKindAndId) {
    const Desktop desktop;
    const auto keyring = make_keyring();
    keyring->open(Prompt::Never).value();
    EXPECT_TRUE(keyring->read(ItemKind::Key).value().empty());
    keyring->write(ItemKind::Key, "key", buffer_of("the key")).value();
    keyring->write(ItemKind::Bundle, "a", buffer_of("first")).value();
    keyring->write(ItemKind::Bundle, "b", buffer_of(std::string(90'000, 'x'))).value();
    keyring->write(ItemKind::Bundle, "a", buffer_of("second")).value();
    using Texts = std::map<std::string, std::string>;
    EXPECT_EQ(texts_of(keyring->read(ItemKind::Key).value()), (Texts{{"key", "the key"}}));
    EXPECT_EQ(texts_of(keyring->read(ItemKind::Bundle).value()),
              (Texts{{"a", "second"}, {"b", std::string(90'000, 'x')}}));
    keyring->remove(ItemKind::Bundle, "a").value();
    keyring->remove(ItemKind::Bundle, "a").value();
    EXPECT_EQ(keyring->read(ItemKind::Bundle).value().size(), 1U);
}

TEST(SecretItems, ItemsThatAreClosedInAnOpenKeyringAreUnlockedThemselves) {
    const support::SessionBus bus;
    const HostileKeyring asks(bus, Behaviour::AsksForItems);
    const auto keyring = make_keyring();
    EXPECT_EQ(keyring->open(Prompt::Never).error().code, Errc::KeyringAsks);
    EXPECT_FALSE(asks.prompted());
    keyring->open(Prompt::Allowed).value();
    EXPECT_EQ(asks.prompts(), 1);
}

TEST(SecretItems, AnItemThatItsUserDoesNotShowIsNotALock) {
    const support::SessionBus bus;
    const HostileKeyring refuses(bus, Behaviour::RefusesItems);
    const auto keyring = make_keyring();
    EXPECT_EQ(keyring->open(Prompt::Allowed).error().code, Errc::KeyringAsks);
    EXPECT_EQ(keyring->read(ItemKind::Key).error().code, Errc::KeyringAsks);
}

TEST(SecretItems, AnEmptySecretOfALockedKeyringIsALock) {
    const support::SessionBus bus;
    const HostileKeyring hostile(bus, Behaviour::EmptyWhenLocked);
    const auto keyring = make_keyring();
    keyring->open(Prompt::Never).value();
    EXPECT_EQ(keyring->read(ItemKind::Key).error().code, Errc::StoreLocked);
}

TEST(SecretItems, AnEmptySecretOfAnOpenKeyringIsLost) {
    const support::SessionBus bus;
    const HostileKeyring hostile(bus, Behaviour::LostSecrets);
    const auto keyring = make_keyring();
    keyring->open(Prompt::Never).value();
    EXPECT_EQ(texts_of(keyring->read(ItemKind::Key).value()),
              (std::map<std::string, std::string>{{"key", ""}}));
}

}  // namespace
}  // namespace patd::keyring::test
