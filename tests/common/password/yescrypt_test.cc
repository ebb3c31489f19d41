// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/password/yescrypt.h"

#include <gtest/gtest.h>

#include <string>

namespace patd::password {
namespace {

using std::chrono::milliseconds;

ServicePassword as_password(std::string_view text) {
    return ServicePassword(SecretBuffer::copy_of(text));
}

PasswordHash hash_of(std::string_view text) {
    return PasswordHash(SecretBuffer::copy_of(text));
}

std::string text_of(const PasswordHash& hash) {
    return {hash.reveal().data(), hash.size()};
}

class FailingRandom final : public Random {
  public:
    Result<void> fill(std::span<std::uint8_t> /*bytes*/) override { return Errc::Internal; }
};

TEST(Yescrypt, KnowsItsPasswordAgain) {
    SystemRandom random;
    const PasswordHash hash = hash_password(as_password("correct horse"), 1, random).value();
    EXPECT_TRUE(is_yescrypt(text_of(hash)));
    EXPECT_TRUE(matches(as_password("correct horse"), hash).value());
    EXPECT_FALSE(matches(as_password("correct horsf"), hash).value());
    EXPECT_FALSE(matches(as_password("correct hors"), hash).value());
}

TEST(Yescrypt, SaltsEachHash) {
    SystemRandom random;
    EXPECT_NE(text_of(hash_password(as_password("correct horse"), 1, random).value()),
              text_of(hash_password(as_password("correct horse"), 1, random).value()));
}

TEST(Yescrypt, GivesUpWithoutRandomBytes) {
    FailingRandom random;
    EXPECT_FALSE(hash_password(as_password("correct horse"), 1, random));
}

// Row P17.
TEST(Yescrypt, TakesNothingForAHashThatIsNone) {
    SystemRandom random;
    const std::string good =
        text_of(hash_password(as_password("correct horse"), 1, random).value());
    std::vector<std::string> bad = {"",
                                    "*0",
                                    "*1",
                                    "x",
                                    "$y$",
                                    "$y$$$",
                                    "$y$j75$salt$",
                                    "abJnggxhB/yWI",
                                    "$1$salt$qJH7.N4xYta3aEG/dfqo/0",
                                    "$6$salt$" + std::string(86, 'a'),
                                    "$y$j75$salt$" + std::string(42, 'a'),
                                    "$y$j75$salt$" + std::string(44, 'a'),
                                    "$y$j75$sa:t$" + std::string(43, 'a'),
                                    "$y$j75$salt$more$" + std::string(43, 'a'),
                                    "$y$j75$" + std::string(400, 'a') + "$" + std::string(43, 'a'),
                                    good + "a",
                                    good + "\n",
                                    good.substr(0, good.size() - 1),
                                    good.substr(1)};
    for (const std::string& text : bad) {
        EXPECT_FALSE(is_yescrypt(text)) << text;
        const auto result = matches(as_password("correct horse"), hash_of(text));
        ASSERT_FALSE(result) << text;
        EXPECT_EQ(result.error().code, Errc::Corrupt) << text;
    }
}

// Row P17.
TEST(Yescrypt, HashesNoPasswordThatLibcryptWouldRefuseOrCutOff) {
    SystemRandom random;
    const PasswordHash hash = hash_password(as_password("correct horse"), 1, random).value();
    for (const std::string& text :
         {std::string(), std::string(512, 'a'), std::string("correct horse\0battery", 21)}) {
        EXPECT_FALSE(hash_password(as_password(text), 1, random));
        EXPECT_FALSE(matches(as_password(text), hash));
    }
    EXPECT_TRUE(hash_password(as_password(std::string(511, 'a')), 1, random));
}

TEST(Yescrypt, TellsTheCostOfAHash) {
    SystemRandom random;
    for (int cost = 1; cost <= 5; ++cost)
        EXPECT_EQ(cost_of(hash_password(as_password("correct horse"), cost, random).value()), cost);
    EXPECT_FALSE(cost_of(hash_of("$y$zzz$salt$" + std::string(43, 'a'))));
    EXPECT_FALSE(hash_password(as_password("correct horse"), 0, random));
    EXPECT_FALSE(hash_password(as_password("correct horse"), 12, random));
}

TEST(Yescrypt, ChoosesTheFirstCostThatTakesLongEnough) {
    const auto machine = [](int at_five) {
        return [at_five](int cost) { return milliseconds(at_five << (cost - 5)); };
    };
    EXPECT_EQ(choose_cost(machine(20)), 7);
    EXPECT_EQ(choose_cost(machine(35)), 6);
    EXPECT_EQ(choose_cost(machine(200)), 5);
    EXPECT_EQ(choose_cost(machine(10)), 8);
    EXPECT_EQ(choose_cost(machine(1)), 8);
}

TEST(Yescrypt, MeasuresHigherCostsAsSlower) {
    EXPECT_LT(measure_cost(1), measure_cost(6));
}

}  // namespace
}  // namespace patd::password
