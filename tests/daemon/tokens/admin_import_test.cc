// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/tokens/admin_import.h"

#include "tests/support/read_store.h"
#include "tests/support/service_fixture.h"

#include <gtest/gtest.h>

namespace patd {
namespace {

using support::caller_of;
using support::kAlice;

class AdminImportTest : public support::ServiceFixture {
  protected:
    static NewToken request(const std::string& user = "daemon") {
        NewToken request{user, "off-site", {}, {}};
        request.options.targets = parse_targets({"https://git.example"}).value();
        request.options.username = "robot";
        return request;
    }
    Result<Plan> plan(const NewToken& request) {
        std::optional<Result<Plan>> plan;
        plan_admin_import(*context_, caller_of(Uid(0)), request,
                          [&](Result<Plan> made) { plan.emplace(std::move(made)); });
        return std::move(plan).value();
    }
    void SetUp() override {
        ServiceFixture::SetUp();
        context_.emplace(context());
    }

    std::optional<Context> context_;
};

TEST_F(AdminImportTest, AsksForTheSecretAndForNoPassword) {
    const Result<Plan> made = plan(request());
    ASSERT_TRUE(made);
    EXPECT_EQ(made->step_up, Plan::StepUp::None);
    EXPECT_FALSE(made->secret_prompt.empty());
    EXPECT_EQ(store_->count(kAlice).value(), 0U);
}

TEST_F(AdminImportTest, KeepsWhatWasGivenAndRefusesWhatIsNoSecret) {
    EXPECT_EQ(commit(plan(request()), "a\nb").error().code, Errc::InvalidSecret);
    EXPECT_EQ(store_->count(kAlice).value(), 0U);
    ASSERT_TRUE(commit(plan(request()), "ghp_secret"));
    EXPECT_EQ(store_->count(kAlice).value(), 1U);
    EXPECT_EQ(events(kAlice), std::vector<std::string>{"import ok"});
}

TEST_F(AdminImportTest, NeedsATargetAndAUserName) {
    NewToken without = request();
    without.options.targets.reset();
    EXPECT_EQ(plan(without).error().code, Errc::InvalidTarget);
    without = request();
    without.options.username.reset();
    EXPECT_EQ(plan(without).error().code, Errc::InvalidUsername);
}

TEST_F(AdminImportTest, KeepsNothingForLongerThanTheConfigurationAllows) {
    state_.settings.token_lifetime_max = std::chrono::hours(24);
    EXPECT_EQ(plan(request()).error().code, Errc::InvalidExpiry) << "it would never expire";
    NewToken wanted = request();
    wanted.options.expires = clock_.now() + 24 * 3600 + 1;
    EXPECT_EQ(plan(wanted).error().code, Errc::InvalidExpiry);
    wanted.options.expires = clock_.now() + 24 * 3600;
    EXPECT_TRUE(plan(wanted));
}

TEST_F(AdminImportTest, GivesNobodyMoreTokensThanTheConfigurationAllows) {
    state_.settings.tokens_per_user = 1;
    ASSERT_TRUE(commit(plan(request()), "ghp_first"));
    EXPECT_EQ(plan(request()).error().code, Errc::LimitExceeded);
    EXPECT_EQ(store_->count(kAlice).value(), 1U);
}

TEST_F(AdminImportTest, GivesWhatTheCatalogueHasAndNothingElse) {
    NewToken wanted = request();
    wanted.options.permissions = parse_permission_list("wiki:page:ro").value();
    EXPECT_EQ(plan(wanted).error().code, Errc::UnknownPermission);
    wanted.options.permissions = parse_permission_list("user,vcs:issue:ro").value();
    ASSERT_TRUE(commit(plan(wanted), "ghp_secret"));
    EXPECT_EQ(format_permissions(list_tokens(*store_, kAlice).value()[0].token.permissions),
              "user:profile:ro,vcs:issue:ro");
}

TEST_F(AdminImportTest, RefusesAccountsThatCannotOwnTokens) {
    EXPECT_EQ(plan(request("nobody")).error().code, Errc::AccessDenied);
    EXPECT_EQ(plan(request("no-such-account")).error().code, Errc::AccessDenied);
}

}  // namespace
}  // namespace patd
