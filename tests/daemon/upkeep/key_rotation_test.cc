// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/upkeep/key_rotation.h"

#include "daemon/store/tokens/store_admin.h"
#include "tests/support/service_fixture.h"
#include "tests/support/turning.h"

#include <gtest/gtest.h>

namespace patd {
namespace {

using support::caller_of;
using support::kAlice;
using support::text_of;

class KeyRotationTest : public support::ServiceFixture {
  protected:
    // On the real writer's thread.
    void SetUp() override {
        ServiceFixture::SetUp();
        worker_ = std::make_unique<bus::WorkerThread>(*loop_);
        rotation_ = make();
    }
    void TearDown() override { worker_.reset(); }

    std::unique_ptr<KeyRotation> make(char key = 'k') {
        const Context parts = context();
        return std::make_unique<KeyRotation>(
            *loop_,
            Context{parts.store, parts.audit_log, *worker_, parts.auditor, parts.locks,
                    parts.accounts, parts.clock, parts.random, parts.state, parts.subscriptions,
                    parts.reuse_alarm, parts.units, parts.turns, parts.limited},
            [key] { return support::master_key(key); });
    }
    Result<void> start() {
        std::optional<Result<void>> begun;
        rotation_->start(caller_of(Uid(0)), [&](const Result<void>& done) { begun.emplace(done); });
        EXPECT_TRUE(support::turn_until(*loop_, [&] { return begun.has_value(); }));
        return begun.value();
    }
    bool wait_for_the_end() {
        return support::turn_until(*loop_, [&] { return !rotation_->state().running; });
    }

    std::unique_ptr<bus::WorkerThread> worker_;
    std::unique_ptr<KeyRotation> rotation_;
};

TEST_F(KeyRotationTest, GoesThroughWhileTokensAreLookedUp) {
    std::vector<support::Issued> issued;
    for (int i = 0; i < 300; ++i)
        issued.push_back(issue(kAlice));
    ASSERT_TRUE(start());
    std::size_t looked_up = 0;
    EXPECT_TRUE(support::turn_until(*loop_, [&] {
        const support::Issued& next = issued[looked_up++ % issued.size()];
        const auto found = store_->find(next.token.id).value();
        EXPECT_EQ(found->verifier, store_->digest(next.secret.reveal()).value());
        return !rotation_->state().running;
    }));
    EXPECT_FALSE(rotation_->state().failure);
    EXPECT_GE(rotation_->state().progress.done, 300U);
    EXPECT_EQ(events(Uid(0)), std::vector<std::string>{"rotate-key ok"});
    EXPECT_FALSE(store::Resealer(*store_).is_due().value());
}

TEST_F(KeyRotationTest, IsOneAtATime) {
    (void)issue(kAlice);
    ASSERT_TRUE(start());
    if (rotation_->state().running) {
        EXPECT_EQ(start().error().code, Errc::Busy);
    }
    EXPECT_TRUE(wait_for_the_end());
    EXPECT_TRUE(start());
    EXPECT_TRUE(wait_for_the_end());
}

TEST_F(KeyRotationTest, StopsWithoutItsMasterKeyAndGoesOnWithIt) {
    (void)issue(kAlice);
    rotation_ = make('x');
    EXPECT_EQ(start().error().code, Errc::Corrupt);
    EXPECT_EQ(rotation_->state().failure, Errc::Corrupt);
    rotation_ = make();
    EXPECT_TRUE(start());
    EXPECT_TRUE(wait_for_the_end());
    EXPECT_FALSE(rotation_->state().failure);
}

TEST_F(KeyRotationTest, ResumesWhatWasInterrupted) {
    const support::Issued issued = issue(kAlice);
    rotation_->resume();
    bool has_looked = false;
    worker_->submit([] {}, [&] { has_looked = true; });
    EXPECT_TRUE(support::turn_until(*loop_, [&] { return has_looked; }));
    (void)store::Resealer(*store_).begin(support::master_key()).value();
    rotation_->resume();
    EXPECT_TRUE(support::turn_until(*loop_, [&] {
        return rotation_->state().progress.done > 0 && !rotation_->state().running;
    }));
    EXPECT_FALSE(store::Resealer(*store_).is_due().value());
    EXPECT_TRUE(store_->find(issued.token.id).value());
}

}  // namespace
}  // namespace patd
