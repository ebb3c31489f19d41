// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/tokens/resealer.h"

#include "daemon/store/tokens/record_codec.h"
#include "daemon/store/tokens/store_admin.h"
#include "tests/daemon/store/store_fixture.h"
#include "tests/support/read_store.h"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>

namespace patd::store::test {
namespace {

class ResealerTest : public StoreTest {
  protected:
    struct Known {
        Token token;
        std::string secret;
    };

    void SetUp() override { open(); }
    void TearDown() override { expect_anchored(); }
    void fill(std::size_t count) {
        std::vector<TokenStore::NewToken> tokens;
        for (std::size_t i = 0; i < count; ++i) {
            const Uid owner = i % 2 == 0 ? kAlice : kBob;
            const TokenKind kind = i % 3 == 0 ? TokenKind::Imported : TokenKind::Issued;
            known_.push_back({make_token(owner, kind), "secret " + std::to_string(i)});
            tokens.emplace_back(known_.back().token, secret_of(known_.back().secret));
        }
        store_->insert_many(tokens).value();
        for (int i = 0; i < 3; ++i) {
            const Token dead = insert(kAlice, "dead " + std::to_string(i));
            store_->remove(dead.id, kAlice, kNow).value();
        }
        store_->set_locked(kBob, true).value();
    }
    void begin(Resealer& resealer) {
        KeySet keys = resealer.begin(master_key()).value();
        StoreAdmin(*store_).adopt_for_reading(keys.clone().value());
        resealer.adopt(std::move(keys)).value();
    }
    // Every token, tombstone and owner's row, and the secrets.
    void expect_whole() {
        for (const Known& known : known_) {
            const auto found = store_->find(known.token.id).value();
            ASSERT_TRUE(found);
            EXPECT_TRUE(same(found->token, known.token));
            EXPECT_EQ(found->verifier, store_->digest(buffer_of(known.secret).reveal()).value());
            if (known.token.kind == TokenKind::Imported) {
                EXPECT_EQ(text_of(open_secret(*store_, known.token.id).value().reveal()),
                          known.secret);
            }
        }
        for (int i = 0; i < 3; ++i) {
            const SecretBuffer dead = buffer_of("dead " + std::to_string(i));
            const Digest digest = store_->digest(dead.reveal()).value();
            EXPECT_TRUE(store_->find_tombstone(digest).value());
        }
        EXPECT_TRUE(store_->is_locked(kBob).value());
        EXPECT_FALSE(store_->is_locked(kAlice).value());
    }
    static void finish(Resealer& resealer) {
        while (!resealer.step().value()) {
        }
        resealer.finish().value();
    }
    std::int64_t data_keys() {
        return RawDatabase(path()).number("SELECT count(*) FROM key WHERE purpose = 1");
    }

    std::vector<Known> known_;
};

// Row S6.
TEST_F(ResealerTest, KeepsEveryRecordReadableAtEveryStep) {
    fill(200);
    Resealer resealer(*store_);
    EXPECT_FALSE(resealer.is_due().value());
    begin(resealer);
    EXPECT_TRUE(resealer.is_due().value());
    expect_whole();
    while (!resealer.step().value()) {
        forget();
        expect_whole();
    }
    EXPECT_EQ(resealer.progress().done, resealer.progress().total);
    EXPECT_EQ(resealer.progress().damaged, 0U);
    resealer.finish().value();
    StoreAdmin(*store_).forget_keys_before();
    forget();
    expect_whole();
    EXPECT_EQ(data_keys(), 1);
    open();
    expect_whole();
}

TEST_F(ResealerTest, TheOldKeyOpensNothingAndItsSealsAreGone) {
    fill(3);
    const std::string sealed = RawDatabase(path()).value("SELECT sealed FROM token LIMIT 1");
    const std::string key = RawDatabase(path()).value("SELECT sealed FROM key WHERE purpose = 1");
    Resealer resealer(*store_);
    begin(resealer);
    finish(resealer);
    const std::string bytes = all_bytes();
    EXPECT_EQ(bytes.find(sealed), std::string::npos);
    EXPECT_EQ(bytes.find(key), std::string::npos);
    EXPECT_NE(RawDatabase(path()).value("SELECT mac FROM owner LIMIT 1"), std::string());
}

TEST_F(ResealerTest, GoesOnBesideChanges) {
    fill(150);
    Resealer resealer(*store_);
    begin(resealer);
    bool through = false;
    while (!through) {
        through = resealer.step().value();
        known_.push_back({insert(kAlice, "while it ran"), "while it ran"});
        const Token gone = known_[1].token;
        known_.erase(known_.begin() + 1);
        store_->remove(gone.id, gone.owner, kNow).value();
    }
    resealer.finish().value();
    expect_whole();
    open();
    expect_whole();
}

TEST_F(ResealerTest, ChildrenOfTheOldKeyLiveUntilItIsForgotten) {
    const Token parent = insert(kAlice);
    const std::string body = "body";
    const ChildBody child{parent.id, 1, body};
    const Digest old = store_->child_mac(parent.id, 1, body).value();
    const auto is_good = [&](const Digest& mac) {
        return store_->is_child_mac(child, {reinterpret_cast<const char*>(mac.data()), mac.size()})
            .value();
    };
    Resealer resealer(*store_);
    begin(resealer);
    finish(resealer);
    const Digest made_now = store_->child_mac(parent.id, 1, body).value();
    EXPECT_NE(made_now, old);
    EXPECT_TRUE(is_good(old) && is_good(made_now));
    StoreAdmin(*store_).forget_keys_before();
    EXPECT_FALSE(is_good(old));
    EXPECT_TRUE(is_good(made_now));
}

TEST_F(ResealerTest, LeavesADamagedRecordAsItIs) {
    fill(5);
    RawDatabase(path()).run("UPDATE token SET description = 'altered' WHERE id = ?1",
                            token_key(known_[0].token.id));
    known_.erase(known_.begin());
    forget();
    Resealer resealer(*store_);
    begin(resealer);
    finish(resealer);
    EXPECT_EQ(resealer.progress().damaged, 1U);
    forget();
    expect_whole();
}

TEST_F(ResealerTest, IsNotFinishedBeforeItIsThrough) {
    fill(5);
    Resealer resealer(*store_);
    begin(resealer);
    EXPECT_FALSE(resealer.finish());
    EXPECT_EQ(data_keys(), 2);
    EXPECT_EQ(Resealer(*store_).begin(master_key('x')).error().code, Errc::Corrupt);
}

// Row S6: killed anywhere, in a separate process, as often as it takes to get through.
TEST_F(ResealerTest, S6_SurvivesAKillAfterAnyStep) {
    fill(400);
    close();
    int kills = 0;
    bool ended = false;
    while (!ended && kills < 60) {
        std::array<int, 2> ends{};
        ASSERT_EQ(pipe(ends.data()), 0);
        const pid_t child = fork();
        if (child == 0) {
            open();
            Resealer resealer(*store_);
            begin(resealer);
            while (!resealer.step().value())
                (void)!write(ends[1], "x", 1);
            resealer.finish().value();
            (void)!write(ends[1], "e", 1);
            pause();
        }
        ::close(ends[1]);
        // The n-th time it may take n steps, and is killed during the next one.
        for (int steps = 0; steps <= kills / 3 && !ended; ++steps) {
            char byte{};
            ASSERT_EQ(read(ends[0], &byte, 1), 1);
            ended = byte == 'e';
        }
        ::close(ends[0]);
        kill(child, SIGKILL);
        waitpid(child, nullptr, 0);
        ++kills;
        open();
        expect_whole();
        close();
    }
    EXPECT_TRUE(ended);
    EXPECT_GT(kills, 3);
    EXPECT_EQ(data_keys(), 1);
}

}  // namespace
}  // namespace patd::store::test
