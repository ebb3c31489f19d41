// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/release/child_token.h"
#include "daemon/release/verify.h"
#include "daemon/tokens/token_service.h"
#include "tests/support/service_fixture.h"

// What tokens may do, and how changes of the catalogue affect that.
namespace patd {
namespace {

using support::caller_of;
using support::Issued;
using support::kAlice;
using support::name_of;

using support::kNow;

Errc error_of(const Result<Plan>& plan) {
    return plan ? Errc::Internal : plan.error().code;
}

class PermissionsOfTokens : public support::ServiceFixture {
  protected:
    void SetUp() override {
        ServiceFixture::SetUp();
        tokens_.emplace(context());
    }
    static NewToken request(const std::string& permissions) {
        NewToken made;
        made.owner_name = name_of(kAlice);
        made.description = "a laptop";
        made.permissions = parse_permission_list(permissions).value();
        made.options.targets = parse_targets({"https://h.example"}).value();
        return made;
    }
    static NewToken import_request() {
        NewToken made = request("vcs:repository:rw");
        made.options.targets = parse_targets({"https://forge.example"}).value();
        made.options.username = "alice";
        return made;
    }
    std::string created_with(const std::string& permissions) {
        const Result<Plan> plan = tokens_->create(caller_of(kAlice), request(permissions));
        if (!plan)
            return std::string(errc_name(plan.error().code));
        const Committed shown = commit(plan).value();
        acknowledge(shown).value();
        id_ = TokenId::parse(std::get<std::string>(*shown.result.find("id")));
        return permissions_of(*id_);
    }
    std::string permissions_of(const TokenId& id) {
        return format_permissions(stored(id).value().permissions);
    }
    std::string edited_to(const TokenId& id, const std::string& permissions) {
        TokenChange change;
        change.permissions = parse_permission_list(permissions).value();
        const Result<Plan> plan = tokens_->update(caller_of(kAlice), id, change);
        if (!plan)
            return std::string(errc_name(plan.error().code));
        commit(plan).value();
        return permissions_of(id);
    }

    bool is_valid(const TokenSecret& secret) {
        return Verifier(context())
            .verify(caller_of(Uid(33)), secret.reveal(), {})
            .value()
            .valid.has_value();
    }

    std::optional<TokenService> tokens_;
    std::optional<TokenId> id_;
};

TEST_F(PermissionsOfTokens, AreStoredAsWhatTheyStandForToday) {
    EXPECT_EQ(created_with("vcs"), "vcs:issue:rw,vcs:repository:rw");
    const TokenId id = *id_;
    // The area grows: the token does not.
    state_.catalogue.set({"vcs", "secret", ObjectAccess::ReadWrite, "new"});
    const TokenSecret child = support::make_child({id, 1, kNow + 60, stored(id)->permissions,
                                                   Target::parse("https://h.example").value(),
                                                   Origin::parse("https://h.example").value()},
                                                  *store_)
                                  .value();
    VerifyRequest wanted;
    wanted.permission = Permission::parse("vcs:secret:ro").value();
    const auto verified =
        Verifier(context()).verify(caller_of(Uid(33)), child.reveal(), wanted).value();
    EXPECT_EQ(verified.failure, VerifyFailure::Permission);
    EXPECT_EQ(edited_to(id, "vcs"), "vcs:issue:rw,vcs:repository:rw,vcs:secret:rw");
    EXPECT_EQ(edited_to(id, "vcs:issue"), "vcs:issue:rw");
}

TEST_F(PermissionsOfTokens, OutsideTheCatalogueAreRefusedAtCreateImportAndEdit) {
    EXPECT_EQ(created_with("wiki:page:ro"), "UnknownPermission");
    EXPECT_EQ(created_with("user:profile:rw"), "UnknownPermission");
    NewToken wanted = import_request();
    wanted.options.permissions = parse_permission_list("wiki:page:ro").value();
    EXPECT_EQ(error_of(tokens_->import(caller_of(kAlice), wanted)), Errc::UnknownPermission);
    wanted.options.permissions = parse_permission_list("vcs:issue").value();
    EXPECT_TRUE(tokens_->import(caller_of(kAlice), wanted));
    const Issued issued = issue(kAlice);
    EXPECT_EQ(edited_to(issued.token.id, "wiki"), "UnknownPermission");
    EXPECT_EQ(permissions_of(issued.token.id), "vcs:repository:rw");
}

TEST_F(PermissionsOfTokens, WithoutACatalogueNothingCanBeGiven) {
    state_.catalogue = {};
    EXPECT_EQ(created_with("vcs:repository:ro"), "UnknownPermission");
    NewToken wanted = import_request();
    EXPECT_EQ(error_of(tokens_->import(caller_of(kAlice), wanted)), Errc::UnknownPermission);
    wanted.permissions.clear();
    EXPECT_TRUE(tokens_->import(caller_of(kAlice), wanted));
}

TEST_F(PermissionsOfTokens, ThatLeftTheCatalogueWorkAndStayButAreNotGivenAnew) {
    const Issued issued = issue(kAlice);
    state_.catalogue = {};
    state_.catalogue.set({"ci", "build", ObjectAccess::ReadWrite, "Builds"});
    EXPECT_TRUE(is_valid(issued.secret));
    TokenChange description;
    description.description = "another name";
    commit(tokens_->update(caller_of(kAlice), issued.token.id, description)).value();
    EXPECT_EQ(permissions_of(issued.token.id), "vcs:repository:rw");
    EXPECT_EQ(edited_to(issued.token.id, "vcs:repository:rw,ci:build:ro"),
              "ci:build:ro,vcs:repository:rw");
    EXPECT_EQ(edited_to(issued.token.id, "vcs:repository:ro"), "vcs:repository:ro");
    EXPECT_EQ(edited_to(issued.token.id, "vcs:repository:rw"), "UnknownPermission");
    EXPECT_EQ(created_with("vcs:repository:ro"), "UnknownPermission");
}

// A token from before there was a catalogue may hold a whole area.
TEST_F(PermissionsOfTokens, OfAnOlderTokenStayUntilTheyAreEdited) {
    const Issued old = issue(kAlice, {.permissions = "vcs"});
    TokenChange description;
    description.description = "another name";
    commit(tokens_->update(caller_of(kAlice), old.token.id, description)).value();
    EXPECT_EQ(permissions_of(old.token.id), "vcs");
    EXPECT_EQ(edited_to(old.token.id, "vcs"), "vcs:issue:rw,vcs:repository:rw");
    EXPECT_EQ(stored(old.token.id)->generation, 2U);
}

}  // namespace
}  // namespace patd
