// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/password/password_store.h"

#include "common/base/limits.h"
#include "tests/support/temporary_directory.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>

#include <atomic>
#include <fstream>
#include <thread>

namespace patd::password {
namespace {

ServicePassword password_of(std::string_view text) {
    return ServicePassword(SecretBuffer::copy_of(text));
}

class PasswordStoreTest : public testing::Test {
  protected:
    PasswordStore store(std::optional<int> cost = 1) const {
        return PasswordStore::open({directory_.path(), cost}).value();
    }
    std::string file() const { return directory_.path() / "passwords" / "1000"; }
    std::string content() const {
        std::ifstream stream(file());
        return {std::istreambuf_iterator<char>(stream), {}};
    }
    void overwrite(const std::string& text) const { std::ofstream(file()) << text; }
    Errc failure(const Result<void>& result) const {
        EXPECT_FALSE(result);
        return result ? Errc::Internal : result.error().code;
    }

    support::TemporaryDirectory directory_;
    const Account alice_{Uid(1000), 1000, "alice"};
};

TEST_F(PasswordStoreTest, ChecksWhatWasSet) {
    EXPECT_FALSE(store().has_password(alice_).value());
    ASSERT_TRUE(store().set(alice_, password_of("correct horse"), Existing::Keep));
    EXPECT_TRUE(store().has_password(alice_).value());
    EXPECT_TRUE(store().check(alice_, password_of("correct horse")));
    EXPECT_EQ(failure(store().check(alice_, password_of("wrong horse"))), Errc::WrongPassword);
    EXPECT_EQ(content().find("correct horse"), std::string::npos);
}

TEST_F(PasswordStoreTest, WritesTheDocumentedForm) {
    ASSERT_TRUE(store().set(alice_, password_of("correct horse"), Existing::Keep));
    EXPECT_TRUE(content().starts_with("version=1\nuid=1000\nuser=alice\nhash=$y$j75$"))
        << content();
    EXPECT_NE(content().find("\nchanged="), std::string::npos);
}

// Row P11.
TEST_F(PasswordStoreTest, SaysWhetherThereIsNoneAfterTheSameWork) {
    EXPECT_EQ(failure(store().check(alice_, password_of("correct horse"))),
              Errc::NoServicePassword);
    EXPECT_EQ(failure(store().check_absent(password_of("correct horse"))), Errc::WrongPassword);
}

TEST_F(PasswordStoreTest, KeepsOrReplacesAsAsked) {
    ASSERT_TRUE(store().set(alice_, password_of("correct horse"), Existing::Keep));
    EXPECT_EQ(failure(store().set(alice_, password_of("battery staple"), Existing::Keep)),
              Errc::AccessDenied);
    EXPECT_TRUE(store().check(alice_, password_of("correct horse")));
    ASSERT_TRUE(store().set(alice_, password_of("battery staple"), Existing::Replace));
    EXPECT_TRUE(store().check(alice_, password_of("battery staple")));
}

TEST_F(PasswordStoreTest, RefusesTheRulesBreachesAndTheOldPassword) {
    ASSERT_TRUE(store().set(alice_, password_of("correct horse"), Existing::Keep));
    const std::string before = content();
    for (const std::string& text : {std::string("short"), std::string("alice"),
                                    std::string("correct horse"), std::string(513, 'a')})
        EXPECT_EQ(failure(store().set(alice_, password_of(text), Existing::Replace)),
                  Errc::PasswordNotAccepted);
    EXPECT_EQ(content(), before);
}

// Row P18.
TEST_F(PasswordStoreTest, DoesNotEvenHashWhatCannotBeAPassword) {
    ASSERT_TRUE(store().set(alice_, password_of("correct horse"), Existing::Keep));
    for (const std::string& text : {std::string(), std::string(513, 'a'), std::string("a\x01")}) {
        EXPECT_EQ(failure(store().check(alice_, password_of(text))), Errc::InvalidPassword);
        EXPECT_EQ(failure(store().check_absent(password_of(text))), Errc::InvalidPassword);
    }
}

// Row A13: the uid of a deleted account, given to somebody else.
TEST_F(PasswordStoreTest, DoesNotLetARecycledUidInherit) {
    ASSERT_TRUE(store().set(alice_, password_of("correct horse"), Existing::Keep));
    const Account bob{alice_.uid, alice_.gid, "bob"};
    EXPECT_FALSE(store().has_password(bob).value());
    EXPECT_EQ(failure(store().check(bob, password_of("correct horse"))), Errc::NoServicePassword);
    EXPECT_TRUE(store().set(bob, password_of("battery staple"), Existing::Keep));
}

// Row P17.
TEST_F(PasswordStoreTest, RefusesADamagedFile) {
    ASSERT_TRUE(store().set(alice_, password_of("correct horse"), Existing::Keep));
    const std::string good = content();
    const std::string hash =
        good.substr(good.find("$y$"), good.find("\nchanged") - good.find("$y$"));
    const auto with = [&](const std::string& old, const std::string& replacement) {
        std::string text = good;
        return text.replace(text.find(old), old.size(), replacement);
    };
    const std::vector<std::string> damaged = {
        "",
        good + "extra=1\n",
        good + "\nversion=1\n",
        good.substr(0, good.size() / 2),
        with("version=1", "version=2"),
        with("uid=1000", "uid=1001"),
        with("uid=1000", "uid=01000"),
        with("user=alice", "user="),
        with("user=alice\n", ""),
        with("user=alice", "user=al\x01ice"),
        with("changed=", "changed=x"),
        with(hash, "*0"),
        with(hash, "*1"),
        with(hash, ""),
        with(hash, "$y$"),
        with(hash, "abJnggxhB/yWI"),
        with(hash, hash.substr(0, hash.size() - 1)),
        with(hash, hash + hash),
        std::string(100'000, 'a'),
    };
    for (const std::string& text : damaged) {
        overwrite(text);
        EXPECT_EQ(failure(store().check(alice_, password_of("correct horse"))), Errc::Corrupt)
            << text.substr(0, 200);
        EXPECT_FALSE(store().has_password(alice_));
        EXPECT_EQ(failure(store().set(alice_, password_of("battery staple"), Existing::Keep)),
                  Errc::AccessDenied);
    }
    EXPECT_TRUE(store().set(alice_, password_of("battery staple"), Existing::Replace));
    EXPECT_TRUE(store().check(alice_, password_of("battery staple")));
}

TEST_F(PasswordStoreTest, HashesAWeakOneAnewOnceItWasRight) {
    ASSERT_TRUE(store(1).set(alice_, password_of("correct horse"), Existing::Keep));
    const std::string weak = content();
    EXPECT_FALSE(store(3).check(alice_, password_of("wrong horse")));
    EXPECT_EQ(content(), weak);
    EXPECT_TRUE(store(3).check(alice_, password_of("correct horse")));
    const std::string strong = content();
    EXPECT_NE(strong, weak);
    EXPECT_EQ(strong.substr(strong.find("\nchanged")), weak.substr(weak.find("\nchanged")));
    EXPECT_TRUE(store(1).check(alice_, password_of("correct horse")));
    EXPECT_EQ(content(), strong);
}

TEST_F(PasswordStoreTest, MeasuresTheCostOfTheMachineOnce) {
    ASSERT_TRUE(store(std::nullopt).set(alice_, password_of("correct horse"), Existing::Keep));
    std::ifstream stream(directory_.file("hash-cost"));
    int chosen = 0;
    ASSERT_TRUE(stream >> chosen);
    EXPECT_GE(chosen, 5);
    EXPECT_LE(chosen, 8);
    std::ofstream(directory_.file("hash-cost")) << 2;
    ASSERT_TRUE(store(std::nullopt).set(alice_, password_of("battery staple"), Existing::Replace));
    EXPECT_NE(content().find("hash=$y$j85$"), std::string::npos) << content();
}

// Row P18: with every slot taken, a check waits until one is free.
TEST_F(PasswordStoreTest, HashesOnlySoManyAtOnce) {
    ASSERT_TRUE(store().set(alice_, password_of("correct horse"), Existing::Keep));
    std::vector<UniqueFd> slots;
    for (int i = 0; i < limits::kConcurrentHashes; ++i) {
        slots.emplace_back(open(directory_.file("hashing." + std::to_string(i)).c_str(),
                                O_RDWR | O_CREAT | O_CLOEXEC, 0600));
        ASSERT_EQ(flock(slots.back().get(), LOCK_EX), 0);
    }
    std::atomic<bool> done = false;
    std::thread check([&] {
        EXPECT_TRUE(store().check(alice_, password_of("correct horse")));
        done = true;
    });
    // Time enough for several checks, if it had not waited.
    for (int i = 0; i < 5; ++i)
        (void)measure_cost(3);
    EXPECT_FALSE(done);
    slots.clear();
    check.join();
    EXPECT_TRUE(done);
}

TEST_F(PasswordStoreTest, ReadersSeeTheOldOrTheNewPasswordWhileItChanges) {
    ASSERT_TRUE(store().set(alice_, password_of("password 0"), Existing::Keep));
    std::atomic<bool> stop = false;
    std::thread reader([&] {
        while (!stop)
            EXPECT_TRUE(store().has_password(alice_).value());
    });
    for (int i = 1; i <= 20; ++i)
        ASSERT_TRUE(
            store().set(alice_, password_of("password " + std::to_string(i)), Existing::Replace));
    stop = true;
    reader.join();
}

}  // namespace
}  // namespace patd::password
