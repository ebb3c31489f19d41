// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/tokens/token_change.h"

#include "tests/support/service_fixture.h"

namespace patd {
namespace {

using support::kAlice;
using support::make_token;
using Strings = std::vector<std::string>;

using support::kNow;

struct Rule {
    const char* name;
    TokenChange change;
    bool narrows;
};

TokenChange with_permissions(std::string_view text) {
    TokenChange change;
    change.permissions = parse_permission_list(text).value();
    return change;
}

TokenChange with_targets(const Strings& texts) {
    TokenChange change;
    change.targets = parse_targets(texts).value();
    return change;
}

TokenChange with_expiry(UnixTime expires) {
    TokenChange change;
    change.expires = expires;
    return change;
}

// The token may use vcs:repository:rw at https://git.example/team until kNow + 3600.
TEST(TokenChange, RaisesTheGenerationExactlyWhenItTakesSomethingAway) {
    TokenChange others;
    others.description = "another name";
    others.confirm = Confirm::Always;
    others.reinstate = true;
    const Rule rules[] = {
        {"nothing", {}, false},
        {"description, confirm, reinstate", others, false},
        {"same permissions", with_permissions("vcs:repository:rw"), false},
        {"wider permissions", with_permissions("vcs"), false},
        {"one more permission", with_permissions("vcs:repository:rw,wiki:page:ro"), false},
        {"rw to ro", with_permissions("vcs:repository:ro"), true},
        {"other permissions", with_permissions("wiki"), true},
        {"same targets", with_targets({"https://git.example/team"}), false},
        {"shorter path", with_targets({"https://git.example"}), false},
        {"one more target", with_targets({"https://git.example/team", "https://two.example"}),
         false},
        {"longer path", with_targets({"https://git.example/team/repo"}), true},
        {"other host", with_targets({"https://two.example/team"}), true},
        {"other protocol", with_targets({"http://git.example/team"}), true},
        {"no target", with_targets({}), true},
        {"same expiry", with_expiry(kNow + 3600), false},
        {"later", with_expiry(kNow + 3601), false},
        {"never", with_expiry(0), false},
        {"earlier", with_expiry(kNow + 3599), true},
    };
    for (const Rule& rule : rules) {
        Token token = make_token(kAlice, TokenKind::Issued,
                                 {.targets = {"https://git.example/team"}, .expires = kNow + 3600});
        token.generation = 5;
        apply(rule.change, token).value();
        EXPECT_EQ(token.generation, rule.narrows ? 6U : 5U) << rule.name;
    }
}

TEST(TokenChange, AnExpiryForATokenThatHadNoneTakesSomethingAway) {
    Token token = make_token(kAlice, TokenKind::Issued);
    apply(with_expiry(kNow + 86400), token).value();
    EXPECT_EQ(token.generation, 2U);
}

// Processes that it is no longer released to may still hold a child.
TEST(TokenChange, FewerUnitsEndTheChildrenAndMoreDoNot) {
    const auto raises = [](const Strings& before, const Strings& after) {
        Token token = make_token(kAlice, TokenKind::Issued);
        token.rules = ReleaseRules::parse(before).value();
        TokenChange change;
        change.rules = ReleaseRules::parse(after).value();
        apply(change, token).value();
        EXPECT_EQ(token.rules, *change.rules);
        return token.generation > 1;
    };
    EXPECT_TRUE(raises({}, {"a.service"}));
    EXPECT_TRUE(raises({"a.service"}, {"b.service"}));
    EXPECT_TRUE(raises({"a.service", "b.service"}, {"a.service"}));
    EXPECT_FALSE(raises({}, {}));
    EXPECT_FALSE(raises({"a.service"}, {"a.service"}));
    EXPECT_FALSE(raises({"a.service"}, {"a.service", "b.service"}));
    EXPECT_FALSE(raises({"a.service"}, {}));
}

TEST(TokenChange, SetsWhatIsNamedAndLeavesTheRest) {
    const Token before = make_token(kAlice, TokenKind::Imported, {.expires = kNow + 3600});
    Token token = before;
    token.state = TokenState::Rejected;
    apply({}, token).value();
    EXPECT_EQ(token.state, TokenState::Rejected);
    TokenChange change = with_permissions("wiki");
    change.description = "new";
    change.targets = parse_targets({"https://two.example"}).value();
    change.username = "me";
    change.expires = 0;
    change.confirm = Confirm::Always;
    change.reinstate = true;
    apply(change, token).value();
    EXPECT_EQ(token.id, before.id);
    EXPECT_EQ(token.owner, before.owner);
    EXPECT_EQ(token.kind, before.kind);
    EXPECT_EQ(token.created, before.created);
    EXPECT_EQ(token.description, "new");
    EXPECT_EQ(token.permissions, change.permissions);
    EXPECT_EQ(token.targets, change.targets);
    EXPECT_EQ(token.username, "me");
    EXPECT_EQ(token.expires, 0);
    EXPECT_EQ(token.confirm, Confirm::Always);
    EXPECT_EQ(token.state, TokenState::Active);
}

TEST(TokenChange, RefusesAnotherUsernameForAnIssuedTokenAndChangesNothing) {
    Token token = make_token(kAlice, TokenKind::Issued);
    TokenChange change = with_permissions("wiki");
    change.username = "bin";
    const Result<void> applied = apply(change, token);
    ASSERT_FALSE(applied.has_value());
    EXPECT_EQ(applied.error().code, Errc::InvalidUsername);
    EXPECT_EQ(format_permissions(token.permissions), "vcs:repository:rw");
}

TEST(TokenChange, RefusesToTakeAnImportedTokensLastTarget) {
    Token token = make_token(kAlice, TokenKind::Imported);
    const Result<void> applied = apply(with_targets({}), token);
    ASSERT_FALSE(applied.has_value());
    EXPECT_EQ(applied.error().code, Errc::InvalidTarget);
}

TokenChange through_gateway(bool is_on) {
    TokenChange change;
    change.through_gateway = is_on;
    return change;
}

TEST(TokenChange, TheGatewayIsForImportedTokensThatItCanSend) {
    Token token = make_token(kAlice, TokenKind::Imported);
    const std::uint32_t before = token.generation;
    ASSERT_TRUE(apply(through_gateway(true), token));
    EXPECT_TRUE(token.through_gateway);
    EXPECT_EQ(token.generation, before + 1);
    ASSERT_TRUE(apply(through_gateway(true), token));
    EXPECT_EQ(token.generation, before + 1) << "nothing changed";
    ASSERT_TRUE(apply(through_gateway(false), token));
    EXPECT_FALSE(token.through_gateway);
    EXPECT_EQ(token.generation, before + 2);

    Token issued = make_token(kAlice, TokenKind::Issued);
    EXPECT_EQ(apply(through_gateway(true), issued).error().code, Errc::UnfitForGateway);
    EXPECT_TRUE(apply(through_gateway(false), issued));
    Token in_clear = make_token(kAlice, TokenKind::Imported,
                                {.targets = {"https://git.example", "http://git.example"}});
    EXPECT_EQ(apply(through_gateway(true), in_clear).error().code, Errc::UnfitForGateway);
    Token unlisted = make_token(kAlice, TokenKind::Imported, {.permissions = ""});
    EXPECT_EQ(apply(through_gateway(true), unlisted).error().code, Errc::UnfitForGateway);
    Token key = make_token(kAlice, TokenKind::Imported);
    key.secret_kind = SecretKind::Aws;
    EXPECT_EQ(apply(through_gateway(true), key).error().code, Errc::UnfitForGateway);
    Token of_git = make_token(kAlice, TokenKind::Imported);
    of_git.provenance = Provenance::GitStore;
    EXPECT_EQ(apply(through_gateway(true), of_git).error().code, Errc::UnfitForGateway);
}

TEST(TokenChange, WhatGoesThroughTheGatewayStaysFitForIt) {
    Token token = make_token(kAlice, TokenKind::Imported);
    ASSERT_TRUE(apply(through_gateway(true), token));
    const Token before = token;
    EXPECT_EQ(apply(with_targets({"http://git.example"}), token).error().code,
              Errc::UnfitForGateway);
    token = before;
    TokenChange both = with_targets({"http://git.example"});
    both.through_gateway = false;
    EXPECT_TRUE(apply(both, token));
}

}  // namespace
}  // namespace patd
