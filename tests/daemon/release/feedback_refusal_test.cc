// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/limits.h"
#include "daemon/release/child_token.h"
#include "tests/daemon/release/feedback_fixture.h"

namespace patd {
namespace {

TEST_F(FeedbackTest, EraseRejectsTheImportedTokenOfThatSecretAndKeepsIt) {
    const Token token = import(kAlice, "ghp_mine", {.targets = {kUrl}});
    const Token other = import(kAlice, "ghp_other");
    erase(kAlice, "ghp_mine").value();
    EXPECT_EQ(stored(token.id)->state, TokenState::Rejected);
    EXPECT_TRUE(stored(token.id)->refused.empty());
    EXPECT_EQ(secret(token), "ghp_mine");
    EXPECT_EQ(stored(other.id)->state, TokenState::Active);
    EXPECT_EQ(events(kAlice), Texts{"erase ok"});
    erase(kAlice, "ghp_mine").value();
    EXPECT_EQ(events(kAlice), Texts{"erase ok"});
}

TEST_F(FeedbackTest, ErasesThatCameTogetherAreWrittenOnce) {
    const Token token = import(kAlice, "ghp_mine", {.targets = {kUrl}});
    writer_.hold();
    int done = 0;
    for (int i = 0; i < 10; ++i)
        feedback_->erase(caller_of(kAlice), request_for(kUrl, "alice"), secret_of("ghp_mine"),
                         [&](const Result<void>& erased) { done += erased ? 1 : 0; });
    EXPECT_EQ(writer_.waiting(), 1U);
    writer_.run_one();
    EXPECT_EQ(writer_.waiting(), 0U);
    EXPECT_EQ(done, 10);
    EXPECT_EQ(events(kAlice), Texts{"erase ok"});
    EXPECT_EQ(stored(token.id)->state, TokenState::Rejected);
}

TEST_F(FeedbackTest, EraseOfAnIssuedTokenOrChildIsNotedOnly) {
    const Issued issued = issue(kAlice);
    erase(kAlice, text_of(issued.secret)).value();
    erase(kAlice, text_of(child_of(issued.token))).value();
    const Token after = stored(issued.token.id).value();
    EXPECT_EQ(after.state, TokenState::Active);
    EXPECT_EQ(after.generation, issued.token.generation);
    EXPECT_EQ(events(kAlice), (Texts{"erase ok", "erase ok"}));
}

TEST_F(FeedbackTest, EraseTouchesNothingOfSomebodyElse) {
    const Token imported = import(kAlice, "ghp_mine");
    const Issued issued = issue(kAlice);
    erase(kBob, "ghp_mine").value();
    erase(kBob, text_of(issued.secret)).value();
    EXPECT_EQ(stored(imported.id)->state, TokenState::Active);
    EXPECT_EQ(events(kAlice), Texts{});
    EXPECT_EQ(events(kBob), Texts{});
}

TEST_F(FeedbackTest, EraseOfAnotherSecretOrPlaceChangesNothing) {
    const Token token = import(kAlice, "ghp_mine");
    erase(kAlice, "ghp_other").value();
    erase(kAlice, "ghp_min").value();
    erase(kAlice, "ghp_mine", "https://other.example").value();
    EXPECT_EQ(stored(token.id)->state, TokenState::Active);
    EXPECT_EQ(events(kAlice), Texts{});
}

// One host may be a git server and a registry: `docker logout` names neither user nor path.
TEST_F(FeedbackTest, GitAndEachToolReplaceAndForgetOnlyWhatTheyStored) {
    const std::string host = "https://git.example";
    const auto by = [&](const std::string& tool, std::optional<std::string> username = {}) {
        ReleaseRequest request = request_for(host, std::move(username));
        request.tool = tool;
        return request;
    };
    const auto live_descriptions = [&] {
        Texts found;
        for (const Token& token : tokens(kAlice)) {
            if (token.state == TokenState::Active)
                found.push_back(token.description);
        }
        std::sort(found.begin(), found.end());
        return found;
    };
    const Texts all = {"docker: " + host, "git: " + host, "terraform: " + host};
    for (const char* secret : {"the-same", "another"}) {
        for (const char* tool : {"", "docker", "terraform"})
            store(kAlice, std::string(secret) + tool, by(tool, "alice")).value();
        EXPECT_EQ(live_descriptions(), all);
    }
    // The same secret is each one's own as well.
    for (const char* tool : {"", "docker", "terraform"})
        store(kAlice, "shared", by(tool, "alice")).value();
    EXPECT_EQ(live_descriptions(), all);
    EXPECT_EQ(tokens(kAlice).size(), 3U);
    forget(kAlice, by("docker")).value();
    EXPECT_EQ(live_descriptions(), (Texts{"git: " + host, "terraform: " + host}));
    erase(kAlice, "shared", host).value();
    EXPECT_EQ(live_descriptions(), Texts{"terraform: " + host});
    store(kAlice, "shared", by("", "alice")).value();
    forget(kAlice, by("")).value();
    EXPECT_EQ(live_descriptions(), Texts{"terraform: " + host});
}

TEST_F(FeedbackTest, ASecretThatWasRenewedMeanwhileIsNotRejected) {
    store(kAlice, "ghp_first").value();
    const Token token = tokens(kAlice).at(0);
    writer_.hold();
    std::optional<Result<void>> answer;
    feedback_->erase(caller_of(kAlice), request_for(kUrl, "alice"), secret_of("ghp_first"),
                     [&](const Result<void>& done) { answer.emplace(done); });
    store_->replace_secret(token.id, kAlice, secret_of("ghp_second"), {}, kNow).value();
    writer_.release();
    EXPECT_TRUE(answer.value().has_value());
    EXPECT_EQ(tokens(kAlice).at(0).state, TokenState::Active);
}

// One repository without rights is not the whole host.
TEST_F(FeedbackTest, ARefusalOfATokenMadeOnPurposeIsRememberedByPlace) {
    const Token token = import(kAlice, "ghp_mine");
    erase(kAlice, "ghp_mine").value();
    erase(kAlice, "ghp_mine", std::string(kUrl) + "/info/lfs").value();
    Token now = stored(token.id).value();
    EXPECT_EQ(now.state, TokenState::Active);
    ASSERT_EQ(now.refused.size(), 1U);
    EXPECT_EQ(now.refused[0].url(), kUrl);
    EXPECT_EQ(events(kAlice), Texts{"erase ok"});
    // git that sends no path speaks of the host.
    erase(kAlice, "ghp_mine", "https://git.example").value();
    now = stored(token.id).value();
    EXPECT_EQ(now.state, TokenState::Rejected);
    EXPECT_TRUE(now.refused.empty());
}

TEST_F(FeedbackTest, ARefusalAtOneHostLeavesTheOthersOfAToken) {
    const Token token =
        import(kAlice, "ghp_mine", {.targets = {"https://git.example", "https://lfs.example"}});
    erase(kAlice, "ghp_mine", "https://git.example").value();
    EXPECT_EQ(stored(token.id)->state, TokenState::Active);
    erase(kAlice, "ghp_mine", "https://lfs.example").value();
    EXPECT_EQ(stored(token.id)->state, TokenState::Rejected);
}

TEST_F(FeedbackTest, RefusalsAtMorePlacesThanAreRememberedRejectTheToken) {
    const Token token = import(kAlice, "ghp_mine");
    for (std::size_t i = 0; i < limits::kRefusedPlaces; ++i)
        erase(kAlice, "ghp_mine", "https://git.example/" + std::to_string(i)).value();
    EXPECT_EQ(stored(token.id)->refused.size(), limits::kRefusedPlaces);
    EXPECT_EQ(stored(token.id)->state, TokenState::Active);
    erase(kAlice, "ghp_mine", "https://git.example/last").value();
    EXPECT_EQ(stored(token.id)->state, TokenState::Rejected);
}

TEST_F(FeedbackTest, ANewSecretIsGoodWhereTheOldOneWasRefused) {
    const Token token = import(kAlice, "ghp_mine");
    erase(kAlice, "ghp_mine").value();
    store_->replace_secret(token.id, kAlice, secret_of("ghp_new"), {}, kNow).value();
    EXPECT_TRUE(stored(token.id)->refused.empty());
}

TEST_F(FeedbackTest, ForgetTakesWhatGitStoredForTheHostUserAndPathThatAreNamed) {
    import(kAlice, "ghp_mine", {.username = "mine"});
    const auto fill = [&] {
        for (const char* name : {"user1", "user2"})
            store(kAlice, "same", request_for("https://git.example", name)).value();
        store(kAlice, "same", request_for(kUrl, "path")).value();
        store(kAlice, "same", request_for("https://other.example", "other")).value();
    };
    fill();
    EXPECT_EQ(live(kAlice), (Texts{"mine", "other", "path", "user1", "user2"}));
    forget(kAlice, request_for("https://git.example", "user1")).value();
    EXPECT_EQ(live(kAlice), (Texts{"mine", "other", "path", "user2"}));
    forget(kAlice, request_for(kUrl)).value();
    EXPECT_EQ(live(kAlice), (Texts{"mine", "other", "user2"}));
    fill();
    EXPECT_EQ(live(kAlice), (Texts{"mine", "other", "path", "user1", "user2"}));
    forget(kBob, request_for("https://git.example")).value();
    EXPECT_EQ(live(kAlice).size(), 5U);
    forget(kAlice, request_for("https://git.example")).value();
    EXPECT_EQ(live(kAlice), (Texts{"mine", "other"}));
    EXPECT_EQ(tokens(kAlice).size(), 5U);
}

// The owner of what was refused may be told which it was; of what git stored nobody has to be.
TEST_F(FeedbackTest, EraseTellsOfATokenOfTheCallersThatWasMadeOnPurpose) {
    const Issued issued = issue(kAlice);
    store(kAlice, "stored", "https://new.example").value();
    const auto told = [&](Uid caller, const TokenSecret& secret, const std::string& url) {
        std::vector<TokenId> ids;
        feedback_->erase(
            caller_of(caller), request_for(url, "alice"), secret,
            {[](const Result<void>&) {}, [&](const Token& token) { ids.push_back(token.id); }});
        while (!turns_.is_idle())
            turns_.run_round();
        return ids;
    };
    const std::vector<TokenId> one{issued.token.id};
    EXPECT_EQ(told(kAlice, child_of(issued.token), kUrl), one);
    EXPECT_TRUE(told(kBob, child_of(issued.token), kUrl).empty());
    EXPECT_TRUE(told(kAlice, secret_of("stored"), "https://new.example").empty());
    EXPECT_TRUE(told(kAlice, secret_of("unknown"), kUrl).empty());
}

}  // namespace
}  // namespace patd
