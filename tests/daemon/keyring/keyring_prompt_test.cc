// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/keyring/keyring_prompt.h"

#include "tests/support/hostile_keyring.h"

#include <gtest/gtest.h>

namespace patd::keyring::test {
namespace {

using support::Desktop;
using support::HostileKeyring;
using Behaviour = HostileKeyring::Behaviour;
using SteadyClock = GlibLoop::SteadyClock;
using std::chrono::seconds;

class KeyringPromptTest : public ::testing::Test {
  protected:
    // How the prompt of a keyring with that behaviour ends.
    Result<bool> is_dismissed(Behaviour behaviour, seconds patience,
                              const std::function<bool()>& is_done) {
        const HostileKeyring keyring(daemon_, behaviour);
        GlibLoop loop;
        return loop.run([&]() -> Result<bool> {
            loop.set_deadline(SteadyClock::now() + seconds(10));
            SessionBus bus(loop);
            bus.connect().value();
            KeyringPrompt prompt{loop, bus, bus.find_owner(Desktop::kService).value(), is_done};
            return TRY(prompt.stand("/prompt", SteadyClock::now() + patience)).dismissed;
        });
    }
    static bool never() { return false; }

    support::SessionBus daemon_;
};

TEST_F(KeyringPromptTest, EndsWhenItsUserSaysYesOrNo) {
    EXPECT_FALSE(is_dismissed(Behaviour::AsksForItems, seconds(600), never).value());
}

TEST_F(KeyringPromptTest, ANoIsADismissal) {
    EXPECT_TRUE(is_dismissed(Behaviour::PromptIsDismissed, seconds(600), never).value());
}

TEST_F(KeyringPromptTest, EndsAtItsDeadlineAsIfItWereDismissed) {
    EXPECT_TRUE(is_dismissed(Behaviour::PromptNeverEnds, seconds(0), never).value());
}

TEST_F(KeyringPromptTest, EndsWhenItIsNotNeededAnyMore) {
    int asked = 0;
    const auto done = [&] { return ++asked > 1; };
    EXPECT_FALSE(is_dismissed(Behaviour::PromptNeverEnds, seconds(600), done).value());
}

TEST_F(KeyringPromptTest, EndsWhenItsKeyringIsGone) {
    EXPECT_EQ(is_dismissed(Behaviour::PromptDies, seconds(600), never).error().code,
              Errc::KeyringFailed);
}

}  // namespace
}  // namespace patd::keyring::test
