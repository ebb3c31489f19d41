// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/admission/accounts.h"

#include "tests/support/executors.h"
#include "tests/support/fake_clock.h"

#include <gtest/gtest.h>

namespace patd {
namespace {

// No account has it on a machine that follows Debian's policy (60000-64999 are reserved).
constexpr Uid kAbsent{64321};

class AccountsTest : public ::testing::Test {
  protected:
    Result<std::string> name_of(Uid uid) {
        std::optional<Result<std::string>> answer;
        accounts_.find_name(uid, [&](const Result<std::string>& name) {
            EXPECT_FALSE(answer.has_value()) << "called twice";
            answer.emplace(name);
        });
        return answer.value();
    }
    Result<Uid> uid_of(const std::string& name) {
        std::optional<Result<Uid>> answer;
        accounts_.find_uid(name, [&](const Result<Uid>& uid) { answer.emplace(uid); });
        return answer.value();
    }

    support::ImmediateExecutor lookups_;
    support::FakeClock clock_;
    Accounts accounts_{lookups_, clock_};
};

TEST_F(AccountsTest, FindsTheNameOfAUid) {
    EXPECT_EQ(name_of(Uid(0)).value(), "root");
    EXPECT_EQ(name_of(Uid(1)).value(), "daemon");
}

TEST_F(AccountsTest, FindsTheUidOfAName) {
    EXPECT_EQ(uid_of("root").value(), Uid(0));
    EXPECT_EQ(uid_of("daemon").value(), Uid(1));
}

TEST_F(AccountsTest, RefusesAUidWithoutAnAccountEachTime) {
    for (int i = 0; i < 2; ++i) {
        const Result<std::string> name = name_of(kAbsent);
        ASSERT_FALSE(name.has_value());
        EXPECT_EQ(name.error().code, Errc::AccessDenied);
    }
}

// Row P10.
TEST_F(AccountsTest, TakesOnlyTheAccountsOwnSpellingOfAName) {
    for (const std::string& name :
         {std::string("ROOT"), std::string("Root"), std::string(" root"), std::string("root "),
          std::string("root\0x", 6), std::string("root\0", 5), std::string("roo"), std::string(),
          std::string("0"), std::string("+"), std::string(70'000, 'r')}) {
        const Result<Uid> uid = uid_of(name);
        ASSERT_FALSE(uid.has_value()) << name;
        EXPECT_EQ(uid.error().code, Errc::AccessDenied) << name;
    }
}

// Row D12.
TEST_F(AccountsTest, AnswersAKnownNameAtOnceForFiveMinutes) {
    ASSERT_TRUE(name_of(Uid(0)).has_value());
    lookups_.hold();
    clock_.advance(std::chrono::minutes(5) - std::chrono::seconds(1));
    EXPECT_EQ(name_of(Uid(0)).value(), "root");
    EXPECT_EQ(lookups_.waiting(), 0U);
}

TEST_F(AccountsTest, AsksAgainWhenFiveMinutesAreOver) {
    ASSERT_TRUE(name_of(Uid(0)).has_value());
    lookups_.hold();
    clock_.advance(std::chrono::minutes(5));
    std::string name;
    accounts_.find_name(Uid(0), [&](const Result<std::string>& found) { name = found.value(); });
    EXPECT_EQ(name, "");
    EXPECT_EQ(lookups_.waiting(), 1U);
    lookups_.run_one();
    EXPECT_EQ(name, "root");
}

TEST_F(AccountsTest, AnswersEverybodyWhoAskedWhileALookUpWasUnderWay) {
    lookups_.hold();
    int answers = 0;
    for (int i = 0; i < 3; ++i)
        accounts_.find_name(Uid(1), [&](const Result<std::string>& name) {
            EXPECT_EQ(name.value(), "daemon");
            ++answers;
        });
    lookups_.release();
    EXPECT_EQ(answers, 3);
}

TEST_F(AccountsTest, ALookUpThatCannotBeginKeepsNobodyWaiting) {
    lookups_.fail_once();
    bool answered = false;
    const auto dropped = std::make_shared<int>();
    EXPECT_THROW(accounts_.find_name(Uid(1), [&, dropped](const auto&) { answered = true; }),
                 std::bad_alloc);
    EXPECT_EQ(dropped.use_count(), 1) << "whoever asked is told by that";
    EXPECT_FALSE(answered);
    EXPECT_EQ(name_of(Uid(1)).value(), "daemon");
    for (int i = 0; i < 10; ++i) {
        lookups_.fail_once();
        EXPECT_THROW((void)accounts_.has_account(Uid(2)), std::bad_alloc);
    }
    (void)accounts_.has_account(Uid(2));
    EXPECT_TRUE(accounts_.has_account(Uid(2)));
}

TEST_F(AccountsTest, WhoThrowsAtAnAnswerTakesNoOtherWithHim) {
    lookups_.hold();
    std::vector<std::string> names;
    accounts_.find_name(Uid(1), [](const auto&) { throw std::logic_error("a bug"); });
    accounts_.find_name(Uid(1), [&](const Result<std::string>& name) { names.push_back(*name); });
    accounts_.find_uid("daemon", [](const auto&) { throw std::logic_error("a bug"); });
    lookups_.release();
    EXPECT_EQ(names, std::vector<std::string>{"daemon"});
}

}  // namespace
}  // namespace patd
