// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/tokens/token_service.h"

#include "common/base/limits.h"
#include "daemon/release/child_token.h"
#include "daemon/release/verify.h"
#include "tests/support/full_disk.h"
#include "tests/support/read_store.h"
#include "tests/support/service_fixture.h"

namespace patd {
namespace {

using std::chrono::seconds;
using support::caller_of;
using support::Issued;
using support::kAlice;
using support::kBob;
using support::make_token;
using support::name_of;
using support::secret_of;
using support::text_of;
using Texts = std::vector<std::string>;

using support::kNow;

class TokenServiceTest : public support::ServiceFixture {
  protected:
    void SetUp() override {
        ServiceFixture::SetUp();
        tokens_.emplace(context());
    }
    NewToken request(Uid owner) {
        NewToken made;
        made.owner_name = name_of(owner);
        made.description = "a laptop";
        made.permissions = parse_permission_list("vcs:repository:rw").value();
        return made;
    }
    NewToken import_request(Uid owner) {
        NewToken made = request(owner);
        made.options.targets = parse_targets({"https://forge.example"}).value();
        made.options.username = "alice";
        return made;
    }
    std::string outcome(const TokenSecret& secret) {
        const Verification verification =
            Verifier(context()).verify(caller_of(Uid(33)), secret.reveal(), {}).value();
        return verification.valid ? "valid"
                                  : std::string(verify_failure_name(verification.failure));
    }
    Issued create(Uid owner) {
        const Committed shown = commit(tokens_->create(caller_of(owner), request(owner))).value();
        acknowledge(shown).value();
        const auto id = TokenId::parse(std::get<std::string>(*shown.result.find("id"))).value();
        return {stored(id).value(), secret_of(text_of(*shown.secret))};
    }
    // Everything that can be requested about a token by its id.
    std::vector<std::pair<std::string, Result<Plan>>> plans_for(Uid caller, const TokenId& id) {
        TokenChange change;
        change.description = "mine now";
        std::vector<std::pair<std::string, Result<Plan>>> plans;
        plans.emplace_back("update", tokens_->update(caller_of(caller), id, change));
        plans.emplace_back("regenerate", tokens_->regenerate(caller_of(caller), id, {}));
        plans.emplace_back("remove", tokens_->remove(caller_of(caller), id));
        plans.emplace_back("open_for", tokens_->open_for(caller_of(caller), id, seconds(60)));
        return plans;
    }
    Result<void> lock(Uid owner) {
        std::optional<Result<void>> answer;
        tokens_->lock(caller_of(owner), [&](const Result<void>& done) { answer.emplace(done); });
        return answer.value();
    }
    Result<void> revoke(Uid owner, const TokenId& id) {
        std::optional<Result<void>> answer;
        tokens_->revoke(caller_of(Uid(0)), owner, id,
                        [&](const Result<void>& done) { answer.emplace(done); });
        return answer.value();
    }

    std::optional<TokenService> tokens_;
};

template <typename T>
void expect_error(const Result<T>& result, Errc code, const std::string& what = {}) {
    ASSERT_FALSE(result.has_value()) << what;
    EXPECT_EQ(result.error().code, code) << what;
}

bool asks_for_acknowledge(const Committed& committed) {
    return std::get<bool>(*committed.result.find("acknowledge"));
}

// Row R1: no token is valid that nobody saw.
TEST_F(TokenServiceTest, ACreatedTokenIsValidFromAcknowledgeOn) {
    const Result<Plan> plan = tokens_->create(caller_of(kAlice), request(kAlice));
    EXPECT_EQ(plan.value().step_up, Plan::StepUp::Authenticate);
    EXPECT_TRUE(plan.value().secret_prompt.empty());
    EXPECT_EQ(store_->count(kAlice).value(), 0U);
    const Committed shown = commit(plan).value();
    EXPECT_TRUE(asks_for_acknowledge(shown));
    EXPECT_EQ(outcome(*shown.secret), "unknown");
    EXPECT_EQ(store_->count(kAlice).value(), 0U);
    acknowledge(shown).value();
    EXPECT_EQ(outcome(*shown.secret), "valid");
    EXPECT_EQ(events(kAlice), (Texts{"create shown", "create ok"}));
}

TEST_F(TokenServiceTest, ACreatedTokenIsWhatWasAskedFor) {
    NewToken wanted = request(kAlice);
    wanted.options.targets = parse_targets({"https://git.example"}).value();
    wanted.options.expires = kNow + 3600;
    wanted.options.confirm = Confirm::Always;
    acknowledge(commit(tokens_->create(caller_of(kAlice), wanted)).value()).value();
    const std::vector<store::ListedToken> listed =
        read_all(tokens_->list(caller_of(kAlice), name_of(kAlice))).value();
    ASSERT_EQ(listed.size(), 1U);
    const Token& token = listed[0].token;
    EXPECT_EQ(token.owner, kAlice);
    EXPECT_EQ(token.owner_name, "daemon");
    EXPECT_EQ(token.kind, TokenKind::Issued);
    EXPECT_EQ(token.provenance, Provenance::User);
    EXPECT_EQ(token.description, "a laptop");
    EXPECT_EQ(token.permissions, wanted.permissions);
    EXPECT_EQ(token.targets, wanted.options.targets);
    EXPECT_EQ(token.username, "daemon");
    EXPECT_EQ(token.created, kNow);
    EXPECT_EQ(token.expires, kNow + 3600);
    EXPECT_EQ(token.confirm, Confirm::Always);
    EXPECT_EQ(token.generation, 1U);
}

TEST_F(TokenServiceTest, ACreateThatIsGivenUpLeavesNothing) {
    {
        const Result<Plan> dropped = tokens_->create(caller_of(kAlice), request(kAlice));
        const Committed shown = commit(tokens_->create(caller_of(kAlice), request(kAlice))).value();
        EXPECT_EQ(outcome(*shown.secret), "unknown");
    }
    EXPECT_EQ(store_->count(kAlice).value(), 0U);
    EXPECT_EQ(events(kAlice), Texts{"create shown"});
}

TEST_F(TokenServiceTest, CreateRefusesATokenThatMayDoNothingOrHasAnotherUsername) {
    NewToken wanted = request(kAlice);
    wanted.options.username = "root";
    expect_error(tokens_->create(caller_of(kAlice), wanted), Errc::InvalidUsername);
    wanted = request(kAlice);
    wanted.permissions.clear();
    expect_error(tokens_->create(caller_of(kAlice), wanted), Errc::InvalidPermission);
}

// Row L3.
TEST_F(TokenServiceTest, CreateShowsNothingThatCannotBeRecorded) {
    const Result<Plan> plan = tokens_->create(caller_of(kAlice), request(kAlice));
    const support::FullDisk full;
    expect_error(commit(plan), Errc::Unavailable);
}

// Row S5.
TEST_F(TokenServiceTest, CreateFailsWithoutRandomnessAndChangesNothing) {
    const Result<Plan> plan = tokens_->create(caller_of(kAlice), request(kAlice));
    random_.set_failing(true);
    expect_error(commit(plan), Errc::Unavailable);
    expect_error(tokens_->create(caller_of(kAlice), request(kAlice)), Errc::Unavailable);
    random_.set_failing(false);
    EXPECT_EQ(store_->count(kAlice).value(), 0U);
}

// Row S9.
TEST_F(TokenServiceTest, AnAcknowledgeThatFindsTheDiskFullLeavesNoValidToken) {
    const Committed shown = commit(tokens_->create(caller_of(kAlice), request(kAlice))).value();
    {
        const support::FullDisk full;
        expect_error(acknowledge(shown), Errc::Unavailable);
    }
    EXPECT_EQ(outcome(*shown.secret), "unknown");
}

// Row D1.
TEST_F(TokenServiceTest, OneUserHasAThousandTokensAndNotOneMore) {
    std::vector<store::TokenStore::NewToken> many;
    for (std::size_t i = 0; i < limits::kTokensPerUser - 1; ++i)
        many.emplace_back(make_token(kAlice, TokenKind::Issued), secret_of(std::to_string(i)));
    store_->insert_many(many).value();
    const Committed last = commit(tokens_->create(caller_of(kAlice), request(kAlice))).value();
    const Committed over = commit(tokens_->create(caller_of(kAlice), request(kAlice))).value();
    acknowledge(last).value();
    // It began below the limit and ends above it.
    expect_error(acknowledge(over), Errc::LimitExceeded);
    EXPECT_EQ(outcome(*over.secret), "unknown");
    expect_error(tokens_->create(caller_of(kAlice), request(kAlice)), Errc::LimitExceeded);
    expect_error(tokens_->import(caller_of(kAlice), import_request(kAlice)), Errc::LimitExceeded);
    EXPECT_TRUE(tokens_->create(caller_of(kBob), request(kBob)).has_value());
}

// Rows R1 and R2: always exactly one.
TEST_F(TokenServiceTest, ARegeneratedTokenHasTheOldSecretUntilAcknowledgeAndThenTheNewOne) {
    const Issued before = create(kAlice);
    const Committed shown =
        commit(tokens_->regenerate(caller_of(kAlice), before.token.id, {})).value();
    EXPECT_EQ(outcome(before.secret), "valid");
    EXPECT_EQ(outcome(*shown.secret), "unknown");
    acknowledge(shown).value();
    EXPECT_EQ(outcome(before.secret), "dead");
    EXPECT_EQ(outcome(*shown.secret), "valid");
    const Token after = stored(before.token.id).value();
    EXPECT_EQ(after.generation, before.token.generation + 1);
    EXPECT_EQ(after.description, before.token.description);
}

TEST_F(TokenServiceTest, ARegenerateThatIsGivenUpLeavesTheOldSecret) {
    const Issued before = create(kAlice);
    {
        const Committed shown =
            commit(tokens_->regenerate(caller_of(kAlice), before.token.id, {})).value();
        EXPECT_NE(text_of(*shown.secret), text_of(before.secret));
    }
    EXPECT_EQ(outcome(before.secret), "valid");
}

// The key of another service has its id as its user name; an issued token's is its owner's.
TEST_F(TokenServiceTest, ARegenerateTakesANewUserNameForAnImportedTokenAlone) {
    const Token imported = import(kAlice, "old", {.username = "AKIA1"});
    TokenChange change;
    change.username = "AKIA2";
    commit(tokens_->regenerate(caller_of(kAlice), imported.id, change), "new").value();
    EXPECT_EQ(stored(imported.id).value().username, "AKIA2");
    const Issued issued = create(kAlice);
    expect_error(tokens_->regenerate(caller_of(kAlice), issued.token.id, change),
                 Errc::InvalidUsername);
}

TEST_F(TokenServiceTest, ARegenerateTakesANewExpiry) {
    NewToken wanted = request(kAlice);
    wanted.options.expires = kNow + 60;
    acknowledge(commit(tokens_->create(caller_of(kAlice), wanted)).value()).value();
    const TokenId id =
        read_all(tokens_->list(caller_of(kAlice), name_of(kAlice))).value().at(0).token.id;
    clock_.advance(seconds(3600));
    TokenChange change;
    change.expires = kNow + 7200;
    const Committed shown = commit(tokens_->regenerate(caller_of(kAlice), id, change)).value();
    acknowledge(shown).value();
    EXPECT_EQ(outcome(*shown.secret), "valid");
}

TEST_F(TokenServiceTest, ARegenerateOfATokenThatWasDeletedMeanwhileRevivesNothing) {
    const Issued before = create(kAlice);
    const Committed shown =
        commit(tokens_->regenerate(caller_of(kAlice), before.token.id, {})).value();
    commit(tokens_->remove(caller_of(kAlice), before.token.id)).value();
    expect_error(acknowledge(shown), Errc::NotFound);
    EXPECT_EQ(outcome(before.secret), "dead");
    EXPECT_EQ(outcome(*shown.secret), "unknown");
}

TEST_F(TokenServiceTest, AnImportKeepsTheSecretThatWasGiven) {
    const Result<Plan> plan = tokens_->import(caller_of(kAlice), import_request(kAlice));
    EXPECT_FALSE(plan.value().secret_prompt.empty());
    const Committed done = commit(plan, "ghp_elsewhere").value();
    EXPECT_FALSE(asks_for_acknowledge(done));
    EXPECT_EQ(done.secret, nullptr);
    const Token token =
        read_all(tokens_->list(caller_of(kAlice), name_of(kAlice))).value().at(0).token;
    EXPECT_EQ(token.kind, TokenKind::Imported);
    EXPECT_EQ(token.username, "alice");
    EXPECT_EQ(text_of(open_secret(*store_, token.id).value()), "ghp_elsewhere");
    EXPECT_EQ(events(kAlice), Texts{"import ok"});
}

TEST_F(TokenServiceTest, AnImportNeedsATargetAndAUsername) {
    NewToken wanted = import_request(kAlice);
    wanted.options.targets.reset();
    expect_error(tokens_->import(caller_of(kAlice), wanted), Errc::InvalidTarget);
    wanted.options.targets = TargetList();
    expect_error(tokens_->import(caller_of(kAlice), wanted), Errc::InvalidTarget);
    wanted = import_request(kAlice);
    wanted.options.username.reset();
    expect_error(tokens_->import(caller_of(kAlice), wanted), Errc::InvalidUsername);
}

TEST_F(TokenServiceTest, AnImportRefusesASecretThatCannotBeOne) {
    const Issued issued = issue(kAlice);
    const Target target = issued.token.targets.front();
    const TokenSecret child =
        support::make_child(
            {issued.token.id, 1, kNow + 60, issued.token.permissions, target, target.origin()},
            *store_)
            .value();
    const Token imported = import(kAlice, "ghp_elsewhere");
    for (const std::string& secret :
         {std::string(), std::string("a\nb"), std::string("a\rb"), std::string("a\0b", 3),
          std::string("a\tb"), std::string("a\x7f"), std::string(4097, 's'), text_of(issued.secret),
          text_of(child)}) {
        expect_error(commit(tokens_->import(caller_of(kAlice), import_request(kAlice)), secret),
                     Errc::InvalidSecret, std::to_string(secret.size()));
        expect_error(commit(tokens_->regenerate(caller_of(kAlice), imported.id, {}), secret),
                     Errc::InvalidSecret, std::to_string(secret.size()));
    }
    EXPECT_EQ(store_->count(kAlice).value(), 2U);
    EXPECT_EQ(text_of(open_secret(*store_, imported.id).value()), "ghp_elsewhere");
    commit(tokens_->import(caller_of(kAlice), import_request(kAlice)), std::string(4096, 's'))
        .value();
}

TEST_F(TokenServiceTest, ARegenerateOfAnImportedTokenTakesTheNewSecretAtOnce) {
    const Token token = import(kAlice, "ghp_old");
    edit(token, [](Token& changed) -> Result<void> {
        changed.state = TokenState::Rejected;
        return {};
    });
    const Result<Plan> plan = tokens_->regenerate(caller_of(kAlice), token.id, {});
    EXPECT_FALSE(plan.value().secret_prompt.empty());
    EXPECT_FALSE(asks_for_acknowledge(commit(plan, "ghp_new").value()));
    EXPECT_EQ(text_of(open_secret(*store_, token.id).value()), "ghp_new");
    EXPECT_EQ(stored(token.id)->state, TokenState::Active);
}

TEST_F(TokenServiceTest, AnUpdateChangesNothingBeforeItsCommit) {
    const Issued issued = create(kAlice);
    TokenChange change;
    change.description = "another name";
    const Result<Plan> plan = tokens_->update(caller_of(kAlice), issued.token.id, change);
    EXPECT_EQ(stored(issued.token.id)->description, "a laptop");
    EXPECT_FALSE(asks_for_acknowledge(commit(plan).value()));
    EXPECT_EQ(stored(issued.token.id)->description, "another name");
    EXPECT_EQ(outcome(issued.secret), "valid");
    EXPECT_EQ(events(kAlice).back(), "edit ok");
}

TEST_F(TokenServiceTest, AnUpdateIsRefusedBeforeThePasswordIsAskedFor) {
    const Issued issued = create(kAlice);
    TokenChange change;
    change.username = "root";
    expect_error(tokens_->update(caller_of(kAlice), issued.token.id, change),
                 Errc::InvalidUsername);
    const Token imported = import(kAlice, "ghp_elsewhere");
    change = {};
    change.targets = TargetList();
    expect_error(tokens_->update(caller_of(kAlice), imported.id, change), Errc::InvalidTarget);
    TokenChange through;
    through.through_gateway = true;
    expect_error(tokens_->update(caller_of(kAlice), imported.id, through), Errc::NoGateway);
    through.through_gateway = false;
    EXPECT_TRUE(tokens_->update(caller_of(kAlice), imported.id, through));
}

TEST_F(TokenServiceTest, ARemovedTokenIsDeadAndRecognised) {
    const Issued issued = create(kAlice);
    const Result<Plan> plan = tokens_->remove(caller_of(kAlice), issued.token.id);
    EXPECT_EQ(outcome(issued.secret), "valid");
    commit(plan).value();
    EXPECT_EQ(outcome(issued.secret), "dead");
    EXPECT_TRUE(read_all(tokens_->list(caller_of(kAlice), name_of(kAlice))).value().empty());
    expect_error(tokens_->show(caller_of(kAlice), name_of(kAlice), issued.token.id),
                 Errc::NotFound);
    EXPECT_EQ(events(kAlice), (Texts{"create shown", "create ok", "delete ok", "alarm dead"}));
}

TEST_F(TokenServiceTest, RemoveAllEndsEveryTokenOfTheCallerAndNoOther) {
    const Issued first = create(kAlice);
    const Issued second = create(kAlice);
    import(kAlice, "ghp_elsewhere");
    const Issued of_bob = create(kBob);
    const Committed done = commit(tokens_->remove_all(caller_of(kAlice), name_of(kAlice))).value();
    EXPECT_EQ(std::get<std::uint32_t>(*done.result.find("removed")), 3U);
    EXPECT_EQ(store_->count(kAlice).value(), 0U);
    EXPECT_EQ(outcome(first.secret), "dead");
    EXPECT_EQ(outcome(second.secret), "dead");
    EXPECT_EQ(outcome(of_bob.secret), "valid");
    EXPECT_EQ(events(kBob), (Texts{"create shown", "create ok"}));
}

TEST_F(TokenServiceTest, AChangeThatTheDiskRefusesIsNotAnsweredAsDone) {
    const Issued issued = create(kAlice);
    const Result<Plan> plan = tokens_->remove(caller_of(kAlice), issued.token.id);
    {
        const support::FullDisk full;
        expect_error(commit(plan), Errc::Unavailable);
    }
    EXPECT_EQ(outcome(issued.secret), "valid");
}

TEST_F(TokenServiceTest, LockIsThereAtOnceAndSurvivesARestart) {
    const Issued issued = create(kAlice);
    writer_.hold();
    bool answered = false;
    tokens_->lock(caller_of(kAlice), [&](const Result<void>&) { answered = true; });
    EXPECT_FALSE(answered);
    EXPECT_EQ(outcome(issued.secret), "locked");
    writer_.release();
    EXPECT_TRUE(answered);
    Locks fresh(*store_, clock_);
    EXPECT_TRUE(fresh.is_locked(kAlice).value());
    EXPECT_FALSE(fresh.is_locked(kBob).value());
}

TEST_F(TokenServiceTest, UnlockNeedsItsCommit) {
    const Issued issued = create(kAlice);
    lock(kAlice).value();
    const Result<Plan> plan = tokens_->unlock(caller_of(kAlice));
    EXPECT_EQ(plan.value().step_up, Plan::StepUp::Authenticate);
    EXPECT_EQ(outcome(issued.secret), "locked");
    commit(plan).value();
    EXPECT_EQ(outcome(issued.secret), "valid");
    EXPECT_FALSE(Locks(*store_, clock_).is_locked(kAlice).value());
}

TEST_F(TokenServiceTest, ALockDuringAnUnlockWins) {
    create(kAlice);
    lock(kAlice).value();
    const Result<Plan> unlock = tokens_->unlock(caller_of(kAlice));
    writer_.hold();
    unlock.value().commit({}, [](const Result<Committed>&) {});
    tokens_->lock(caller_of(kAlice), [](const Result<void>&) {});
    writer_.release();
    EXPECT_TRUE(store_->is_locked(kAlice).value());
    EXPECT_TRUE(locks_->is_locked(kAlice).value());
}

TEST_F(TokenServiceTest, AnUnlockThatTheDiskRefusesLeavesTheLock) {
    lock(kAlice).value();
    const Result<Plan> plan = tokens_->unlock(caller_of(kAlice));
    {
        const support::FullDisk full;
        expect_error(commit(plan), Errc::Unavailable);
    }
    EXPECT_TRUE(locks_->is_locked(kAlice).value());
}

TEST_F(TokenServiceTest, OpensAConfirmAlwaysTokenForAWorkingDayAtMost) {
    const Issued issued = create(kAlice);
    for (const seconds duration : {seconds(0), seconds(-1), seconds(limits::kUnlockSecondsMax + 1),
                                   seconds::max(), seconds::min()})
        expect_error(tokens_->open_for(caller_of(kAlice), issued.token.id, duration),
                     Errc::InvalidExpiry);
    const Result<Plan> plan =
        tokens_->open_for(caller_of(kAlice), issued.token.id, seconds(limits::kUnlockSecondsMax));
    EXPECT_FALSE(locks_->is_open(issued.token.id));
    commit(plan).value();
    EXPECT_TRUE(locks_->is_open(issued.token.id));
    EXPECT_EQ(events(kAlice).back(), "confirm ok");
}

TEST_F(TokenServiceTest, OpensNothingThatCannotBeRecorded) {
    const Issued issued = create(kAlice);
    const Result<Plan> plan = tokens_->open_for(caller_of(kAlice), issued.token.id, seconds(60));
    const support::FullDisk full;
    expect_error(commit(plan), Errc::Unavailable);
    EXPECT_FALSE(locks_->is_open(issued.token.id));
}

TEST_F(TokenServiceTest, AnswersForAForeignIdAsForOneThatIsNotThere) {
    const Issued issued = create(kAlice);
    const TokenId absent = TokenId::generate(random_).value();
    for (const Uid stranger : {kBob, Uid(0)}) {
        for (const TokenId& id : {issued.token.id, absent}) {
            for (const auto& [name, plan] : plans_for(stranger, id)) {
                expect_error(plan, Errc::NotFound, name);
                EXPECT_EQ(plan.error().context, "") << name;
            }
            expect_error(tokens_->show(caller_of(stranger), name_of(stranger), id), Errc::NotFound);
            expect_error(revoke(stranger, id), Errc::NotFound);
        }
        EXPECT_TRUE(
            read_all(tokens_->list(caller_of(stranger), name_of(stranger))).value().empty());
        EXPECT_EQ(events(stranger), Texts{});
    }
    for (const auto& [name, plan] : plans_for(kAlice, issued.token.id))
        EXPECT_TRUE(plan.has_value()) << name;
    EXPECT_EQ(outcome(issued.secret), "valid");
}

// A uid that was given to somebody else must not renew its predecessor's token, which verifies as
// the predecessor (A13): the plan names the account that it is for.
TEST_F(TokenServiceTest, NamesTheAccountThatAPlanForATokenIsFor) {
    Token old = make_token(kAlice, TokenKind::Issued);
    old.owner_name = "predecessor";
    store_->insert(old, make_issued_secret(old.id, random_).value()).value();
    for (const auto& [name, plan] : plans_for(kAlice, old.id))
        EXPECT_EQ(plan.value().owner_name, "predecessor") << name;
    const Token imported = import(kAlice, "ghp_elsewhere");
    for (const auto& [name, plan] : plans_for(kAlice, imported.id))
        EXPECT_EQ(plan.value().owner_name, "daemon") << name;
}

TEST_F(TokenServiceTest, SetsAServicePasswordThroughItsOwnStepUp) {
    const Result<Plan> plan = tokens_->set_service_password(caller_of(kAlice));
    EXPECT_EQ(plan.value().step_up, Plan::StepUp::SetPassword);
    EXPECT_EQ(events(kAlice), Texts{});
    plan->step_up_begins().value();
    EXPECT_EQ(events(kAlice), Texts{"password begun"});
    plan->step_up_ended({});
    commit(plan).value();
    EXPECT_EQ(events(kAlice), Texts{"password ok"});
}

TEST_F(TokenServiceTest, LetsRootRevokeByOwnerAndIdAndTellsTheOwner) {
    const Issued issued = create(kAlice);
    revoke(kAlice, issued.token.id).value();
    EXPECT_EQ(outcome(issued.secret), "dead");
    const std::vector<store::Event> log = audit_log_->list({kAlice, issued.token.id, 10}).value();
    EXPECT_EQ(log.at(1).event, "delete");
    EXPECT_EQ(log.at(1).by, Uid(0));
    EXPECT_EQ(log.at(1).outcome, "ok");
}

TEST_F(TokenServiceTest, ListsAndShowsTheOwnersTokensWithTheirLastUse) {
    const Issued first = create(kAlice);
    clock_.advance(seconds(1));
    const Issued second = create(kAlice);
    create(kBob);
    store_->record_use({{second.token.id, {kNow, 33, "verify", "nginx"}}}).value();
    const std::vector<store::ListedToken> listed =
        read_all(tokens_->list(caller_of(kAlice), name_of(kAlice))).value();
    ASSERT_EQ(listed.size(), 2U);
    EXPECT_EQ(listed[0].token.id, first.token.id);
    EXPECT_EQ(listed[1].last_use.where, "nginx");
    const store::ListedToken shown =
        tokens_->show(caller_of(kAlice), name_of(kAlice), second.token.id).value();
    EXPECT_EQ(shown.token.id, second.token.id);
    EXPECT_EQ(shown.last_use.at, kNow);
}

TEST_F(TokenServiceTest, TokensPerUserMayBeFewerAndLeavesThoseThatAreThere) {
    state_.settings.tokens_per_user = 2;
    store_->limit_tokens(2);
    // Both begin while there is room for one of them.
    (void)create(kAlice);
    const Committed second = commit(tokens_->create(caller_of(kAlice), request(kAlice))).value();
    const Committed third = commit(tokens_->create(caller_of(kAlice), request(kAlice))).value();
    acknowledge(second).value();
    expect_error(acknowledge(third), Errc::LimitExceeded);
    expect_error(tokens_->create(caller_of(kAlice), request(kAlice)), Errc::LimitExceeded);
    state_.settings.tokens_per_user = 1;
    store_->limit_tokens(1);
    EXPECT_EQ(read_all(tokens_->list(caller_of(kAlice), name_of(kAlice))).value().size(), 2U);
}

TEST_F(TokenServiceTest, TokenLifetimeMaxNeedsAnExpiryThatIsNear) {
    const UnixTime week = 7LL * 24 * 3600;
    const Issued old = create(kAlice);
    state_.settings.token_lifetime_max = seconds(week);
    NewToken made = request(kAlice);
    NewToken imported = import_request(kAlice);
    TokenChange change;
    for (const std::optional<UnixTime> far :
         {std::optional<UnixTime>(), std::optional<UnixTime>(0), std::optional(kNow + week + 1)}) {
        made.options.expires = imported.options.expires = change.expires = far;
        expect_error(tokens_->create(caller_of(kAlice), made), Errc::InvalidExpiry);
        expect_error(tokens_->import(caller_of(kAlice), imported), Errc::InvalidExpiry);
        expect_error(tokens_->regenerate(caller_of(kAlice), old.token.id, change),
                     Errc::InvalidExpiry);
        if (far)
            expect_error(tokens_->update(caller_of(kAlice), old.token.id, change),
                         Errc::InvalidExpiry);
    }
    made.options.expires = imported.options.expires = change.expires = kNow + week;
    EXPECT_TRUE(tokens_->create(caller_of(kAlice), made));
    EXPECT_TRUE(tokens_->import(caller_of(kAlice), imported));
    EXPECT_TRUE(tokens_->regenerate(caller_of(kAlice), old.token.id, change));
    EXPECT_TRUE(tokens_->update(caller_of(kAlice), old.token.id, change));
    // Existing parts stay, and the others may be edited.
    EXPECT_EQ(outcome(old.secret), "valid");
    TokenChange description;
    description.description = "renamed";
    EXPECT_TRUE(tokens_->update(caller_of(kAlice), old.token.id, description));
}

TEST_F(TokenServiceTest, UnlockMaxMayBeShorter) {
    const Issued issued = issue(kAlice, {.confirm = Confirm::Always});
    state_.settings.unlock_max = seconds(60);
    expect_error(tokens_->open_for(caller_of(kAlice), issued.token.id, seconds(61)),
                 Errc::InvalidExpiry);
    EXPECT_TRUE(tokens_->open_for(caller_of(kAlice), issued.token.id, seconds(60)));
}

}  // namespace
}  // namespace patd
