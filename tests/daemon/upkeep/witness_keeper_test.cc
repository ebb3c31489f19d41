// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/upkeep/witness_keeper.h"

#include "tests/support/rollback_fixture.h"
#include "tests/support/scripted_step_up.h"

#include <future>

namespace patd {
namespace {

using store::StoreAdmin;
using support::kAlice;
using support::kBob;

class WitnessKeeperTest : public support::RollbackTest {
  protected:
    // patd ends between a change that revives and its witness.
    void unlock_without_witness(Uid owner) {
        change([&] { return store_->set_locked(owner, true); }).value();
        service_.reset();
        change([&] { return store_->set_locked(owner, false); }).value();
        stop();
        serve();
        open();
        EXPECT_TRUE(settles());
    }
};

TEST_F(WitnessKeeperTest, ANewStoreBeginsItsWitness) {
    EXPECT_TRUE(service_->text().starts_with("patd-witness "));
    EXPECT_FALSE(is_withheld());
    restart();
    EXPECT_EQ(keeper().rollback(), Rollback::None);
    EXPECT_EQ(keeper().state(), WitnessState::Kept);
}

TEST_F(WitnessKeeperTest, WhatDiedIsWitnessedBeforeItIsAcknowledged) {
    const Token token = issue(kAlice).token;
    const Token other = issue(kAlice).token;
    const std::string before = service_->text();
    remove(token);
    EXPECT_NE(service_->text(), before);
    EXPECT_NE(service_->text().find(" deleted 1 " + token.id.text()), std::string::npos);
    const int conversations = service_->conversations();
    change([&] {
        return store_->insert(support::make_token(kBob, TokenKind::Issued),
                              support::secret_of("new"));
    }).value();
    EXPECT_EQ(service_->conversations(), conversations) << "a new token takes nothing away";
    restart();
    EXPECT_EQ(keeper().rollback(), Rollback::None);
    EXPECT_TRUE(store_->find(other.id).value());
}

// From a time before there was an anchor, it would get a new one.
TEST_F(WitnessKeeperTest, AWitnessThatIsLostIsSaidAndLocksNobodyOut) {
    remove(issue(kAlice).token);
    const support::Issued kept = issue(kBob);
    const std::string yesterday = service_->text();
    remove(issue(kAlice).token);
    remove(issue(kAlice).token);
    const auto lost_at = [&] {
        return StoreAdmin(*store_).read_note(store::Note::WitnessLost).value();
    };
    for (const std::string& found : {std::string(), std::string("garbage"), yesterday}) {
        stop();
        std::filesystem::remove(service_->file());
        if (!found.empty())
            std::ofstream(service_->file()) << found;
        std::filesystem::exists(service_->file()) ? ::chmod(service_->file().c_str(), 0600) : 0;
        open();
        EXPECT_FALSE(is_withheld());
        EXPECT_TRUE(support::turn_until(*loop_, [&] { return service_->text() != found; }));
        EXPECT_TRUE(settles());
        EXPECT_TRUE(verifies(kept));
        restart();
        EXPECT_EQ(keeper().rollback(), Rollback::None);
        EXPECT_NE(lost_at(), 0) << found;
        EXPECT_TRUE(accept().done);
        EXPECT_EQ(lost_at(), 0);
    }
}

TEST_F(WitnessKeeperTest, WithoutPatdAuthEverythingGoesOnAndItIsToldLater) {
    const Token token = issue(kAlice).token;
    keep_today();
    service_.reset();
    remove(token);
    EXPECT_EQ(keeper().state(), WitnessState::Behind);
    restart();
    EXPECT_EQ(keeper().state(), WitnessState::Unread);
    EXPECT_FALSE(is_withheld());
    serve();
    restart();
    EXPECT_EQ(keeper().state(), WitnessState::Kept);
    EXPECT_TRUE(settles());
    put_back();
    EXPECT_EQ(keeper().rollback(), Rollback::Older);
}

// Row S3: nobody but root can keep patd-auth away; then changes must not hide what was put back.
TEST_F(WitnessKeeperTest, AStoreThatOutgrewItsWitnessWhilePatdAuthWasAwayIsStillOlder) {
    const Token token = issue(kAlice).token;
    EXPECT_TRUE(settles());
    keep_today();
    remove(token);
    service_.reset();
    put_back();
    for (int run = 0; run < 2; ++run) {
        EXPECT_EQ(keeper().state(), WitnessState::Unread);
        for (int i = 0; i < 5; ++i) {
            change([&] {
                return store_->insert(support::make_token(kBob, TokenKind::Issued),
                                      support::secret_of("new" + std::to_string(5 * run + i)));
            }).value();
        }
        restart();
    }
    serve();
    for (int run = 0; run < 2; ++run) {
        restart();
        EXPECT_EQ(keeper().rollback(), Rollback::Older) << run;
    }
    EXPECT_EQ(accept().living.size(), 1U);
    EXPECT_TRUE(accept({.keep_dead = true}).done);
    restart();
    EXPECT_EQ(keeper().rollback(), Rollback::None);
    EXPECT_EQ(keeper().state(), WitnessState::Kept);
}

TEST_F(WitnessKeeperTest, ThatPatdAuthWasAwayIsForgottenOnceItIsBack) {
    const Token token = issue(kAlice).token;
    EXPECT_TRUE(settles());
    service_.reset();
    restart();
    remove(token);
    serve();
    for (int run = 0; run < 3; ++run) {
        restart();
        EXPECT_EQ(keeper().rollback(), Rollback::None) << run;
        EXPECT_TRUE(settles());
        remove(issue(kAlice).token);
    }
}

TEST_F(WitnessKeeperTest, WhatLivesInAStoreThatIsInOrderIsNoDeathAnyMore) {
    const Token token = issue(kAlice).token;
    unlock_without_witness(kAlice);
    keep_today();
    remove(token);
    put_back();
    EXPECT_EQ(keeper().rollback(), Rollback::Older);
    const RollbackAdmin::Report seen = accept();
    ASSERT_EQ(seen.living.size(), 1U);
    EXPECT_EQ(seen.living[0].death.token, token.id);
}

// patd-auth still lists it then.
TEST_F(WitnessKeeperTest, WhatIsNoDeathAnyMoreIsWitnessedToo) {
    (void)issue(kAlice);
    EXPECT_TRUE(settles());
    keep_today();
    unlock_without_witness(kAlice);
    put_back();
    EXPECT_EQ(keeper().rollback(), Rollback::Older);
    EXPECT_TRUE(accept().living.empty());
}

// What was changed meanwhile may be in a copy that somebody puts back.
TEST_F(WitnessKeeperTest, AWitnessThatIsLostAfterItCouldNotBeReadKnowsNothingOfThatTime) {
    const Token token = issue(kAlice).token;
    EXPECT_TRUE(settles());
    service_.reset();
    restart();
    change([] { return Result<void>(); }).value();  // the writer rests
    (void)issue(kAlice);
    keep_today();
    change([] { return Result<void>(); }).value();
    remove(token);
    stop();
    serve();
    std::filesystem::remove(service_->file());
    open();
    EXPECT_TRUE(settles());
    put_back();
    EXPECT_EQ(keeper().rollback(), Rollback::Older);
    EXPECT_FALSE(keeper().knows_all());
}

TEST_F(WitnessKeeperTest, ChangesThatAreMadeTogetherShareAConversation) {
    constexpr int kChanges = 20;
    std::vector<Token> tokens;
    for (int i = 0; i < kChanges; ++i)
        tokens.push_back(issue(kAlice).token);
    const int before = service_->conversations();
    int done = 0;
    for (const Token& token : tokens) {
        bus::run(
            keeper(), [&] { return store_->remove(token.id, kAlice, clock_.now()); },
            [&](const Result<void>& removed) { done += removed ? 1 : 0; });
    }
    // All are made before the loop hears of one.
    std::promise<void> made;
    running_->writer.submit([&] { made.set_value(); }, [] {});
    made.get_future().wait();
    EXPECT_TRUE(support::turn_until(*loop_, [&] { return done == kChanges; }));
    EXPECT_LT(service_->conversations() - before, kChanges);
    for (const Token& token : tokens)
        EXPECT_NE(service_->text().find(token.id.text()), std::string::npos);
}

// A client waits for less than for one after the other.
TEST_F(WitnessKeeperTest, AStartWaitsForPatdAuthAndPatdCounterTogether) {
    stop();
    service_.reset();
    const support::ScriptedStepUp silent_auth(*loop_, socket());
    const support::ScriptedStepUp silent_counter(*loop_, counter_socket());
    const auto begun = std::chrono::steady_clock::now();
    open();
    EXPECT_LT(std::chrono::steady_clock::now() - begun,
              limits::kWitnessWait + std::chrono::seconds(2));
    EXPECT_EQ(keeper().state(), WitnessState::Unread);
}

// patctl admin rotate-key --master, and then a recovery under the new key.
TEST_F(WitnessKeeperTest, AnotherMasterKeyOfTheSameStoreChangesNothing) {
    remove(issue(kAlice).token);
    StoreAdmin(*store_).add_master_key(support::master_key(), support::master_key('n')).value();
    stop();
    open('n');
    EXPECT_EQ(keeper().rollback(), Rollback::None);
    EXPECT_EQ(keeper().deaths().size(), 1U);
    EXPECT_EQ(StoreAdmin(*store_).read_note(store::Note::WitnessLost).value(), 0);
}

// patctl admin recover-key --install --new-store; or a machine that was begun anew.
TEST_F(WitnessKeeperTest, ANewStoreUnderAnotherKeyTakesTheWitnessOver) {
    remove(issue(kAlice).token);
    const std::string before = service_->text();
    stop();
    for (const char* suffix : {"", "-wal", "-shm"})
        std::filesystem::remove(database() + suffix);
    open('n');
    EXPECT_EQ(keeper().rollback(), Rollback::None);
    EXPECT_TRUE(support::turn_until(*loop_, [&] { return service_->text() != before; }));
    EXPECT_TRUE(settles());
    EXPECT_EQ(StoreAdmin(*store_).read_note(store::Note::WitnessLost).value(), 0);
    remove(issue(kAlice).token);
    stop();
    open('n');
    EXPECT_EQ(keeper().rollback(), Rollback::None);
}

}  // namespace
}  // namespace patd
