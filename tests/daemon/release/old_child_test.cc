// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/release/old_child.h"

#include "daemon/release/verify.h"
#include "tests/support/old_child.h"
#include "tests/support/service_fixture.h"

namespace patd {
namespace {

using support::caller_of;
using support::child_text;
using support::Issued;
using support::kAlice;
using support::old_child;
using support::old_child_body;
using support::raw_child;
using support::secret_of;

using support::kNow;

class OldChild : public support::ServiceFixture {
  protected:
    ChildClaims claims_of(const Token& token) {
        return {token.id,          token.generation,      kNow + 600,
                token.permissions, token.targets.front(), token.targets.front().origin()};
    }
    std::string outcome(const std::string& text, const VerifyRequest& request = {}) {
        const Verification verification =
            Verifier(context())
                .verify(caller_of(Uid(33)), secret_of(text).reveal(), request)
                .value();
        return verification.valid ? "valid"
                                  : std::string(verify_failure_name(verification.failure));
    }
};

TEST_F(OldChild, IsTakenUntilItsOwnExpiry) {
    const Issued issued = issue(kAlice, {.permissions = "vcs,wiki"});
    ChildClaims claims = claims_of(issued.token);
    claims.permissions = parse_permission_list("vcs:repository:ro").value();
    const std::string child = old_child(claims, *store_);
    EXPECT_GT(child.size(), kChildBytesMax);
    VerifyRequest wanted;
    wanted.permission = Permission::parse("vcs:repository:ro").value();
    wanted.audience = claims.audience;
    EXPECT_EQ(outcome(child, wanted), "valid");
    wanted.permission = Permission::parse("vcs:repository:rw").value();
    EXPECT_EQ(outcome(child, wanted), "permission");
    wanted.permission.reset();
    wanted.audience = Origin::parse("https://other.example").value();
    EXPECT_EQ(outcome(child, wanted), "audience");
    clock_.advance(std::chrono::seconds(600));
    EXPECT_EQ(outcome(child), "expired");
}

TEST_F(OldChild, DiesWithItsParentsSecretAndWithItsParent) {
    const Issued issued = issue(kAlice);
    const std::string child = old_child(claims_of(issued.token), *store_);
    store_
        ->replace_secret(issued.token.id, kAlice,
                         make_issued_secret(issued.token.id, random_).value(), {}, kNow)
        .value();
    EXPECT_EQ(outcome(child), "dead");
    const Issued other = issue(kAlice);
    const std::string orphan = old_child(claims_of(other.token), *store_);
    store_->remove(other.token.id, kAlice, kNow).value();
    EXPECT_EQ(outcome(orphan), "dead");
}

TEST_F(OldChild, IsUnknownWithAnyBitFlipped) {
    const std::string raw = raw_child(old_child(claims_of(issue(kAlice).token), *store_));
    for (std::size_t bit = 0; bit < raw.size() * 8; ++bit) {
        std::string changed = raw;
        changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
        EXPECT_EQ(outcome(child_text(changed)), "unknown") << bit;
    }
}

// Half a MAC is enough only for the newer form.
TEST_F(OldChild, IsUnknownWithHalfOfItsMac) {
    const std::string raw = raw_child(old_child(claims_of(issue(kAlice).token), *store_));
    EXPECT_EQ(outcome(child_text(raw)), "valid");
    for (std::size_t bytes = 1; bytes <= 32; ++bytes)
        EXPECT_EQ(outcome(child_text(raw.substr(0, raw.size() - bytes))), "unknown") << bytes;
}

TEST_F(OldChild, IsReadAsItWasWritten) {
    const ChildClaims claims =
        claims_of(issue(kAlice, {.targets = {"https://git.example/My%20Team"}}).token);
    const std::string body = old_child_body(claims);
    const ChildClaims read = read_old_child(body).value();
    EXPECT_EQ(read.parent, claims.parent);
    EXPECT_EQ(read.generation, claims.generation);
    EXPECT_EQ(read.expires, claims.expires);
    EXPECT_EQ(read.permissions, claims.permissions);
    EXPECT_EQ(read.target, claims.target);
    EXPECT_EQ(read.audience, claims.audience);
    for (std::size_t size = 0; size < body.size(); ++size)
        EXPECT_FALSE(read_old_child(body.substr(0, size))) << size;
    EXPECT_FALSE(read_old_child(body + "x"));
}

}  // namespace
}  // namespace patd
