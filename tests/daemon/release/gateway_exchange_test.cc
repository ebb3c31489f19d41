// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/release/gateway_exchange.h"

#include "common/token/token_key.h"
#include "daemon/release/release.h"
#include "daemon/release/verify.h"
#include "tests/daemon/store/store_fixture.h"
#include "tests/support/full_disk.h"
#include "tests/support/service_fixture.h"

namespace patd {
namespace {

using support::caller_of;
using support::kAlice;
using support::kBob;
using support::kCarol;
using support::kNow;
using support::request_for;
using support::secret_of;
using support::text_of;

constexpr char kForge[] = "https://forge.example/team";
constexpr char kAtGateway[] = "http://127.0.0.1:9200/forge.example/team/repo.git";
constexpr char kFetch[] = "/team/repo.git/git-upload-pack";
constexpr char kPush[] = "/team/repo.git/git-receive-pack";
constexpr char kSecret[] = "ghp_made_elsewhere";

class GatewayExchangeTest : public support::ServiceFixture {
  protected:
    void SetUp() override {
        ServiceFixture::SetUp();
        state_.settings.gateway_origin = Origin::parse("http://127.0.0.1:9200").value();
    }
    Token import_for_gateway(const support::TokenSpec& given = {}) {
        support::TokenSpec spec = given;
        if (spec.targets == support::TokenSpec().targets)
            spec.targets = {kForge};
        if (spec.username.empty())
            spec.username = "al";
        Token token = support::make_token(kAlice, TokenKind::Imported, spec);
        token.through_gateway = true;
        store_->insert(token, secret_of(kSecret)).value();
        return token;
    }
    Result<std::optional<Released>> get(const ReleaseRequest& request) {
        std::optional<Result<std::optional<Released>>> answer;
        Releaser(context()).get(caller_of(kAlice), request,
                                [&](auto result) { answer.emplace(std::move(result)); });
        return std::move(answer).value();
    }
    std::string child(const ReleaseRequest& request) {
        return text_of(get(request).value().value().password);
    }
    std::string child(const char* url = kAtGateway) { return child(request_for(url)); }
    Exchanged exchange(std::string_view token, std::string_view target = kFetch,
                       std::string_view method = "POST", std::string_view host = "forge.example") {
        return GatewayExchange(context())
            .exchange(caller_of(kCarol), {token, host, method, target})
            .value();
    }
    // "granted", or the reason.
    static std::string outcome(const Exchanged& exchanged) {
        const auto* why = std::get_if<ExchangeFailure>(&exchanged);
        return why == nullptr ? "granted" : std::string(exchange_failure_name(*why));
    }
    std::string asked(std::string_view token, std::string_view target = kFetch,
                      std::string_view method = "POST", std::string_view host = "forge.example") {
        return outcome(exchange(token, target, method, host));
    }
    std::string verified(const std::string& token) {
        const Verification verification =
            Verifier(context())
                .verify(caller_of(kCarol), secret_of(token).reveal(), VerifyRequest())
                .value();
        return verification.valid ? "valid"
                                  : std::string(verify_failure_name(verification.failure));
    }
    std::vector<store::Event> log_of(Uid owner) {
        return audit_log_->list({owner, std::nullopt, 1000}).value();
    }
};

TEST_F(GatewayExchangeTest, TheSecretIsNotReleasedAtTheForgesOwnHost) {
    const Token token = import_for_gateway();
    const auto answer = get(request_for("https://forge.example/team/repo.git"));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, Errc::ThroughGateway);
    EXPECT_NE(answer.error().context.find(token.id.text()), std::string::npos);
    EXPECT_NE(answer.error().context.find("patctl setup gateway"), std::string::npos);
    EXPECT_EQ(events(kAlice).back(), "release ThroughGateway");
    // Nor where there is no gateway any more.
    state_.settings.gateway_origin.reset();
    EXPECT_EQ(get(request_for("https://forge.example/team/repo.git")).error().code,
              Errc::ThroughGateway);
    EXPECT_FALSE(get(request_for(kAtGateway)).value());
}

TEST_F(GatewayExchangeTest, AtTheGatewayAChildIsReleasedAndExchangedForTheSecret) {
    const Token token = import_for_gateway();
    const Released released = get(request_for(kAtGateway)).value().value();
    EXPECT_EQ(token_shape(text_of(released.password)), TokenShape::Child);
    EXPECT_EQ(released.scheme, AuthScheme::Basic);
    EXPECT_EQ(released.username, "al");
    EXPECT_EQ(released.expires, kNow + limits::kChildLifetimeSeconds);
    const Exchanged exchanged = exchange(text_of(released.password));
    ASSERT_EQ(outcome(exchanged), "granted");
    const auto& granted = std::get<GatewayRelease>(exchanged);
    EXPECT_EQ(text_of(granted.secret), kSecret);
    EXPECT_EQ(granted.auth.scheme, ForgeScheme::Basic);
    EXPECT_EQ(granted.auth.username, "al");
    EXPECT_EQ(granted.token, token.id);
    EXPECT_EQ(granted.owner, "daemon");
    const std::vector<store::Event> log = log_of(kAlice);
    ASSERT_EQ(log.size(), 2U);
    EXPECT_EQ(log[0].event, "exchange");
    EXPECT_EQ(log[0].by, kCarol);
    EXPECT_EQ(log[0].where,
              "gateway http://127.0.0.1:9200 https://forge.example/team/repo.git "
              "(vcs:repository:ro)");
    EXPECT_EQ(log[1].event, "release");
    EXPECT_EQ(log[1].where,
              "gateway http://127.0.0.1:9200 https://forge.example/team (child, 600s, generation "
              "1: vcs:repository:rw)");
}

// Row G1.
TEST_F(GatewayExchangeTest, AChildOfOneKindNeverPassesForTheOther) {
    const Token token = import_for_gateway();
    const std::string of_imported = child();
    EXPECT_EQ(verified(of_imported), "unknown");
    EXPECT_EQ(asked(of_imported), "granted");

    const Token issued = issue(kAlice, {.targets = {"https://git.example/team"}}).token;
    const std::string of_issued = child("https://git.example/team/repo.git");
    EXPECT_EQ(verified(of_issued), "valid");
    EXPECT_EQ(asked(of_issued), "unknown");
    EXPECT_EQ(asked(of_issued, kFetch, "POST", "git.example"), "unknown");

    // Not even one with a good MAC whose claims name a token of the other kind.
    ChildClaims wrong{issued.id,
                      issued.generation,
                      kNow + 60,
                      issued.permissions,
                      issued.targets.front(),
                      issued.targets.front().origin(),
                      true};
    EXPECT_EQ(
        asked(text_of(support::make_child(wrong, *store_).value()), kFetch, "POST", "git.example"),
        "dead");
    wrong = {token.id,
             token.generation,
             kNow + 60,
             token.permissions,
             token.targets.front(),
             token.targets.front().origin(),
             false};
    EXPECT_EQ(verified(text_of(support::make_child(wrong, *store_).value())), "dead");
}

TEST_F(GatewayExchangeTest, TheSecretsThemselvesAreNoChildren) {
    import_for_gateway();
    const support::Issued issued = issue(kAlice);
    EXPECT_EQ(asked(text_of(issued.secret)), "malformed");
    EXPECT_EQ(asked(kSecret), "malformed");
    EXPECT_EQ(asked(""), "malformed");
}

TEST_F(GatewayExchangeTest, NoChangedByteOfAChildIsAccepted) {
    import_for_gateway();
    const std::string good = child();
    for (std::size_t i = 0; i < good.size(); ++i) {
        std::string bad = good;
        bad[i] = bad[i] == 'A' ? 'B' : 'A';
        EXPECT_NE(asked(bad), "granted") << i;
        EXPECT_NE(asked(good.substr(0, i)), "granted") << i;
    }
}

TEST_F(GatewayExchangeTest, AReadingChildPushesNothing) {
    import_for_gateway({.permissions = "vcs:repository:ro"});
    const std::string reads = child();
    EXPECT_EQ(asked(reads, kFetch), "granted");
    EXPECT_EQ(asked(reads, kPush), "permission");
    EXPECT_EQ(asked(reads, "/team/repo.git/info/refs?service=git-receive-pack", "GET"),
              "permission");
}

TEST_F(GatewayExchangeTest, AChildMayBeNarrowedToReading) {
    import_for_gateway();
    ReleaseRequest request = request_for(kAtGateway);
    request.permissions = parse_permission_list("vcs:repository:ro").value();
    request.ttl = std::chrono::seconds(30);
    const std::string reads = child(request);
    EXPECT_EQ(asked(reads, kFetch), "granted");
    EXPECT_EQ(asked(reads, kPush), "permission");
    EXPECT_EQ(asked(child(), kPush), "granted");
    clock_.advance(std::chrono::seconds(30));
    EXPECT_EQ(asked(reads, kFetch), "expired");
}

// Row G2.
TEST_F(GatewayExchangeTest, AChildIsForItsHostAndPathAlone) {
    import_for_gateway({.targets = {kForge, "https://other.example"}});
    const std::string of_team = child();
    for (const char* path : {"/team/repo.git", "/team/deep/er", "/team"})
        EXPECT_EQ(asked(of_team, std::string(path) + "/git-upload-pack"), "granted") << path;
    for (const char* path : {"/teams/repo.git", "/other/team", "/Team/repo.git", "/tea"})
        EXPECT_EQ(asked(of_team, std::string(path) + "/git-upload-pack"), "place") << path;
    for (const char* host : {"other.example", "forge.example:8443", "evil.forge.example", "",
                             "forge.example/team", "al@forge.example"})
        EXPECT_EQ(asked(of_team, kFetch, "POST", host), "place") << host;
    EXPECT_EQ(asked(of_team, "/team/x.git/info/lfs/objects/batch"), "request");
    EXPECT_EQ(asked(of_team, "/team/../other/git-upload-pack"), "request");
}

TEST_F(GatewayExchangeTest, AChildEndsWithItsTokenItsSecretAndItsTime) {
    const Token token = import_for_gateway();
    const std::string first = child();
    store_->replace_secret(token.id, kAlice, secret_of("ghp_next"), nullptr, kNow).value();
    EXPECT_EQ(asked(first), "dead");
    const std::string second = child();
    EXPECT_EQ(asked(second), "granted");
    edit(token, [](Token& stored) -> Result<void> {
        stored.through_gateway = false;
        return {};
    });
    EXPECT_EQ(asked(second), "dead");
    edit(token, [](Token& stored) -> Result<void> {
        stored.through_gateway = true;
        stored.state = TokenState::Rejected;
        return {};
    });
    EXPECT_EQ(asked(second), "rejected");
    edit(token, [](Token& stored) -> Result<void> {
        reinstate(stored);
        refuse_at(stored, Target::parse("https://forge.example/team/repo.git").value());
        return {};
    });
    EXPECT_EQ(asked(second), "rejected");
    edit(token, [](Token& stored) -> Result<void> {
        reinstate(stored);
        stored.expires = kNow + 1;
        return {};
    });
    EXPECT_EQ(asked(second), "granted");
    clock_.advance(std::chrono::seconds(1));
    EXPECT_EQ(asked(second), "expired");
    store_->remove(token.id, kAlice, kNow).value();
    EXPECT_EQ(asked(second), "dead");
}

// Row S21: the file has a change of which who reads is not told yet.
TEST_F(GatewayExchangeTest, AChildGetsNoSecretButThatOfItsGeneration) {
    const Token token = import_for_gateway();
    const std::string first = child();
    store::test::RawDatabase raw(directory_.file("store.db"));
    raw.run("CREATE TEMP TABLE former AS SELECT * FROM token WHERE id = ?1", token_key(token.id));
    store_->replace_secret(token.id, kAlice, secret_of("ghp_next"), nullptr, kNow).value();
    const std::string second = child();
    ASSERT_EQ(asked(second), "granted");
    raw.run("REPLACE INTO token SELECT * FROM former");
    EXPECT_EQ(asked(second), "dead");
    const Exchanged granted = exchange(first);
    ASSERT_EQ(outcome(granted), "granted");
    EXPECT_EQ(text_of(std::get<GatewayRelease>(granted).secret), kSecret);
}

TEST_F(GatewayExchangeTest, WhileTheOwnerIsLockedNothingIsExchanged) {
    import_for_gateway();
    const std::string before = child();
    locks_->set_locked(kAlice, true);
    EXPECT_EQ(asked(before), "locked");
    locks_->set_locked(kAlice, false);
    EXPECT_EQ(asked(before), "granted");
}

TEST_F(GatewayExchangeTest, ATargetThatTakesABearerTokenSaysSoToTheGateway) {
    import_for_gateway({.targets = {"bearer+https://forge.example/team"}});
    const Exchanged exchanged = exchange(child());
    ASSERT_EQ(outcome(exchanged), "granted");
    EXPECT_EQ(std::get<GatewayRelease>(exchanged).auth.scheme, ForgeScheme::Bearer);
}

TEST_F(GatewayExchangeTest, TheTableOfTheHostSaysWhatElseIsAllowed) {
    import_for_gateway({.targets = {"https://forge.example/repos/team"}});
    const std::string of_rest = child("http://127.0.0.1:9200/forge.example/repos/team");
    EXPECT_EQ(asked(of_rest, "/repos/team/repo/commits", "GET"), "request");
    Forge& forge = state_.forges.at("forge");
    forge.rules = {
        {Permission::parse("vcs:repository:ro").value(), "GET", {"repos", "*", "*", "commits"}}};
    forge.rest = {ForgeScheme::PrivateToken, {}};
    state_.forges.add_host(Origin::parse("https://forge.example").value(), "forge");
    const Exchanged exchanged = exchange(of_rest, "/repos/team/repo/commits", "GET");
    ASSERT_EQ(outcome(exchanged), "granted");
    EXPECT_EQ(std::get<GatewayRelease>(exchanged).auth.scheme, ForgeScheme::PrivateToken);
    EXPECT_EQ(asked(of_rest, "/repos/others/repo/commits", "GET"), "place");
}

TEST_F(GatewayExchangeTest, RefusalsAreRecordedWithTheForgeButNoByteOfTheRequest) {
    import_for_gateway();
    const std::string token = child();
    EXPECT_EQ(asked(token, "/elsewhere/git-upload-pack"), "place");
    auditor_.reset();  // writes what it gathered
    const std::vector<store::Event> log = log_of(kAlice);
    ASSERT_EQ(log.size(), 2U);
    EXPECT_EQ(log[0].event + " " + log[0].outcome, "verify place");
    EXPECT_EQ(log[0].where, "gateway for https://forge.example");
    start_auditor();
}

TEST_F(GatewayExchangeTest, WithoutItsEventNoSecretLeaves) {
    import_for_gateway();
    const std::string token = child();
    const support::FullDisk full;
    const Result<Exchanged> exchanged = GatewayExchange(context()).exchange(
        caller_of(kCarol), {token, "forge.example", "POST", kFetch});
    ASSERT_FALSE(exchanged);
    EXPECT_EQ(exchanged.error().code, Errc::Unavailable);
}

TEST_F(GatewayExchangeTest, OthersTokensAreNotReleasedAtTheGateway) {
    // Those that do not go through it, and those of somebody else.
    import(kAlice, "plain", {.targets = { kForge }});
    EXPECT_FALSE(get(request_for(kAtGateway)).value());
    EXPECT_EQ(text_of(get(request_for("https://forge.example/team/repo.git")).value()->password),
              "plain");
    issue(kAlice, {.targets = {kForge}});
    EXPECT_FALSE(get(request_for(kAtGateway)).value());
    Token other = support::make_token(kBob, TokenKind::Imported, {.targets = {kForge}});
    other.through_gateway = true;
    store_->insert(other, secret_of("bobs")).value();
    EXPECT_FALSE(get(request_for(kAtGateway)).value());
}

}  // namespace
}  // namespace patd
