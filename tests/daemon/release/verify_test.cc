// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/release/verify.h"

#include "daemon/release/child_token.h"
#include "daemon/tokens/token_change.h"
#include "tests/support/read_store.h"
#include "tests/support/service_fixture.h"
#include "tests/support/statement_count.h"

#include <array>

namespace patd {
namespace {

using support::caller_of;
using support::Issued;
using support::kAlice;
using support::kBob;
using support::secret_of;
using support::text_of;
using Texts = std::vector<std::string>;

using support::kNow;
constexpr Uid kService{33};

class Verify : public support::ServiceFixture {
  protected:
    Verification verify(const TokenSecret& secret, const VerifyRequest& request = {}) {
        return Verifier(context()).verify(caller_of(kService), secret.reveal(), request).value();
    }
    // "valid", or the name of the failure.
    std::string outcome(const TokenSecret& secret, const VerifyRequest& request = {}) {
        const Verification verification = verify(secret, request);
        return verification.valid ? "valid"
                                  : std::string(verify_failure_name(verification.failure));
    }
    TokenSecret child_of(const Token& token, UnixTime expires = kNow + 600) {
        const Target target = token.targets.front();
        return support::make_child({token.id, token.generation, expires, token.permissions, target,
                                    target.origin()},
                                   *store_)
            .value();
    }
    // An edit as TokenService makes it.
    void change(const Token& token, const TokenChange& what) {
        edit(token, [&](Token& stored) { return apply(what, stored); });
    }
    TokenSecret regenerate(const Token& token) {
        TokenSecret secret = make_issued_secret(token.id, random_).value();
        store_->replace_secret(token.id, token.owner, secret, {}, clock_.now()).value();
        return secret;
    }
};

VerifyRequest wants(std::string_view permission) {
    VerifyRequest request;
    request.permission = Permission::parse(permission).value();
    return request;
}

VerifyRequest shown_at(std::string_view audience) {
    VerifyRequest request;
    request.audience = Origin::parse(audience).value();
    return request;
}

VerifyRequest as(std::string_view user) {
    VerifyRequest request;
    request.user = user;
    return request;
}

TEST_F(Verify, TellsWhoseAValidTokenIsAndWhatItMayDo) {
    const Issued issued = issue(
        kAlice, {.permissions = "project:issue:ro,vcs:repository:rw", .expires = kNow + 86400});
    const Verification verification = verify(issued.secret);
    ASSERT_TRUE(verification.valid.has_value());
    EXPECT_EQ(verification.valid->child, nullptr);
    EXPECT_EQ(verification.valid->token().id, issued.token.id);
    EXPECT_EQ(verification.valid->token().owner, kAlice);
    EXPECT_EQ(verification.valid->token().owner_name, "daemon");
    EXPECT_EQ(verification.valid->permissions(), issued.token.permissions);
    EXPECT_EQ(verification.valid->expires(), kNow + 86400);
}

TEST_F(Verify, TellsAnybodyTheSame) {
    const Issued issued = issue(kAlice);
    for (const Uid caller : {Uid(0), kAlice, kBob, kService, Uid(61184)})
        EXPECT_TRUE(Verifier(context())
                        .verify(caller_of(caller), issued.secret.reveal(), {})
                        .value()
                        .valid.has_value())
            << caller.value();
}

// Row P4: what was made for one service must not open another.
TEST_F(Verify, RefusesAPermissionThatIsNotCovered) {
    const Issued issued = issue(kAlice, {.permissions = "imap:mailbox:ro,vcs:repository:rw,wiki"});
    for (const char* held : {"imap:mailbox:ro", "vcs:repository:ro", "vcs:repository:rw",
                             "vcs:repository", "wiki", "wiki:page:rw"})
        EXPECT_EQ(outcome(issued.secret, wants(held)), "valid") << held;
    for (const char* wanted : {"imap:mailbox:rw", "imap:mailbox", "imap", "vcs",
                               "vcs:repositorys:ro", "pam:sshd", "pam:sudo:rw", "wikis"})
        EXPECT_EQ(outcome(issued.secret, wants(wanted)), "permission") << wanted;
}

TEST_F(Verify, RefusesAnAudienceThatIsNoneOfItsTargets) {
    const Issued issued =
        issue(kAlice, {.targets = {"https://git.example/team", "http://old.example:8080"}});
    EXPECT_EQ(outcome(issued.secret, shown_at("https://git.example")), "valid");
    EXPECT_EQ(outcome(issued.secret, shown_at("http://old.example:8080")), "valid");
    for (const char* elsewhere :
         {"http://git.example", "https://git.example:8443", "https://old.example",
          "http://old.example", "https://sub.git.example", "https://example"})
        EXPECT_EQ(outcome(issued.secret, shown_at(elsewhere)), "audience") << elsewhere;
}

TEST_F(Verify, TakesATokenWithoutTargetsAtEveryAudience) {
    const Issued issued = issue(kAlice, {.targets = {}});
    EXPECT_EQ(outcome(issued.secret, shown_at("https://git.example")), "valid");
}

TEST_F(Verify, RefusesAnotherUserThanTheOwner) {
    const Issued issued = issue(kAlice);
    EXPECT_EQ(outcome(issued.secret, as("daemon")), "valid");
    for (const char* user : {"bin", "root", "Daemon", "daemo", "daemon ", "daemonx"})
        EXPECT_EQ(outcome(issued.secret, as(user)), "user") << user;
}

TEST_F(Verify, RefusesAnExpiredToken) {
    const Issued issued = issue(kAlice, {.expires = kNow + 60});
    clock_.advance(std::chrono::seconds(59));
    EXPECT_EQ(outcome(issued.secret), "valid");
    clock_.advance(std::chrono::seconds(1));
    EXPECT_EQ(outcome(issued.secret), "expired");
}

TEST_F(Verify, RefusesWhileTheOwnersTokensAreLocked) {
    const Issued of_alice = issue(kAlice);
    const Issued of_bob = issue(kBob);
    locks_->set_locked(kAlice, true);
    EXPECT_EQ(outcome(of_alice.secret), "locked");
    EXPECT_EQ(outcome(child_of(of_alice.token)), "locked");
    EXPECT_EQ(outcome(of_bob.secret), "valid");
}

TEST_F(Verify, RecognisesASecretThatDiedAtARegenerateAndRaisesTheAlarm) {
    const Issued issued = issue(kAlice);
    const TokenSecret renewed = regenerate(issued.token);
    EXPECT_EQ(outcome(issued.secret), "dead");
    EXPECT_EQ(outcome(renewed), "valid");
    EXPECT_EQ(events(kAlice), Texts{"alarm dead"});
}

TEST_F(Verify, RecognisesASecretThatDiedAtADeleteAndTellsItsOwner) {
    const Issued issued = issue(kAlice);
    store_->remove(issued.token.id, kAlice, kNow).value();
    EXPECT_EQ(outcome(issued.secret), "dead");
    const std::vector<store::Event> log = audit_log_->list({kAlice, issued.token.id, 10}).value();
    ASSERT_EQ(log.size(), 1U);
    EXPECT_EQ(log[0].outcome, "dead");
    EXPECT_EQ(log[0].by, kService);
    EXPECT_EQ(events(kService), Texts{});
}

TEST_F(Verify, KnowsNothingOfASecretThatNeverWas) {
    const Issued issued = issue(kAlice);
    const TokenSecret same_id = make_issued_secret(issued.token.id, random_).value();
    EXPECT_EQ(outcome(same_id), "unknown");
    const TokenSecret other_id =
        make_issued_secret(TokenId::generate(random_).value(), random_).value();
    EXPECT_EQ(outcome(other_id), "unknown");
    EXPECT_EQ(outcome(issued.secret), "valid");
}

// Row P12: the time of an invented secret must not tell whether there is such a token.
TEST_F(Verify, AsksTheDatabaseAsOftenWhetherThereIsSuchATokenOrNot) {
    const support::StatementCount statements;
    lock_keyring();
    unlock_keyring();
    const Issued issued = issue(kAlice);
    const TokenSecret same_id = make_issued_secret(issued.token.id, random_).value();
    const TokenSecret other_id =
        make_issued_secret(TokenId::generate(random_).value(), random_).value();
    const auto cost_of = [&](const std::string& secret, const char* expected) {
        return statements.of([&] { EXPECT_EQ(outcome(secret_of(secret)), expected); });
    };
    EXPECT_EQ(outcome(issued.secret), "valid");
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(cost_of(text_of(same_id), "unknown"), 2);
        EXPECT_EQ(cost_of(text_of(other_id), "unknown"), 2);
        EXPECT_EQ(cost_of(text_of(same_id) + "x", "malformed"),
                  cost_of(text_of(other_id) + "x", "malformed"));
    }
    const auto typo = [](const TokenSecret& secret) {
        std::string text = text_of(secret);
        text[text.size() - 8] = text[text.size() - 8] == 'x' ? 'y' : 'x';
        return text;
    };
    EXPECT_EQ(cost_of(typo(same_id), "malformed"), 1);
    EXPECT_EQ(cost_of(typo(other_id), "malformed"), 1);
    EXPECT_EQ(cost_of(text_of(issued.secret), "valid"), 0);
}

TEST_F(Verify, CallsATypoMalformedWhereverItIs) {
    const std::string secret = text_of(issue(kAlice).secret);
    for (std::size_t i = 0; i < secret.size(); ++i) {
        std::string typo = secret;
        typo[i] = typo[i] == 'x' ? 'y' : 'x';
        EXPECT_EQ(outcome(secret_of(typo)), "malformed") << i;
    }
    EXPECT_EQ(events(kAlice), Texts{});
}

TEST_F(Verify, CallsMalformedWhatIsNoToken) {
    for (const char* text : {"", "hunter2", "pat1_", "patc1_", "ghp_abcdefghij"})
        EXPECT_EQ(outcome(secret_of(text)), "malformed") << text;
    const std::string secret = text_of(issue(kAlice).secret);
    EXPECT_EQ(outcome(secret_of(secret + "\n")), "malformed");
    EXPECT_EQ(outcome(secret_of(" " + secret)), "malformed");
    EXPECT_EQ(outcome(secret_of(std::string(100'000, 'p'))), "malformed");
}

TEST_F(Verify, NeverAcceptsAnImportedSecret) {
    import(kAlice, "ghp_elsewhere");
    EXPECT_EQ(outcome(secret_of("ghp_elsewhere")), "malformed");
}

TEST_F(Verify, AcceptsAChildUntilItsOwnExpiry) {
    const Issued issued = issue(kAlice);
    const TokenSecret child = child_of(issued.token, kNow + 60);
    const Verification verification = verify(child);
    ASSERT_TRUE(verification.valid.has_value());
    EXPECT_NE(verification.valid->child, nullptr);
    EXPECT_EQ(verification.valid->expires(), kNow + 60);
    clock_.advance(std::chrono::seconds(60));
    EXPECT_EQ(outcome(child), "expired");
    EXPECT_EQ(outcome(issued.secret), "valid");
}

TEST_F(Verify, LetsAChildDoNoMoreThanItSays) {
    const Issued issued = issue(kAlice, {.permissions = "vcs,wiki"});
    const Target target = issued.token.targets.front();
    const TokenSecret child =
        support::make_child(
            {issued.token.id, issued.token.generation, kNow + 600,
             parse_permission_list("vcs:repository:ro").value(), target, target.origin()},
            *store_)
            .value();
    EXPECT_EQ(outcome(child, wants("vcs:repository:ro")), "valid");
    EXPECT_EQ(outcome(child, wants("vcs:repository:rw")), "permission");
    EXPECT_EQ(outcome(child, wants("wiki:page:ro")), "permission");
    EXPECT_EQ(outcome(child, as("bin")), "user");
}

TEST_F(Verify, LetsAChildDieAtARegenerate) {
    const Issued issued = issue(kAlice);
    const TokenSecret child = child_of(issued.token);
    regenerate(issued.token);
    EXPECT_EQ(outcome(child), "dead");
}

TEST_F(Verify, LetsAChildDieWithItsParent) {
    const Issued issued = issue(kAlice);
    const TokenSecret child = child_of(issued.token);
    store_->remove(issued.token.id, kAlice, kNow).value();
    EXPECT_EQ(outcome(child), "dead");
}

TEST_F(Verify, LetsAChildDieAtEveryNarrowingEdit) {
    TokenChange permissions;
    permissions.permissions = parse_permission_list("vcs:repository:ro").value();
    TokenChange targets;
    targets.targets = parse_targets({"https://git.example/team"}).value();
    TokenChange expires;
    expires.expires = kNow + 300;
    for (const TokenChange& narrowing : {permissions, targets, expires}) {
        const Issued issued = issue(kAlice);
        const TokenSecret child = child_of(issued.token);
        change(issued.token, narrowing);
        EXPECT_EQ(outcome(child), "dead");
        EXPECT_EQ(outcome(issued.secret), "valid");
    }
}

TEST_F(Verify, LetsAChildLiveThroughAnEditThatTakesNothingAway) {
    TokenChange permissions;
    permissions.permissions = parse_permission_list("vcs").value();
    TokenChange targets;
    targets.targets = parse_targets({"https://git.example", "https://two.example"}).value();
    TokenChange description;
    description.description = "another name";
    TokenChange expires;
    expires.expires = 0;
    for (const TokenChange& widening : {permissions, targets, description, expires}) {
        const Issued issued = issue(kAlice, {.expires = kNow + 3600});
        const TokenSecret child = child_of(issued.token);
        change(issued.token, widening);
        EXPECT_EQ(outcome(child, wants("vcs:repository:rw")), "valid");
        EXPECT_EQ(outcome(child, wants("vcs:issue:ro")), "permission");
        EXPECT_EQ(outcome(child, shown_at("https://two.example")), "audience");
    }
}

// Edits are remembered only in memory. After a restart the lists that it chose from are unknown: it
// is refused, and never taken for something else.
TEST_F(Verify, LetsAChildDieAtARestartAfterAnEditOfItsParentsLists) {
    TokenChange permissions;
    permissions.permissions = parse_permission_list("imap:mailbox:rw,vcs").value();
    TokenChange targets;
    targets.targets = parse_targets({"https://a.example", "https://git.example"}).value();
    for (const TokenChange& widening : {permissions, targets}) {
        const Issued issued = issue(kAlice);
        const TokenSecret child = child_of(issued.token);
        const Issued other = issue(kAlice);
        const TokenSecret unharmed = child_of(other.token);
        change(issued.token, widening);
        EXPECT_EQ(outcome(child), "valid");
        lock_keyring();
        unlock_keyring();
        EXPECT_EQ(outcome(child), "dead");
        EXPECT_EQ(outcome(unharmed), "valid");
        EXPECT_EQ(outcome(child_of(stored(issued.token.id).value())), "valid");
    }
}

// Row P4: a server cannot use what it was given at another server.
TEST_F(Verify, RefusesAChildOfOneAudienceAtTheOthersOfItsParent) {
    const Issued issued =
        issue(kAlice, {.targets = {"https://a.example", "https://b.example", "http://a.example",
                                   "https://a.example:8443", "https://b.example/team"}});
    for (const Target& target : issued.token.targets) {
        const TokenSecret child =
            support::make_child({issued.token.id, issued.token.generation, kNow + 600,
                                 issued.token.permissions, target, target.origin()},
                                *store_)
                .value();
        for (const char* audience : {"https://a.example", "https://b.example", "http://a.example",
                                     "https://a.example:8443", "https://c.example"})
            EXPECT_EQ(outcome(child, shown_at(audience)),
                      target.origin().text() == audience ? "valid" : "audience")
                << target.text() << " at " << audience;
    }
}

// Whatever the body holds, a child with a wrong MAC is unknown: a verdict, not an error.
TEST_F(Verify, KnowsNothingOfAForgedChild) {
    const Issued issued = issue(kAlice);
    const std::string child = text_of(child_of(issued.token));
    for (std::size_t i = kChildPrefix.size(); i < child.size() - kChecksumDigits; ++i) {
        std::string forged = child.substr(0, child.size() - kChecksumDigits);
        forged[i] = forged[i] == 'A' ? 'B' : 'A';
        std::array<char, kChecksumDigits> checksum{};
        write_checksum(crc32(forged), checksum);
        EXPECT_EQ(outcome(secret_of(forged.append(checksum.data(), checksum.size()))), "unknown")
            << i;
    }
}

// How many steps it takes to verify the most secrets at once, where a turn has time until
// `stopwatch` says otherwise.
std::uint64_t steps_of_most(const Context& shared, bus::EventLoop& loop, std::string_view secret,
                            Turns::Stopwatch stopwatch) {
    Turns turns(loop, {}, std::move(stopwatch));
    turns.drive(true);
    Verifier verifier(Context{shared.store, shared.audit_log, shared.writer, shared.auditor,
                              shared.locks, shared.accounts, shared.clock, shared.random,
                              shared.state, shared.subscriptions, shared.reuse_alarm, shared.units,
                              turns, shared.limited});
    const std::vector<std::string_view> secrets(limits::kVerifySecrets, secret);
    std::size_t valid = 0;
    bool done = false;
    verifier.verify_many(
        caller_of(kService), secrets, {},
        [&](const auto& result) { valid += result->valid ? 1 : 0; }, [&] { done = true; });
    while (!turns.is_idle())
        turns.run_round();
    EXPECT_TRUE(done);
    EXPECT_EQ(valid, secrets.size());
    return turns.steps();
}

// Row D1: whoever sends many has a few of them read before the turn's time is looked at.
TEST_F(Verify, OfManyIsMadeOfBoundedSteps) {
    const std::string secret = text_of(issue(kAlice).secret);
    std::chrono::nanoseconds time{};
    const auto no_time = [&] { return time += limits::kTurnBudget; };
    EXPECT_EQ(steps_of_most(context(), *loop_, secret, no_time),
              limits::kVerifySecrets / limits::kSecretsPerStep);
}

TEST_F(Verify, OfManyBeginsNoNewStepWhileItsTurnHasTime) {
    const std::string secret = text_of(issue(kAlice).secret);
    // Before its turn it takes as many as anybody does.
    EXPECT_EQ(steps_of_most(context(), *loop_, secret, [] { return std::chrono::nanoseconds(0); }),
              limits::kStepsAtOnce + 1);
}

TEST_F(Verify, IsNotedAsTheLastUse) {
    const Issued issued = issue(kAlice);
    VerifyRequest request;
    request.where = "nginx from 192.0.2.1";
    ASSERT_EQ(outcome(issued.secret, request), "valid");
    auditor_.reset();
    const LastUse use = list_tokens(*store_, kAlice).value()[0].last_use;
    EXPECT_EQ(use.at, kNow);
    EXPECT_EQ(use.by, kService.value());
    EXPECT_EQ(use.how, "verify");
    EXPECT_EQ(use.where, "nginx from 192.0.2.1");
}

TEST_F(Verify, NamesEveryFailureDifferently) {
    std::vector<std::string_view> names;
    for (int i = 0; i <= static_cast<int>(VerifyFailure::Locked); ++i)
        names.push_back(verify_failure_name(static_cast<VerifyFailure>(i)));
    const std::vector<std::string_view> documented = {
        "unknown", "malformed", "expired", "dead", "permission", "audience", "user", "locked"};
    EXPECT_EQ(names, documented);
}

}  // namespace
}  // namespace patd
