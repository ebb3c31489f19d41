// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/upkeep/witness_keeper.h"

#include "tests/support/rollback_fixture.h"

namespace patd {
namespace {

using store::StoreAdmin;
using support::kAlice;
using support::kBob;

class WitnessKeeperTest : public support::RollbackTest {};

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
    EXPECT_TRUE(support::turn_until(*loop_, [&] { return done == kChanges; }));
    EXPECT_LT(service_->conversations() - before, kChanges);
    for (const Token& token : tokens)
        EXPECT_NE(service_->text().find(token.id.text()), std::string::npos);
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
