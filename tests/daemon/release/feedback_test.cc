// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/release/feedback.h"

#include "common/base/limits.h"
#include "daemon/release/child_token.h"
#include "tests/daemon/release/feedback_fixture.h"
#include "tests/support/statement_count.h"

namespace patd {
namespace {

TEST_F(FeedbackTest, StoreOfAnUnknownSecretKeepsItForExactlyThatPlace) {
    store(kAlice, "ghp_first").value();
    const std::vector<Token> kept = tokens(kAlice);
    ASSERT_EQ(kept.size(), 1U);
    EXPECT_EQ(kept[0].owner_name, "daemon");
    EXPECT_EQ(kept[0].kind, TokenKind::Imported);
    EXPECT_EQ(kept[0].provenance, Provenance::GitStore);
    EXPECT_EQ(kept[0].username, "alice");
    EXPECT_EQ(kept[0].description, "git: https://git.example/team/repo.git");
    ASSERT_EQ(kept[0].targets.size(), 1U);
    EXPECT_EQ(kept[0].targets[0].text(), kUrl);
    EXPECT_EQ(kept[0].created, kNow);
    EXPECT_EQ(secret(kept[0]), "ghp_first");
    EXPECT_EQ(events(kAlice), Texts{"store ok"});
}

// Row P12: the time of an invented secret or state does not tell whether somebody else has such a
// token.
TEST_F(FeedbackTest, AsksTheDatabaseAsOftenWhetherThereIsSuchATokenOrNot) {
    const support::StatementCount statements;
    lock_keyring();
    unlock_keyring();
    const TokenId here = issue(kAlice).token.id;
    const TokenId nowhere = TokenId::generate(random_).value();
    ASSERT_TRUE(stored(here));
    const auto secret_with = [&](const TokenId& id) {
        return text_of(make_issued_secret(id, random_).value());
    };
    const auto state_of = [&](const TokenId& id) {
        ReleaseRequest request = request_for(kUrl);
        request.refused = ReleaseState::of_child(id, 1, kNow + 600);
        return request;
    };
    const auto costs_of = [&](const TokenId& id) {
        const std::string secret = secret_with(id);
        return std::vector<int>{
            statements.of([&] { EXPECT_TRUE(store(kBob, secret)); }),
            statements.of([&] { EXPECT_TRUE(erase(kBob, secret)); }), statements.of([&] {
                feedback_->note_state(caller_of(kBob), state_of(id), Feedback::Reception::Refused,
                                      [](const Result<void>& noted) { EXPECT_TRUE(noted); });
            })};
    };
    EXPECT_EQ(costs_of(here), costs_of(nowhere));
}

TEST_F(FeedbackTest, StoreOfTheSameSecretAgainKeepsOne) {
    store(kAlice, "ghp_first").value();
    store(kAlice, "ghp_first").value();
    EXPECT_EQ(tokens(kAlice).size(), 1U);
    EXPECT_EQ(last_use(kAlice), "stored");
}

TEST_F(FeedbackTest, StoreOfAnotherSecretForTheSamePlaceReplacesIt) {
    store(kAlice, "ghp_first").value();
    const Token first = tokens(kAlice).at(0);
    store(kAlice, "ghp_second").value();
    const std::vector<Token> kept = tokens(kAlice);
    ASSERT_EQ(kept.size(), 1U);
    EXPECT_EQ(kept[0].id, first.id);
    EXPECT_EQ(secret(kept[0]), "ghp_second");
}

TEST_F(FeedbackTest, StoreForAnotherPathUsernameOrOwnerKeepsAnother) {
    store(kAlice, "ghp_first").value();
    store(kAlice, "ghp_second", "https://git.example/team/other.git").value();
    store(kAlice, "ghp_third", "https://git.example").value();
    store(kAlice, "ghp_fourth", request_for(kUrl, "work")).value();
    store(kAlice, "ghp_fifth", "http://git.example/team/repo.git").value();
    EXPECT_EQ(tokens(kAlice).size(), 5U);
    store(kBob, "ghp_first").value();
    EXPECT_EQ(tokens(kAlice).size(), 5U);
    EXPECT_EQ(tokens(kBob).size(), 1U);
}

// A script may pass git a secret that was released for a path; git then stores it for the host. A
// copy there would have none of the token's rules.
TEST_F(FeedbackTest, StoreOfAKnownSecretForAnotherPlaceOfItsHostKeepsNoCopyWithoutItsRules) {
    const Token mine = import(kAlice, "ghp_mine", {.targets = {kUrl}, .username = "alice"});
    for (const char* url : {"https://git.example", "https://git.example/team/other.git"})
        store(kAlice, "ghp_mine", url).value();
    const std::vector<Token> kept = tokens(kAlice);
    ASSERT_EQ(kept.size(), 1U);
    EXPECT_EQ(kept[0].id, mine.id);
}

TEST_F(FeedbackTest, StoreOfASecretThatIsKeptOnPurposeMakesNoCopyWhateverGitStoredBefore) {
    for (const char* before : {"ghp_old", "ghp_mine"}) {
        store(kAlice, before).value();
        const Token stored = tokens(kAlice).at(0);
        erase(kAlice, before).value();
        const Token mine = import(kAlice, "ghp_mine", {.targets = {kUrl}, .username = "alice"});
        store(kAlice, "ghp_mine").value();
        EXPECT_EQ(secret(stored), before);
        for (const Token& token : tokens(kAlice)) {
            EXPECT_EQ(token.state == TokenState::Active, token.id == mine.id) << before;
            store_->remove(token.id, kAlice, kNow).value();
        }
    }
}

TEST_F(FeedbackTest, StoreNeverReplacesWhatTheUserImported) {
    const Token imported = import(kAlice, "ghp_mine", {.targets = {kUrl}, .username = "alice"});
    store(kAlice, "ghp_other").value();
    EXPECT_EQ(tokens(kAlice).size(), 2U);
    EXPECT_EQ(secret(imported), "ghp_mine");
}

TEST_F(FeedbackTest, StoreWithoutAUsernameKeepsNothing) {
    store(kAlice, "ghp_first", request_for(kUrl)).value();
    EXPECT_TRUE(tokens(kAlice).empty());
}

TEST_F(FeedbackTest, StoreKeepsNothingUnknownWhereTheAdminForbidsIt) {
    state_.settings.accept_store = false;
    store(kAlice, "ghp_first").value();
    EXPECT_TRUE(tokens(kAlice).empty());
    EXPECT_EQ(events(kAlice), Texts{});
}

TEST_F(FeedbackTest, StoreRefusesAUsernameThatATableCannotShow) {
    for (const std::string& username : {std::string("\xff"), std::string("a\xe2\x80\xae"),
                                        std::string(limits::kStoredUsernameBytes + 1, 'u')}) {
        const Result<void> stored = store(kAlice, "ghp_first", request_for(kUrl, username));
        ASSERT_FALSE(stored.has_value());
        EXPECT_EQ(stored.error().code, Errc::InvalidUsername);
    }
    EXPECT_TRUE(tokens(kAlice).empty());
}

TEST_F(FeedbackTest, StoreCutsItsDescriptionBetweenTwoCharacters) {
    for (std::size_t pad = 0; pad < 4; ++pad) {
        std::string url = "https://git.example/" + std::string(pad, 'a');
        for (int i = 0; i < 20; ++i)
            url += "\xe2\x82\xac";
        store(kAlice, "ghp_" + std::to_string(pad), url).value();
    }
    const std::vector<Token> kept = tokens(kAlice);
    ASSERT_EQ(kept.size(), 4U);
    for (const Token& token : kept) {
        EXPECT_TRUE(parse_description(token.description).has_value()) << token.description;
        EXPECT_GT(token.description.size(), limits::kDescriptionBytes - 3);
    }
}

// git runs one helper per remote at the same time: both store what the user typed once.
TEST_F(FeedbackTest, StoreOfTheSameSecretTwiceAtOnceKeepsOne) {
    writer_.hold();
    int answers = 0;
    for (const char* secret : {"ghp_first", "ghp_first", "ghp_second"})
        feedback_->store(caller_of(kAlice), request_for(kUrl, "alice"), secret_of(secret),
                         [&](const Result<void>& done) {
                             EXPECT_TRUE(done.has_value());
                             ++answers;
                         });
    EXPECT_EQ(answers, 0);
    writer_.release();
    EXPECT_EQ(answers, 3);
    const std::vector<Token> kept = tokens(kAlice);
    ASSERT_EQ(kept.size(), 1U);
    EXPECT_EQ(secret(kept[0]), "ghp_second");
}

TEST_F(FeedbackTest, ASecretThatWasReplacedMeanwhileKeepsItsOwnEnd) {
    store(kAlice, "ghp_first").value();
    erase(kAlice, "ghp_first").value();
    const Token token = tokens(kAlice).at(0);
    writer_.hold();
    std::optional<Result<void>> answer;
    feedback_->store(caller_of(kAlice), request_for(kUrl, "alice"), secret_of("ghp_first"),
                     [&](const Result<void>& done) { answer.emplace(done); });
    const auto until = [](Token& renewed) -> Result<void> {
        renewed.expires = kNow + 60;
        return {};
    };
    store_->replace_secret(token.id, kAlice, secret_of("ghp_second"), until, kNow).value();
    writer_.release();
    EXPECT_TRUE(answer.value().has_value());
    EXPECT_EQ(secret(token), "ghp_second");
    EXPECT_EQ(tokens(kAlice).at(0).expires, kNow + 60);
}

// Row D21.
TEST_F(FeedbackTest, AStoreThatThrowsIsAnsweredAndKeepsNoneAfterItWaiting) {
    store(kAlice, "ghp_first").value();
    writer_.hold();
    Texts answers;
    for (const char* secret : {"ghp_second", "ghp_third", "ghp_fourth"})
        feedback_->store(caller_of(kAlice), request_for(kUrl, "alice"), secret_of(secret),
                         [&, secret](const Result<void>& done) {
                             answers.push_back(std::string(secret) + (done ? " kept" : " is not"));
                             throw std::logic_error("a bug");
                         });
    writer_.fail_once();  // the second one's, which begins when the first has ended
    writer_.release();
    EXPECT_EQ(answers, (Texts{"ghp_fourth kept", "ghp_third is not", "ghp_second kept"}));
    EXPECT_EQ(secret(tokens(kAlice).front()), "ghp_fourth");
}

// Row D2.
TEST_F(FeedbackTest, StoreOfOneOwnerDoesNotWaitForAnother) {
    lookups_.hold();
    feedback_->store(caller_of(kBob), request_for(kUrl, "bob"), secret_of("ghp_bob"),
                     [](const Result<void>&) { ADD_FAILURE() << "its look-up never ends"; });
    ASSERT_EQ(lookups_.waiting(), 1U);
    import(kAlice, "ghp_mine");
    store(kAlice, "ghp_mine").value();
    EXPECT_EQ(tokens(kAlice).size(), 1U);
}

TEST_F(FeedbackTest, StoreOfAnOwnChildOrSecretIsTheLastUse) {
    const Issued issued = issue(kAlice);
    store(kAlice, text_of(child_of(issued.token))).value();
    EXPECT_EQ(last_use(kAlice), "stored");
    store(kAlice, text_of(issued.secret)).value();
    EXPECT_EQ(tokens(kAlice).size(), 1U);
    EXPECT_EQ(events(kAlice), (Texts{"store ok", "store ok"}));
}

TEST_F(FeedbackTest, StoreOfADeadSecretKeepsNothingAndAlarmsItsOwner) {
    const Issued renewed = issue(kAlice);
    store_
        ->replace_secret(renewed.token.id, kAlice,
                         make_issued_secret(renewed.token.id, random_).value(), {}, kNow)
        .value();
    store(kAlice, text_of(renewed.secret)).value();
    EXPECT_EQ(events(kAlice), Texts{"alarm dead"});

    const Issued removed = issue(kAlice);
    store_->remove(removed.token.id, kAlice, kNow).value();
    store(kBob, text_of(removed.secret)).value();
    EXPECT_EQ(events(kAlice), (Texts{"alarm dead", "alarm dead"}));
    EXPECT_EQ(events(kBob), Texts{});
    EXPECT_EQ(tokens(kAlice).size(), 1U);
    EXPECT_TRUE(tokens(kBob).empty());
}

TEST_F(FeedbackTest, StoreOfATokenShapedTextThatNeverWasKeepsAndTellsNothing) {
    const Issued issued = issue(kAlice);
    const TokenSecret guessed = make_issued_secret(issued.token.id, random_).value();
    store(kAlice, text_of(guessed)).value();
    EXPECT_EQ(events(kAlice), Texts{});
    EXPECT_EQ(tokens(kAlice).size(), 1U);
    EXPECT_EQ(last_use(kAlice), "");
}

TEST_F(FeedbackTest, StoreOfSomebodyElsesLiveSecretKeepsAndTellsNothing) {
    const Issued issued = issue(kAlice);
    store(kBob, text_of(issued.secret)).value();
    store(kBob, text_of(child_of(issued.token))).value();
    EXPECT_TRUE(tokens(kBob).empty());
    EXPECT_EQ(events(kBob), Texts{});
    EXPECT_EQ(events(kAlice), Texts{});
    EXPECT_EQ(last_use(kAlice), "");
}

// Row D1.
TEST_F(FeedbackTest, StoreBeyondTheTokenLimitIsRefused) {
    std::vector<store::TokenStore::NewToken> many;
    for (std::size_t i = 0; i < limits::kTokensPerUser; ++i)
        many.emplace_back(make_token(kAlice, TokenKind::Imported), secret_of("s"));
    store_->insert_many(many).value();
    const Result<void> stored = store(kAlice, "ghp_first");
    ASSERT_FALSE(stored.has_value());
    EXPECT_EQ(stored.error().code, Errc::LimitExceeded);
    EXPECT_EQ(store_->count(kAlice).value(), limits::kTokensPerUser);
    EXPECT_EQ(events(kAlice), Texts{"store LimitExceeded"});
}

TEST_F(FeedbackTest, StoreWithoutRandomnessKeepsNothing) {
    random_.set_failing(true);
    EXPECT_FALSE(store(kAlice, "ghp_first").has_value());
    random_.set_failing(false);
    EXPECT_TRUE(tokens(kAlice).empty());
}

TEST_F(FeedbackTest, StoreTakesBackTheRejectionOfWhatGitHadStored) {
    store(kAlice, "ghp_first").value();
    erase(kAlice, "ghp_first").value();
    ASSERT_EQ(tokens(kAlice).at(0).state, TokenState::Rejected);
    store(kAlice, "ghp_first").value();
    ASSERT_EQ(tokens(kAlice).size(), 1U);
    EXPECT_EQ(tokens(kAlice).at(0).state, TokenState::Active);
}

TEST_F(FeedbackTest, StoreLeavesTheRejectionOfWhatTheUserImportedToTheUser) {
    const Token token = import(kAlice, "ghp_mine", {.targets = {kUrl}});
    erase(kAlice, "ghp_mine").value();
    store(kAlice, "ghp_mine").value();
    EXPECT_EQ(stored(token.id)->state, TokenState::Rejected);
    EXPECT_EQ(tokens(kAlice).size(), 1U);
}

TEST_F(FeedbackTest, WhatGitStoresExpiresWithinTokenLifetimeMax) {
    state_.settings.token_lifetime_max = std::chrono::hours(24);
    store(kAlice, "hunter2").value();
    ASSERT_EQ(tokens(kAlice).size(), 1U);
    EXPECT_EQ(tokens(kAlice)[0].expires, kNow + 24 * 3600);
}

// Row D1.
TEST_F(FeedbackTest, OnlySoManyStoresOfOneOwnerWait) {
    writer_.hold();
    std::vector<Errc> refused;
    std::size_t stored = 0;
    const auto count = [&](const Result<void>& done) {
        if (done)
            ++stored;
        else
            refused.push_back(done.error().code);
    };
    for (std::size_t i = 0; i <= limits::kStoresWaiting; ++i)
        feedback_->store(caller_of(kAlice), request_for(kUrl, "alice"),
                         secret_of("ghp_" + std::to_string(i)), count);
    EXPECT_EQ(refused, std::vector<Errc>{Errc::LimitExceeded});
    feedback_->store(caller_of(kBob), request_for(kUrl, "bob"), secret_of("ghp_bob"), count);
    EXPECT_EQ(refused.size(), 1U);
    writer_.release();
    EXPECT_EQ(stored, limits::kStoresWaiting + 1);
    EXPECT_EQ(tokens(kAlice).size(), 1U);
}

TEST_F(FeedbackTest, StoreKeepsTheExpiryAndTheRefreshTokenAndTakesNewOnes) {
    const auto given = [](const char* refresh, UnixTime expires) {
        StoredCredential credential(secret_of("access"));
        credential.refresh = RefreshToken(SecretBuffer::copy_of(std::string_view(refresh)));
        credential.expires = expires;
        return credential;
    };
    const ReleaseRequest request = request_for(kUrl, "alice");
    const auto refresh = [&] {
        const Token token = tokens(kAlice).at(0);
        return text_of(TokenSecret(store_->open_refresh_token(token.id).value().take()));
    };
    store(kAlice, given("first", 9999999999), request).value();
    EXPECT_EQ(tokens(kAlice).at(0).expires, 9999999999);
    EXPECT_EQ(refresh(), "first");
    const TokenId id = tokens(kAlice).at(0).id;
    // What an older git leaves out, or what a request with --ttl cut short, takes nothing away.
    store(kAlice, given("first", kNow + 300), request).value();
    store(kAlice, "access", request).value();
    EXPECT_EQ(tokens(kAlice).at(0).expires, 9999999999);
    EXPECT_EQ(refresh(), "first");
    EXPECT_EQ(tokens(kAlice).at(0).id, id);
    store_
        ->update(id, kAlice,
                 [](Token& token) -> Result<void> {
                     token.confirm = Confirm::Always;
                     return {};
                 })
        .value();
    store(kAlice, given("second", 0), request).value();
    ASSERT_EQ(tokens(kAlice).size(), 1U);
    EXPECT_EQ(tokens(kAlice).at(0).expires, 0);
    EXPECT_EQ(refresh(), "second");
    EXPECT_EQ(tokens(kAlice).at(0).confirm, Confirm::Always) << "what its owner set";
}

TEST_F(FeedbackTest, StoreOfATokenInThePlaceOfAUserNameIsRefusedByName) {
    const std::string token = "ghp_" + std::string(36, '7');
    EXPECT_EQ(store(kAlice, "x-oauth-basic", request_for(kUrl, token)).error().code,
              Errc::TokenAsUsername);
    EXPECT_EQ(store(kAlice, "x-oauth-basic", request_for(kUrl, "secret")).error().code,
              Errc::TokenAsUsername);
    EXPECT_EQ(store(kAlice, "", request_for(kUrl, token)).error().code, Errc::TokenAsUsername);
    EXPECT_TRUE(tokens(kAlice).empty());
    EXPECT_EQ(events(kAlice), Texts{});
}

TEST_F(FeedbackTest, WhatIsForgottenMakesRoomForWhatGitStoresNext) {
    store_->limit_tokens(3);
    for (const char* name : {"a", "b", "c"})
        store(kAlice, "secret", request_for(kUrl, name)).value();
    EXPECT_EQ(store(kAlice, "secret", request_for(kUrl, "d")).error().code, Errc::LimitExceeded);
    forget(kAlice, request_for(kUrl, "b")).value();
    store(kAlice, "secret", request_for(kUrl, "d")).value();
    EXPECT_EQ(live(kAlice), (Texts{"a", "c", "d"}));
    EXPECT_EQ(tokens(kAlice).size(), 3U);
}

}  // namespace
}  // namespace patd
