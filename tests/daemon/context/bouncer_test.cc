// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/context/bouncer.h"

#include <gtest/gtest.h>

#include <array>

namespace patd {
namespace {

constexpr Errc kGranted = Errc::Internal;  // stands for "no error" in outcome_of

Errc outcome_of(const Result<void>& result) {
    return result ? kGranted : result.error().code;
}

Caller caller_of(std::uint32_t uid, std::string connection = ":1.7") {
    return {Uid(uid), std::move(connection)};
}

struct Row {
    std::uint32_t uid;
    bool anyone;
    bool owner;
    bool holder;
    bool root;
};

// Caller and access level, the whole table (A2, A6, A14, A15).
constexpr std::array kRows = {
    Row{0, true, true, true, true},
    Row{1, true, true, true, false},
    Row{33, true, true, true, false},
    Row{999, true, true, true, false},
    Row{1000, true, true, true, false},
    Row{60000, true, true, true, false},
    Row{61183, true, true, true, false},
    Row{61184, true, false, true, false},  // systemd's dynamic users: verify, but own nothing
    Row{65519, true, false, true, false},
    Row{65520, true, true, true, false},
    Row{65533, true, true, true, false},
    Row{65534, false, false, false, false},  // nobody, and peers without a mapping here
    Row{65535, false, false, false, false},
    Row{65536, true, true, true, false},
    Row{0x7fffffff, true, true, true, false},
    Row{0x80000000, true, true, true, false},
    Row{4000000000, true, true, true, false},
    Row{0xfffffffe, true, true, true, false},
    Row{0xffffffff, false, false, false, false},
};

// Rows A2, A5, A14, A15, A21.
TEST(Bouncer, DecidesForEveryCallerAndEveryAccessLevelAsTheTableSays) {
    for (const Row& row : kRows) {
        const Caller caller = caller_of(row.uid);
        const auto expected = [](bool allowed) { return allowed ? kGranted : Errc::AccessDenied; };
        EXPECT_EQ(outcome_of(authorise(caller, Access::Anyone)), expected(row.anyone)) << row.uid;
        EXPECT_EQ(outcome_of(authorise(caller, Access::Owner)), expected(row.owner)) << row.uid;
        EXPECT_EQ(outcome_of(authorise(caller, Access::Holder)), expected(row.holder)) << row.uid;
        EXPECT_EQ(outcome_of(authorise(caller, Access::Root)), expected(row.root)) << row.uid;
    }
}

// Rows A2, P23.
TEST(Bouncer, RefusesAnAccessLevelThatItDoesNotKnow) {
    const auto unknown = static_cast<Access>(17);
    EXPECT_EQ(outcome_of(authorise(caller_of(0), unknown)), Errc::AccessDenied);
    EXPECT_EQ(outcome_of(authorise(caller_of(1000), unknown)), Errc::AccessDenied);
}

// Row A4.
TEST(Bouncer, ShowsATokenToItsOwnerAloneAndToRootOnlyIfRootOwnsIt) {
    for (const Row& owner : kRows) {
        const Token token{TokenId::parse("abcdefghij").value(), Uid(owner.uid)};
        for (const Row& row : kRows) {
            const Errc expected = row.uid == owner.uid ? kGranted : Errc::NotFound;
            EXPECT_EQ(outcome_of(authorise_owner(caller_of(row.uid), token)), expected)
                << row.uid << " and a token of " << owner.uid;
        }
    }
}

// Row A13: a uid that now belongs to somebody else.
TEST(Bouncer, ShowsATokenOnlyToTheAccountThatItWasMadeUnder) {
    const Token token{TokenId::parse("abcdefghij").value(), Uid(1000), "alice"};
    EXPECT_EQ(outcome_of(authorise_owner(caller_of(1000), "alice", token)), kGranted);
    EXPECT_EQ(outcome_of(authorise_owner(caller_of(1001), "alice", token)), Errc::NotFound);
    for (const char* account : {"", "bob", "Alice", "alic", "alice2"})
        EXPECT_EQ(outcome_of(authorise_owner(caller_of(1000), account, token)), Errc::NotFound);
}

// Row P4.
TEST(Bouncer, LetsOnlyRootAndTheUserItselfHaveAServicePasswordChecked) {
    EXPECT_EQ(outcome_of(authorise_check(caller_of(0), Uid(1000))), kGranted);
    EXPECT_EQ(outcome_of(authorise_check(caller_of(0), Uid(0))), kGranted);
    EXPECT_EQ(outcome_of(authorise_check(caller_of(0), std::nullopt)), kGranted);
    EXPECT_EQ(outcome_of(authorise_check(caller_of(1000), std::nullopt)), Errc::AccessDenied);
    EXPECT_EQ(outcome_of(authorise_check(caller_of(1000), Uid(1000))), kGranted);
    EXPECT_EQ(outcome_of(authorise_check(caller_of(1000), Uid(1001))), Errc::AccessDenied);
    EXPECT_EQ(outcome_of(authorise_check(caller_of(1000), Uid(0))), Errc::AccessDenied);
    EXPECT_EQ(outcome_of(authorise_check(caller_of(33), Uid(1000))), Errc::AccessDenied);
}

// Row A4.
TEST(Bouncer, LetsOnlyTheConnectionThatBeganAnOperationUseIt) {
    const Caller owner = caller_of(1000, ":1.7");
    EXPECT_EQ(outcome_of(authorise_holder(caller_of(1000, ":1.7"), owner)), kGranted);
    EXPECT_EQ(outcome_of(authorise_holder(caller_of(1000, ":1.8"), owner)), Errc::OperationGone);
    EXPECT_EQ(outcome_of(authorise_holder(caller_of(1000, ":1.70"), owner)), Errc::OperationGone);
    EXPECT_EQ(outcome_of(authorise_holder(caller_of(1001, ":1.7"), owner)), Errc::OperationGone);
    EXPECT_EQ(outcome_of(authorise_holder(caller_of(0, ":1.7"), owner)), Errc::OperationGone);
    EXPECT_EQ(outcome_of(authorise_holder(caller_of(1000, ""), owner)), Errc::OperationGone);
}

// Row G3.
TEST(Bouncer, LetsOnlyTheNamedAccountAskForSecretsOfTheGateway) {
    const auto asks = [](std::uint32_t uid, const char* account) {
        return outcome_of(authorise_gateway(caller_of(uid), account, "patd-http-gateway"));
    };
    EXPECT_EQ(asks(990, "patd-http-gateway"), kGranted);
    EXPECT_EQ(asks(991, "patd-http"), Errc::AccessDenied);
    EXPECT_EQ(asks(1000, "alice"), Errc::AccessDenied);
    EXPECT_EQ(asks(1000, ""), Errc::AccessDenied);
    EXPECT_EQ(asks(0, "root"), Errc::AccessDenied);
    EXPECT_EQ(asks(0, "patd-http-gateway"), Errc::AccessDenied);
}

TEST(Bouncer, AUsersOwnServiceIsForThatUserAloneAndNobodyAdministersIt) {
    const Uid user(1000);
    for (const Access access : {Access::Anyone, Access::Owner, Access::Holder, Access::Root}) {
        EXPECT_EQ(authorise_user(user, caller_of(1000), access).has_value(),
                  access != Access::Root);
        for (const std::uint32_t other : {0U, 999U, 1001U, 65534U, 0xffffffffU})
            EXPECT_FALSE(authorise_user(user, caller_of(other), access)) << other;
    }
}

}  // namespace
}  // namespace patd
