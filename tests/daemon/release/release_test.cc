// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/release/release.h"

#include "common/base/limits.h"
#include "daemon/release/verify.h"
#include "tests/support/full_disk.h"
#include "tests/support/read_store.h"
#include "tests/support/service_fixture.h"

#include <fstream>
#include <iterator>

namespace patd {
namespace {

using support::caller_of;
using support::Issued;
using support::kAlice;
using support::kBob;
using support::request_for;
using support::text_of;
using support::TokenSpec;
using Texts = std::vector<std::string>;

constexpr char kRepository[] = "https://git.example/team/repo.git";
using support::kNow;

class Release : public support::ServiceFixture {
  protected:
    Result<std::optional<Released>> get(Uid uid, const ReleaseRequest& request) {
        std::optional<Result<std::optional<Released>>> answer;
        Releaser(context()).get(caller_of(uid), request, [&](auto result) {
            EXPECT_FALSE(answer.has_value()) << "called twice";
            answer.emplace(std::move(result));
        });
        return std::move(answer).value();
    }
    Result<std::optional<Released>> get(Uid uid, const std::string& url = kRepository) {
        return get(uid, request_for(url));
    }
    void expect_refused(Uid uid, Errc why) {
        const auto answer = get(uid);
        ASSERT_FALSE(answer.has_value());
        EXPECT_EQ(answer.error().code, why);
        EXPECT_EQ(events(uid).back(), "release " + std::string(errc_name(why)));
    }
    Verification verify(const TokenSecret& secret, const std::string& audience) {
        VerifyRequest request;
        request.audience = Origin::parse(audience).value();
        return Verifier(context()).verify(caller_of(Uid(33)), secret.reveal(), request).value();
    }
    std::string bytes_of(const std::string& name) {
        std::ifstream file(directory_.file(name), std::ios::binary);
        return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    }
};

TEST_F(Release, GivesAChildOfAnIssuedTokenThatIsGoodForThatServerOnly) {
    const Issued issued =
        issue(kAlice, {.targets = {"https://git.example/team", "https://other.example"}});
    const Released released = get(kAlice).value().value();
    EXPECT_EQ(released.username, "daemon");
    EXPECT_EQ(token_shape(text_of(released.password)), TokenShape::Child);
    EXPECT_NE(text_of(released.password), text_of(issued.secret));

    const Verification there = verify(released.password, "https://git.example");
    ASSERT_TRUE(there.valid.has_value());
    EXPECT_NE(there.valid->child, nullptr);
    EXPECT_EQ(there.valid->token().id, issued.token.id);
    EXPECT_EQ(there.valid->permissions(), issued.token.permissions);
    for (const char* elsewhere : {"https://other.example", "http://git.example",
                                  "https://git.example:8443", "https://evil.git.example"})
        EXPECT_EQ(verify(released.password, elsewhere).failure, VerifyFailure::Audience)
            << elsewhere;
}

TEST_F(Release, GivesAnImportedTokensOwnSecretAndUsername) {
    const Token token = import(kAlice, "ghp_elsewhere", {.username = "alice-at-forge"});
    const Released released = get(kAlice).value().value();
    EXPECT_EQ(released.username, "alice-at-forge");
    EXPECT_EQ(text_of(released.password), "ghp_elsewhere");
    EXPECT_EQ(released.expires, 0);
    edit(token, [](Token& stored) -> Result<void> {
        stored.expires = kNow + 86400;
        return {};
    });
    EXPECT_EQ(get(kAlice).value().value().expires, kNow + 86400);
}

TEST_F(Release, LetsAChildEndAfterTenMinutesOrWithItsParent) {
    for (const UnixTime parent : {UnixTime{0}, kNow + 86400, kNow + 600, kNow + 599, kNow + 1}) {
        const std::string url = "https://host" + std::to_string(parent) + ".example";
        issue(kAlice, {.targets = {url}, .expires = parent});
        const UnixTime latest = kNow + limits::kChildLifetimeSeconds;
        const UnixTime expected = parent == 0 ? latest : std::min(parent, latest);
        EXPECT_EQ(get(kAlice, url).value().value().expires, expected) << parent - kNow;
    }
}

TEST_F(Release, GivesNothingWhereNoTokenFits) {
    issue(kAlice, {.targets = {"https://git.example/team"}});
    for (const char* url : {"https://git.example", "https://git.example/teams",
                            "http://git.example/team", "https://other.example/team"})
        EXPECT_FALSE(get(kAlice, url).value().has_value()) << url;
    EXPECT_FALSE(get(kAlice, request_for(kRepository, "somebody")).value().has_value());
    EXPECT_EQ(events(kAlice), Texts{});
}

TEST_F(Release, GivesNobodyATokenOfSomebodyElseNorTellsOfIt) {
    issue(kAlice);
    import(kAlice, "ghp_elsewhere", {.targets = { "https://forge.example" }});
    for (const Uid other : {kBob, Uid(0)}) {
        EXPECT_FALSE(get(other).value().has_value());
        EXPECT_FALSE(get(other, "https://forge.example").value().has_value());
        EXPECT_FALSE(get(other, request_for(kRepository, "daemon")).value().has_value());
    }
    EXPECT_EQ(events(kAlice), Texts{});
    // Not even that they are locked.
    locks_->set_locked(kAlice, true);
    EXPECT_FALSE(get(kBob).value().has_value());
}

TEST_F(Release, GivesEachOfTwoOwnersTheirOwnTokenForTheSamePlace) {
    const Issued of_alice = issue(kAlice);
    const Issued of_bob = issue(kBob);
    const Released alice = get(kAlice).value().value();
    const Released bob = get(kBob).value().value();
    EXPECT_EQ(alice.username, "daemon");
    EXPECT_EQ(bob.username, "bin");
    EXPECT_EQ(verify(alice.password, "https://git.example").valid->token().id, of_alice.token.id);
    EXPECT_EQ(verify(bob.password, "https://git.example").valid->token().id, of_bob.token.id);
}

// The uid now belongs to another account than when the token was made (A13).
TEST_F(Release, GivesARecycledUidNothingOfItsPredecessor) {
    Token old = support::make_token(kAlice, TokenKind::Imported);
    old.owner_name = "predecessor";
    store_->insert(old, support::secret_of("ghp_elsewhere")).value();
    EXPECT_FALSE(get(kAlice).value().has_value());
}

// Row A14.
TEST_F(Release, RefusesAUidWithoutAnAccount) {
    const auto answer = get(Uid(64321));
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().code, Errc::AccessDenied);
}

TEST_F(Release, RefusesWhileTheOwnersTokensAreLocked) {
    issue(kAlice);
    issue(kBob);
    store_->set_locked(kAlice, true).value();
    expect_refused(kAlice, Errc::Locked);
    EXPECT_TRUE(get(kBob).value().has_value());
}

TEST_F(Release, RefusesAnExpiredToken) {
    issue(kAlice, {.expires = kNow + 60});
    EXPECT_TRUE(get(kAlice).value().has_value());
    clock_.advance(std::chrono::seconds(60));
    expect_refused(kAlice, Errc::Expired);
}

TEST_F(Release, RefusesATokenThatAServerRejected) {
    const Token token = import(kAlice, "ghp_elsewhere");
    edit(token, [](Token& stored) -> Result<void> {
        stored.state = TokenState::Rejected;
        return {};
    });
    expect_refused(kAlice, Errc::Rejected);
}

TEST_F(Release, RefusesAConfirmAlwaysTokenUntilItIsOpened) {
    const Issued issued = issue(kAlice, {.confirm = Confirm::Always});
    expect_refused(kAlice, Errc::ConfirmRequired);
    locks_->open_for(kAlice, issued.token.id, std::chrono::seconds(300));
    EXPECT_TRUE(get(kAlice).value().has_value());
    clock_.advance(std::chrono::seconds(300));
    expect_refused(kAlice, Errc::ConfirmRequired);
}

TEST_F(Release, RefusesATie) {
    issue(kAlice);
    issue(kAlice);
    expect_refused(kAlice, Errc::Ambiguous);
}

TEST_F(Release, IsRecordedAndNotedAsTheLastUse) {
    const Issued issued = issue(kAlice, {.targets = {"https://git.example/team"}});
    ASSERT_TRUE(get(kAlice).value().has_value());
    const std::vector<store::Event> log = audit_log_->list({kAlice, issued.token.id, 10}).value();
    ASSERT_EQ(log.size(), 1U);
    EXPECT_EQ(log[0].event, "release");
    EXPECT_EQ(log[0].outcome, "ok");
    EXPECT_EQ(log[0].by, kAlice);
    EXPECT_EQ(log[0].at, kNow);
    EXPECT_EQ(log[0].where,
              "https://git.example/team (child, 600s, generation 1: vcs:repository:rw)");
    auditor_.reset();  // writes what it gathered
    const LastUse use = list_tokens(*store_, kAlice).value()[0].last_use;
    EXPECT_EQ(use.at, kNow);
    EXPECT_EQ(use.how, "release");
    EXPECT_EQ(use.where, "https://git.example/team");
}

// Rows S9, L3.
TEST_F(Release, GivesNothingWhenItCannotBeRecorded) {
    issue(kAlice);
    import(kAlice, "ghp_elsewhere", {.targets = { "https://forge.example" }});
    {
        const support::FullDisk full;
        for (const char* url : {kRepository, "https://forge.example"}) {
            const auto answer = get(kAlice, url);
            ASSERT_FALSE(answer.has_value()) << url;
            EXPECT_EQ(answer.error().code, Errc::Unavailable) << url;
        }
    }
    EXPECT_TRUE(get(kAlice).value().has_value());
    EXPECT_EQ(events(kAlice), Texts{"release ok"});
}

TEST_F(Release, LeavesNoSecretInTheAuditLog) {
    const Issued issued = issue(kAlice);
    import(kAlice, "ghp_canary", {.targets = { "https://forge.example" }});
    const Released child = get(kAlice).value().value();
    ASSERT_TRUE(get(kAlice, "https://forge.example").value().has_value());
    auditor_.reset();
    const std::string bytes = bytes_of("audit.db") + bytes_of("audit.db-wal");
    EXPECT_NE(bytes.find("forge.example"), std::string::npos);
    for (const std::string& secret :
         {std::string("ghp_canary"), text_of(issued.secret), text_of(child.password)})
        EXPECT_EQ(bytes.find(secret), std::string::npos);
}

TEST_F(Release, ExplainsWhatItWouldDoWithoutDoingIt) {
    const Issued wide = issue(kAlice);
    const Issued narrow = issue(kAlice, {.targets = {"https://git.example/team"}});
    issue(kBob);
    std::optional<Result<Judgement>> judgement;
    Releaser(context()).judge(caller_of(kAlice), request_for(kRepository), std::nullopt,
                              [&](auto result) { judgement.emplace(std::move(result)); });
    const Selection& selection = judgement->value().selection;
    ASSERT_EQ(selection.judged.size(), 2U);
    ASSERT_TRUE(selection.released.has_value());
    EXPECT_EQ(selection.judged[*selection.released].candidate->token.id, narrow.token.id);
    EXPECT_EQ(events(kAlice), Texts{});
}

ReleaseRequest asking_git(const std::string& permissions, std::optional<int> seconds = {}) {
    ReleaseRequest request = request_for(kRepository);
    if (!permissions.empty())
        request.permissions = parse_permission_list(permissions).value();
    if (seconds)
        request.ttl = std::chrono::seconds(*seconds);
    return request;
}

TEST_F(Release, GivesAChildThatCanExactlyWhatWasAskedFor) {
    issue(kAlice, {.permissions = "vcs:repository:rw,project:issue:rw"});
    const Released released =
        get(kAlice, asking_git("vcs:repository:ro,project:issue:ro", 300)).value().value();
    EXPECT_EQ(released.expires, kNow + 300);
    const Verification valid = verify(released.password, "https://git.example");
    ASSERT_TRUE(valid.valid.has_value());
    EXPECT_EQ(format_permissions(valid.valid->permissions()), "project:issue:ro,vcs:repository:ro");
    EXPECT_EQ(valid.valid->expires(), kNow + 300);
    clock_.advance(std::chrono::seconds(299));
    EXPECT_TRUE(verify(released.password, "https://git.example").valid.has_value());
    clock_.advance(std::chrono::seconds(1));
    EXPECT_EQ(verify(released.password, "https://git.example").failure, VerifyFailure::Expired);
}

TEST_F(Release, GivesNothingForAPermissionThatNoTokenHas) {
    issue(kAlice, {.permissions = "vcs:repository:ro"});
    import(kAlice, "ghp_elsewhere", {.permissions = ""});
    for (const char* wider : {"vcs:repository:rw", "vcs:repository", "vcs", "project:issue:ro",
                              "vcs:repository:ro,project:issue:ro"})
        EXPECT_FALSE(get(kAlice, asking_git(wider)).value().has_value()) << wider;
    EXPECT_EQ(events(kAlice), Texts{});
}

TEST_F(Release, RefusesALifetimeBeyondTheLimitAndDoesNotCutIt) {
    issue(kAlice);
    for (const int bad : {0, -1, 3601}) {
        const auto answer = get(kAlice, asking_git("", bad));
        ASSERT_FALSE(answer.has_value()) << bad;
        EXPECT_EQ(answer.error().code, Errc::InvalidLifetime) << bad;
        EXPECT_EQ(events(kAlice).back(), "release InvalidLifetime") << bad;
    }
    EXPECT_EQ(get(kAlice, asking_git("", 3600)).value()->expires, kNow + 3600);
    state_.settings.child_token_lifetime_max = std::chrono::minutes(2);
    EXPECT_FALSE(get(kAlice, asking_git("", 121)).has_value());
    EXPECT_EQ(get(kAlice, asking_git("", 120)).value()->expires, kNow + 120);
    // The limit also caps what nobody asked for.
    EXPECT_EQ(get(kAlice).value()->expires, kNow + 120);
}

TEST_F(Release, SaysNothingOfALifetimeWhereNoTokenFits) {
    ReleaseRequest request = request_for("https://other.example");
    request.ttl = std::chrono::hours(10);
    issue(kAlice);
    EXPECT_FALSE(get(kAlice, request).value().has_value());
}

TEST_F(Release, NeverLetsAChildOutliveItsParent) {
    issue(kAlice, {.expires = kNow + 100});
    EXPECT_EQ(get(kAlice, asking_git("", 300)).value()->expires, kNow + 100);
}

TEST_F(Release, GivesAnImportedSecretWholeAndOnlyBoundsHowLongGitKeepsIt) {
    import(kAlice, "ghp_elsewhere", {.permissions = "vcs:repository:rw"});
    const Released released = get(kAlice, asking_git("vcs:repository:ro", 300)).value().value();
    EXPECT_EQ(text_of(released.password), "ghp_elsewhere");
    EXPECT_EQ(released.expires, kNow + 300);
}

TEST_F(Release, GivesAChildForTheAudienceThatWasAskedFor) {
    issue(kAlice, {.targets = {"https://git.example", "https://backend.example"}});
    ReleaseRequest request = request_for(kRepository);
    request.audience = Origin::parse("https://backend.example").value();
    const Released released = get(kAlice, request).value().value();
    EXPECT_TRUE(verify(released.password, "https://backend.example").valid.has_value());
    EXPECT_EQ(verify(released.password, "https://git.example").failure, VerifyFailure::Audience);
    request.audience = Origin::parse("https://evil.example").value();
    EXPECT_FALSE(get(kAlice, request).value().has_value());
}

TEST_F(Release, ChildDiesWithItsParentAtANewGenerationAndWhileLocked) {
    const Issued issued = issue(kAlice, {.permissions = "vcs"});
    const TokenSecret child =
        std::move(get(kAlice, asking_git("vcs:repository:ro", 600)).value()->password);
    const auto failure = [&] { return verify(child, "https://git.example").failure; };
    ASSERT_TRUE(verify(child, "https://git.example").valid.has_value());
    locks_->set_locked(kAlice, true);
    EXPECT_EQ(failure(), VerifyFailure::Locked);
    locks_->set_locked(kAlice, false);
    EXPECT_TRUE(verify(child, "https://git.example").valid.has_value());
    edit(issued.token, [](Token& token) -> Result<void> {
        ++token.generation;
        return {};
    });
    EXPECT_EQ(failure(), VerifyFailure::Dead);
    const TokenSecret second = std::move(get(kAlice).value()->password);
    ASSERT_TRUE(verify(second, "https://git.example").valid.has_value());
    store_->remove(issued.token.id, kAlice, kNow).value();
    EXPECT_EQ(verify(second, "https://git.example").failure, VerifyFailure::Dead);
}

TEST_F(Release, RecordsWhatAChildMayDoAndForHowLong) {
    const Issued issued = issue(kAlice, {.permissions = "vcs,project"});
    ASSERT_TRUE(get(kAlice, asking_git("vcs:repository:ro", 300)).value().has_value());
    EXPECT_EQ(audit_log_->list({kAlice, issued.token.id, 10}).value()[0].where,
              "https://git.example (child, 300s, generation 1: vcs:repository:ro)");
}

TEST_F(Release, ChildTokenLifetimeMayBeShorter) {
    issue(kAlice);
    state_.settings.child_token_lifetime = std::chrono::minutes(2);
    const auto released = get(kAlice);
    EXPECT_EQ(released.value()->expires, kNow + 120);
    const auto valid_until = [&] {
        return verify(released.value()->password, "https://git.example").valid.has_value();
    };
    clock_.advance(std::chrono::seconds(119));
    EXPECT_TRUE(valid_until());
    clock_.advance(std::chrono::seconds(1));
    EXPECT_FALSE(valid_until());
}

// ---- A choice among so many tokens that it takes several turns. Row D1.

// A turn has time for one step.
std::chrono::nanoseconds one_step_a_turn() {
    static std::chrono::nanoseconds time{};
    return time += limits::kTurnBudget;
}

class ReleaseInTurns : public Release {
  protected:
    void SetUp() override {
        Release::SetUp();
        slow_turns_.drive(true);
        const Context shared = context();
        releaser_.emplace(Context{shared.store, shared.audit_log, shared.writer, shared.auditor,
                                  shared.locks, shared.accounts, shared.clock, shared.random,
                                  shared.state, shared.subscriptions, shared.reuse_alarm,
                                  shared.units, slow_turns_, shared.limited});
        std::vector<store::TokenStore::NewToken> many;
        for (std::size_t i = 0; i < 2 * limits::kStepsAtOnce * limits::kRecordsPerStep; ++i)
            many.emplace_back(support::make_token(kAlice, TokenKind::Issued),
                              support::secret_of("secret" + std::to_string(i)));
        store_->insert_many(many).value();
        second_ = issue(kAlice, {.targets = {"https://git.example/team"}}).token.id;
    }
    void begin() {
        answer_.reset();
        releaser_->get(caller_of(kAlice), request_for(kRepository),
                       [&](auto result) { answer_.emplace(std::move(result)); });
    }
    // Begins a get whose answer is `best`, makes `change` after this many turns, and goes on.
    void get_with(std::size_t turns, const std::function<void(const Token& best)>& change) {
        const Token best = issue(kAlice, {.targets = {kRepository}, .expires = kNow + 3600}).token;
        begin();
        EXPECT_FALSE(answer_.has_value());
        for (; turns > 0; --turns)
            slow_turns_.run_round();
        change(best);
        while (!slow_turns_.is_idle())
            slow_turns_.run_round();
        ASSERT_TRUE(answer_.has_value());
        (void)store_->remove(best.id, kAlice, kNow);
    }
    // For everything that each turn of a get may leave for the next one.
    void expect_after_each_turn(const std::function<void(const Token& best)>& change,
                                const std::function<void()>& check) {
        begin();
        std::size_t turns = 0;
        for (; !slow_turns_.is_idle(); ++turns)
            slow_turns_.run_round();
        ASSERT_GE(turns, limits::kStepsAtOnce);
        for (std::size_t turn = 0; turn < turns; ++turn) {
            SCOPED_TRACE(turn);
            get_with(turn, change);
            check();
        }
    }
    void expect_second() {
        const Released& released = answer_->value().value();
        EXPECT_EQ(released.state.token(), second_);
        EXPECT_TRUE(verify(released.password, "https://git.example").valid.has_value());
    }

    Turns slow_turns_{*loop_, {}, one_step_a_turn};
    std::optional<Releaser> releaser_;
    std::optional<TokenId> second_;
    std::optional<Result<std::optional<Released>>> answer_;
};

TEST_F(ReleaseInTurns, NeverGivesATokenThatWasDeletedMeanwhile) {
    expect_after_each_turn(
        [&](const Token& best) { store_->remove(best.id, kAlice, kNow).value(); },
        [&] { expect_second(); });
}

TEST_F(ReleaseInTurns, NeverGivesATokenThatWasLockedMeanwhile) {
    expect_after_each_turn([&](const Token&) { locks_->set_locked(kAlice, true); },
                           [&] {
                               EXPECT_EQ(answer_->error().code, Errc::Locked);
                               locks_->set_locked(kAlice, false);
                           });
}

TEST_F(ReleaseInTurns, NeverGivesATokenThatExpiredMeanwhile) {
    expect_after_each_turn([&](const Token&) { clock_.jump_to(kNow + 3600); },
                           [&] {
                               expect_second();
                               clock_.jump_to(kNow);
                           });
}

TEST_F(ReleaseInTurns, NeverGivesATokenThatIsForAnotherPlaceMeanwhile) {
    const auto move = [](Token& token) -> Result<void> {
        token.targets = parse_targets({"https://git.example/other"}).value();
        return {};
    };
    expect_after_each_turn([&](const Token& best) { edit(best, move); }, [&] { expect_second(); });
}

TEST_F(ReleaseInTurns, NeverGivesATokenThatIsToBeConfirmedMeanwhile) {
    const auto confirm = [](Token& token) -> Result<void> {
        token.confirm = Confirm::Always;
        return {};
    };
    expect_after_each_turn([&](const Token& best) { edit(best, confirm); },
                           [&] { expect_second(); });
}

TEST_F(ReleaseInTurns, GivesAChildOfTheGenerationThatATokenHasByThen) {
    const auto narrow = [](Token& token) -> Result<void> {
        ++token.generation;
        token.permissions = parse_permission_list("vcs:repository:ro").value();
        return {};
    };
    Token changed = issue(kBob).token;
    expect_after_each_turn(
        [&](const Token& best) {
            edit(best, narrow);
            changed = stored(best.id).value();
        },
        [&] {
            const Released& released = answer_->value().value();
            EXPECT_EQ(released.state.token(), changed.id);
            EXPECT_TRUE(released.state.is_live(changed, kNow));
            EXPECT_NE(released.what.find("generation 2: vcs:repository:ro"), std::string::npos);
        });
}

TEST_F(ReleaseInTurns, GivesUpWhereTheTokenChangesAllTheTime) {
    // Read first, so that a turn passes between that and its release.
    Token best = support::make_token(kAlice, TokenKind::Imported, {.targets = {kRepository}});
    best.id = TokenId::parse("0000000001").value();
    store_->insert(best, support::secret_of("ghp_elsewhere")).value();
    begin();
    while (!slow_turns_.is_idle()) {
        edit(best, [](Token& token) -> Result<void> {
            ++token.generation;
            return {};
        });
        slow_turns_.run_round();
    }
    EXPECT_EQ(answer_->error().code, Errc::Changing);
    EXPECT_EQ(events(kAlice), Texts{});
}

}  // namespace
}  // namespace patd
