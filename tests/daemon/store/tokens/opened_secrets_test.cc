// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/tokens/opened_secrets.h"

#include "common/base/cache_limits.h"

#include <gtest/gtest.h>

#include <string>

namespace patd::store {
namespace {

constexpr Uid kSecretOwner{1000};
constexpr Uid kOtherSecretOwner{1001};

TokenId secret_id(std::size_t number) {
    return *TokenId::parse(std::to_string(1000000000 + number));
}

class OpenedSecretsTest : public testing::Test {
  protected:
    void keep(std::size_t number, Uid owner = kSecretOwner) {
        keep_of(number, owner, changes_.now());
    }
    void keep_of(std::size_t number, Uid owner, std::uint64_t read_at) {
        const std::string text = "secret " + std::to_string(number);
        secrets_.keep(secret_id(number), OpenedSecret{owner, SecretBuffer::copy_of(text)}, read_at);
    }
    bool knows(std::size_t number) { return secrets_.find(secret_id(number)) != nullptr; }
    std::size_t count(std::size_t from, std::size_t end) {
        std::size_t known = 0;
        for (; from < end; ++from)
            known += knows(from) ? 1 : 0;
        return known;
    }

    RecordChanges changes_;
    OpenedSecrets secrets_{changes_};
};

TEST_F(OpenedSecretsTest, GivesWhatItKept) {
    keep(7);
    const OpenedSecret* found = secrets_.find(secret_id(7));
    ASSERT_NE(found, nullptr);
    const std::span<const char> bytes = found->contents.reveal();
    EXPECT_EQ(std::string(bytes.data(), bytes.size()), "secret 7");
    EXPECT_FALSE(knows(8));
}

TEST_F(OpenedSecretsTest, ForgetsWhatItsOwnerChangedAndNobodyElses) {
    keep(1);
    keep(2, kOtherSecretOwner);
    changes_.note(kSecretOwner);
    EXPECT_FALSE(knows(1));
    EXPECT_TRUE(knows(2));
    changes_.note_all();
    EXPECT_FALSE(knows(2));
}

// Row S21.
TEST_F(OpenedSecretsTest, DoesNotKeepWhatWasReadBeforeAChange) {
    const std::uint64_t read_at = changes_.now();
    changes_.note(kSecretOwner);
    keep_of(1, kSecretOwner, read_at);
    EXPECT_FALSE(knows(1));
}

TEST_F(OpenedSecretsTest, ForgetsOneOwnerOrAll) {
    keep(1);
    keep(2, kOtherSecretOwner);
    secrets_.forget(kSecretOwner);
    EXPECT_FALSE(knows(1));
    EXPECT_TRUE(knows(2));
    secrets_.forget_all();
    EXPECT_FALSE(knows(2));
}

// Row D1: nobody waits for all of it.
TEST_F(OpenedSecretsTest, FreesWhatItPutAsideInSteps) {
    for (std::size_t i = 0; i < limits::kOpenedSecretsPerOwner; ++i)
        keep(i);
    secrets_.put_aside();
    EXPECT_EQ(count(0, limits::kOpenedSecretsPerOwner), 0U);
    std::size_t steps = 1;
    while (secrets_.free_some())
        ++steps;
    EXPECT_EQ(steps, limits::kOpenedSecretsPerOwner / limits::kFreedPerStep);
}

// Row D1: nor for what was left of a rest before.
TEST_F(OpenedSecretsTest, FreesInStepsWhatIsPutAsideBeforeAllIsFreed) {
    for (std::size_t i = 0; i < 2 * limits::kFreedPerStep; ++i)
        keep(i);
    secrets_.put_aside();
    for (std::size_t i = 0; i < 2 * limits::kFreedPerStep; ++i)
        keep(i);
    secrets_.put_aside();
    secrets_.put_aside();
    std::size_t steps = 1;
    while (secrets_.free_some())
        ++steps;
    EXPECT_EQ(steps, 4U);
}

// Row S21.
TEST_F(OpenedSecretsTest, AnOwnerWhoIsForgottenHasNothingAsideEither) {
    for (std::size_t i = 0; i < 2 * limits::kFreedPerStep; ++i)
        keep(i);
    keep(1000, kOtherSecretOwner);
    secrets_.put_aside();
    keep(2000);
    secrets_.put_aside();
    secrets_.forget(kSecretOwner);
    EXPECT_FALSE(secrets_.free_some());  // the other's alone was left
    keep(1);
    secrets_.put_aside();
    secrets_.forget_all();
    EXPECT_FALSE(secrets_.free_some());
}

// What waits to be freed counts: it is locked memory.
TEST_F(OpenedSecretsTest, WhatIsAsideMakesRoomFirst) {
    for (std::uint32_t i = 0; i < limits::kOpenedSecrets; ++i)
        keep(i, Uid(2000 + i));
    secrets_.put_aside();
    for (std::uint32_t i = 0; i < limits::kOpenedSecrets; ++i)
        keep(i, Uid(2000 + i));
    EXPECT_EQ(count(0, limits::kOpenedSecrets), limits::kOpenedSecrets);
    EXPECT_FALSE(secrets_.free_some());
}

TEST_F(OpenedSecretsTest, AnOwnerWhoHasManyDisplacesOnlyTheirOwn) {
    keep(0, kOtherSecretOwner);
    for (std::size_t i = 1; i <= 1000; ++i)
        keep(i);
    EXPECT_TRUE(knows(0));
    EXPECT_EQ(count(1, 1001), limits::kOpenedSecretsPerOwner);
}

TEST_F(OpenedSecretsTest, StaysSmallWithManyOwners) {
    for (std::uint32_t i = 0; i < 1000; ++i)
        keep(i, Uid(2000 + i));
    EXPECT_EQ(count(0, 1000), limits::kOpenedSecrets);
}

TEST_F(OpenedSecretsTest, LeavesOutWhatIsLongerThanAPage) {
    for (const std::size_t size : {limits::kOpenedSecretBytes, limits::kOpenedSecretBytes + 1}) {
        const std::string text(size, 's');
        secrets_.keep(secret_id(size), OpenedSecret{kSecretOwner, SecretBuffer::copy_of(text)},
                      changes_.now());
    }
    EXPECT_TRUE(knows(limits::kOpenedSecretBytes));
    EXPECT_FALSE(knows(limits::kOpenedSecretBytes + 1));
}

}  // namespace
}  // namespace patd::store
