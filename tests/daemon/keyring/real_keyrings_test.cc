// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
//
// What each real keyring does for a client that keeps items in it: PATD_TEST_KEYRING selects it.
#include "daemon/keyring/secret_service.h"
#include "tests/support/keyring_provider.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <future>
#include <map>

namespace patd::keyring::test {
namespace {

using store::ItemKind;
using support::KeyringProvider;
using Prompt = SecretServiceKeyring::Prompt;
using Texts = std::map<std::string, std::string>;

Texts read(SecretServiceKeyring& keyring, ItemKind kind = ItemKind::Bundle) {
    Texts texts;
    const auto items = keyring.read(kind).value();
    for (const store::KeyringItem& item : items) {
        const std::span<const char> bytes = item.content.reveal();
        texts.emplace(item.id, std::string(bytes.data(), bytes.size()));
    }
    return texts;
}

void write(SecretServiceKeyring& keyring, const std::string& id, std::string_view text) {
    keyring.write(ItemKind::Bundle, id, SecretBuffer::copy_of({text.data(), text.size()})).value();
}

class RealKeyring : public ::testing::Test {
  protected:
    RealKeyring() { keyring_->open(Prompt::Allowed).value(); }

    KeyringProvider provider_;
    std::unique_ptr<SecretServiceKeyring> keyring_ = SecretServiceKeyring::create().value();
};

TEST_F(RealKeyring, KeepsReplacesAndRemoves) {
    write(*keyring_, "a", "first");
    write(*keyring_, "b", std::string(90'000, 'x'));
    write(*keyring_, "a", "second");
    EXPECT_EQ(read(*keyring_), (Texts{{"a", "second"}, {"b", std::string(90'000, 'x')}}));
    EXPECT_TRUE(read(*keyring_, ItemKind::Key).empty());
    keyring_->remove(ItemKind::Bundle, "a").value();
    keyring_->remove(ItemKind::Bundle, "a").value();
    EXPECT_EQ(read(*keyring_).size(), 1U);
}

// KeePassXC and ksecretd save a moment later, and the result says so.
TEST_F(RealKeyring, WhatWasWrittenOutlivesItsEndOrIsSaidToBeLater) {
    const bool later = provider_.name() == "keepassxc" || provider_.name() == "ksecretd";
    for (const char* end : {"kill", "term"}) {
        for (const char* text : {"made", "replaced"}) {
            write(*keyring_, end, text);
            EXPECT_EQ(keyring_->writes_later(), later);
            if (keyring_->writes_later())
                continue;
            provider_.tell(end);
            EXPECT_EQ(keyring_->check().error().code, Errc::NoKeyring);
            provider_.tell("start");
            keyring_->open(Prompt::Allowed).value();
            EXPECT_EQ(read(*keyring_)[end], text) << end;
        }
    }
}

TEST_F(RealKeyring, IsLockedAndUnlockedByItsUser) {
    write(*keyring_, "a", "kept");
    provider_.tell("lock");
    EXPECT_FALSE(keyring_->check());
    EXPECT_FALSE(keyring_->read(ItemKind::Bundle));
    EXPECT_FALSE(keyring_->open(Prompt::Never));
    provider_.tell("unlock");
    keyring_->open(Prompt::Allowed).value();
    EXPECT_EQ(read(*keyring_), (Texts{{"a", "kept"}}));
}

// Without a screen, gnome-keyring dismisses its prompt at once.
TEST_F(RealKeyring, APromptEndsWithItsKeyring) {
    provider_.tell("lock");
    auto asked = std::async(std::launch::async, [&] { return keyring_->open(Prompt::Allowed); });
    (void)asked.wait_for(std::chrono::seconds(1));
    provider_.tell("kill");
    EXPECT_FALSE(asked.get());
    provider_.tell("start");
    keyring_->open(Prompt::Allowed).value();
}

// To a keyring this is another client; all of one process share GLib's connection. The child must
// not inherit GLib's threads from an earlier test, so each test that calls this runs by itself.
void keep_in_another_process(std::initializer_list<const char*> ids) {
    const pid_t child = ::fork();
    if (child == 0) {
        const auto keyring = SecretServiceKeyring::create().value();
        bool kept = keyring->open(Prompt::Allowed).has_value();
        for (const char* id : ids)
            kept = kept && keyring->write(ItemKind::Bundle, id, SecretBuffer::copy_of({"kept", 4}));
        ::_exit(kept ? 0 : 1);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
}

TEST(AnotherClient, ChangesAndRemovesWhatOneMade) {
    const KeyringProvider provider;
    keep_in_another_process({"a", "b"});
    const auto another = SecretServiceKeyring::create().value();
    another->open(Prompt::Allowed).value();
    write(*another, "a", "changed");
    another->remove(ItemKind::Bundle, "b").value();
    EXPECT_EQ(read(*another), (Texts{{"a", "changed"}}));
}

// KeePassXC with its default settings. Nobody is there to allow it.
TEST(AskingKeyring, AsksBeforeItShowsWhatAnotherClientMade) {
    const KeyringProvider provider("keepassxc-asking");
    keep_in_another_process({"a"});
    const auto another = SecretServiceKeyring::create().value();
    EXPECT_EQ(another->open(Prompt::Never).error().code, Errc::KeyringAsks);
    EXPECT_EQ(another->read(ItemKind::Bundle).error().code, Errc::KeyringAsks);
}

}  // namespace
}  // namespace patd::keyring::test
