// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/tokens/new_token.h"

#include "tests/support/service_fixture.h"

#include <gtest/gtest.h>

namespace patd {
namespace {

using support::caller_of;
using support::kAlice;

class NewTokenTest : public support::ServiceFixture {
  protected:
    void SetUp() override {
        ServiceFixture::SetUp();
        context_.emplace(context());
    }
    static NewToken request() {
        return {"daemon", "a laptop", parse_permission_list("user:profile:ro").value(), {}};
    }
    static NewToken import_request() {
        NewToken request{"daemon", "elsewhere", {}, {}};
        request.options.targets = parse_targets({"https://git.example"}).value();
        request.options.username = "robot";
        return request;
    }

    std::optional<Context> context_;
};

TEST_F(NewTokenTest, IsWhatWasAskedForAndNotInTheStore) {
    const Token issued = make_issued(*context_, kAlice, request()).value();
    EXPECT_EQ(issued.owner, kAlice);
    EXPECT_EQ(issued.kind, TokenKind::Issued);
    EXPECT_EQ(issued.username, "daemon");
    EXPECT_EQ(issued.created, clock_.now());
    EXPECT_EQ(issued.generation, 1U);
    const Token imported = make_imported(*context_, kAlice, import_request()).value();
    EXPECT_EQ(imported.kind, TokenKind::Imported);
    EXPECT_EQ(imported.username, "robot");
    EXPECT_NE(imported.id, issued.id);
    EXPECT_EQ(store_->count(kAlice).value(), 0U);
}

TEST_F(NewTokenTest, GoesThroughTheGatewayWhereThereIsOne) {
    NewToken wanted = import_request();
    wanted.options.through_gateway = true;
    wanted.options.permissions = parse_permission_list("vcs:repository:ro").value();
    EXPECT_EQ(make_imported(*context_, kAlice, wanted).error().code, Errc::NoGateway);
    state_.settings.gateway_origin = Origin::parse("http://127.0.0.1:9200").value();
    EXPECT_TRUE(make_imported(*context_, kAlice, wanted).value().through_gateway);
    wanted.options.permissions.reset();
    EXPECT_EQ(make_imported(*context_, kAlice, wanted).error().code, Errc::UnfitForGateway);
}

TEST_F(NewTokenTest, NeverLastsLongerThanTheConfigurationAllows) {
    state_.settings.token_lifetime_max = std::chrono::hours(1);
    for (const auto& [make, request] : {std::pair(&make_issued, NewTokenTest::request()),
                                        std::pair(&make_imported, import_request())}) {
        NewToken wanted = request;
        EXPECT_EQ(make(*context_, kAlice, wanted).error().code, Errc::InvalidExpiry) << "no end";
        wanted.options.expires = clock_.now() + 3601;
        EXPECT_EQ(make(*context_, kAlice, wanted).error().code, Errc::InvalidExpiry);
        wanted.options.expires = clock_.now() + 3600;
        EXPECT_TRUE(make(*context_, kAlice, wanted));
    }
}

TEST_F(NewTokenTest, HasRoomUpToTheConfiguredNumber) {
    state_.settings.tokens_per_user = 2;
    EXPECT_TRUE(check_room(*context_, kAlice, 2));
    EXPECT_EQ(check_room(*context_, kAlice, 3).error().code, Errc::LimitExceeded);
    issue(kAlice);
    EXPECT_TRUE(check_room(*context_, kAlice, 1));
    EXPECT_EQ(check_room(*context_, kAlice, 2).error().code, Errc::LimitExceeded);
}

TEST_F(NewTokenTest, IsKeptWithTheSecretThatWasGiven) {
    const Token token = make_imported(*context_, kAlice, import_request()).value();
    const auto plan = [&] {
        return Result<Plan>(
            plan_given(*context_, {caller_of(kAlice), kAlice, token.id, "import"}, token,
                       [&](const TokenSecret& secret) { return store_->insert(token, secret); }));
    };
    EXPECT_FALSE(plan()->secret_prompt.empty());
    EXPECT_EQ(commit(plan(), "two\nlines").error().code, Errc::InvalidSecret);
    EXPECT_TRUE(events(kAlice).empty());
    Committed kept = commit(plan(), "ghp_secret").value();
    EXPECT_EQ(kept.result.take<std::string>("id").value(), token.id.text());
    EXPECT_EQ(store_->count(kAlice).value(), 1U);
    EXPECT_EQ(events(kAlice), std::vector<std::string>{"import ok"});
}

}  // namespace
}  // namespace patd
