// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/tokens/survey.h"

#include "common/base/limits.h"
#include "tests/daemon/store/store_fixture.h"
#include "tests/support/read_store.h"

#include <algorithm>
#include <set>

namespace patd::store::test {
namespace {

constexpr std::size_t kTokens = 12 * limits::kRecordsPerStep + 1;

class SurveyTest : public StoreTest {
  protected:
    void SetUp() override {
        open();
        for (std::size_t i = 0; i < kTokens; ++i) {
            Token token = make_token(kAlice);
            token.targets = nested_targets();
            token.created = kNow + static_cast<UnixTime>(i * 7 % kTokens);
            store_->insert(token, secret_of("s")).value();
            ids_.insert(token.id);
        }
        insert(kBob);
    }
    // As many as allowed, each of which covers the deepest place.
    static TargetList nested_targets() {
        std::vector<std::string> texts;
        std::string url = "https://git.example";
        for (std::size_t i = 0; i < limits::kTargetsPerToken; ++i, url += "/a")
            texts.push_back(url);
        deepest_ = url.substr(std::string("https://git.example/").size());
        return parse_targets(texts).value();
    }
    struct Outcome {
        std::multiset<TokenId> found;
        std::size_t steps = 0;
    };
    static Outcome read(Survey survey) {
        Outcome outcome;
        bool more = true;
        for (; more; ++outcome.steps) {
            std::size_t taken = 0;
            more = survey
                       .step([&](const StoredToken& stored) {
                           outcome.found.insert(stored.token.id);
                           ++taken;
                       })
                       .value();
            EXPECT_LE(taken, limits::kRecordsPerStep);
        }
        return outcome;
    }
    void expect_all_in_small_steps(Survey survey) {
        const Outcome outcome = read(std::move(survey));
        EXPECT_EQ(outcome.found, std::multiset<TokenId>(ids_.begin(), ids_.end()));
        const ReadCounts counts = store_->read_counts().value();
        EXPECT_LE(counts.rows_in_one_step, limits::kIndexRowsPerStep);
        EXPECT_LE(counts.records_in_one_step, limits::kRecordsPerStep);
        EXPECT_EQ(counts.records, kTokens);
        // No record is opened before the index was read, and nothing is read twice.
        EXPECT_LE(outcome.steps, counts.rows / limits::kIndexRowsPerStep + 1 + kTokens);
    }

    const Origin origin_ = Origin::parse("https://git.example").value();
    std::set<TokenId> ids_;
    static inline std::string deepest_;
};

// Row D1.
TEST_F(SurveyTest, ReadsWhatCoversAPlaceInSmallSteps) {
    expect_all_in_small_steps(store_->survey_covering(kAlice, origin_, deepest_));
    EXPECT_EQ(store_->read_counts().value().rows, kTokens * limits::kTargetsPerToken);
}

TEST_F(SurveyTest, ReadsWhatIsAtAnOriginInSmallSteps) {
    expect_all_in_small_steps(store_->survey_origin(kAlice, origin_));
    EXPECT_EQ(store_->read_counts().value().rows, kTokens * limits::kTargetsPerToken);
}

TEST_F(SurveyTest, ReadsAnOwnersTokensInSmallStepsOldestFirst) {
    expect_all_in_small_steps(store_->survey_owner(kAlice));
    const std::vector<StoredToken> all = read_all(store_->survey_owner(kAlice)).value();
    EXPECT_TRUE(std::is_sorted(all.begin(), all.end(), [](const auto& a, const auto& b) {
        return a.token.created < b.token.created;
    }));
}

// Every target that covers a path is searched: `/team/tool` includes `/team/tool.git`.
TEST_F(SurveyTest, FindsTheTargetThatIsWrittenWithoutDotGit) {
    const Origin origin = Origin::parse("https://other.example").value();
    Token token = make_token(kAlice);
    token.targets = parse_targets({"https://other.example/My%20Team/tool"}).value();
    store_->insert(token, secret_of("s")).value();
    for (const char* path : {"My Team/tool", "My Team/tool.git", "My Team/tool.git/info/lfs"})
        EXPECT_EQ(read(store_->survey_covering(kAlice, origin, path)).found.count(token.id), 1U)
            << path;
    for (const char* path : {"", "My Team", "My Team/.git", "My Team/tool-x", "My%20Team/tool"})
        EXPECT_TRUE(read(store_->survey_covering(kAlice, origin, path)).found.empty()) << path;
}

TEST_F(SurveyTest, AFewTokensTakeOneStep) {
    EXPECT_EQ(read(store_->survey_owner(kBob)).steps, 1U);
    EXPECT_EQ(read(store_->survey_covering(kBob, origin_, "team/repo")).steps, 1U);
    EXPECT_EQ(read(store_->survey_origin(kBob, origin_)).steps, 1U);
    EXPECT_EQ(read(store_->survey_owner(Uid(4711))).steps, 1U);
}

// Another thread makes a step between two of a survey.
TEST_F(SurveyTest, LeavesOutWhatWasRemovedAndSeesWhatWasEdited) {
    Survey survey = store_->survey_owner(kAlice);
    std::vector<StoredToken> found;
    const auto take = [&](StoredToken stored) { found.push_back(std::move(stored)); };
    ASSERT_TRUE(survey.step(take).value());
    const std::vector<StoredToken> all = read_all(store_->survey_owner(kAlice)).value();
    const TokenId removed = all[found.size()].token.id;
    const TokenId edited = all[found.size() + 1].token.id;
    store_->remove(removed, kAlice, kNow).value();
    const auto rename = [](Token& token) -> Result<void> {
        token.description = "renamed";
        return {};
    };
    store_->update(edited, kAlice, rename).value();
    while (survey.step(take).value()) {
    }
    ASSERT_EQ(found.size(), kTokens - 1);
    for (const StoredToken& stored : found) {
        EXPECT_NE(stored.token.id, removed);
        EXPECT_EQ(stored.token.description == "renamed", stored.token.id == edited);
    }
}

TEST_F(SurveyTest, HoldsNothingOpenBetweenTwoSteps) {
    Survey survey = store_->survey_covering(kAlice, origin_, deepest_);
    ASSERT_TRUE(survey.step([](const StoredToken&) {}).value());
    store_->detach_reader(Errc::StoreLocked);
    EXPECT_EQ(survey.step([](const StoredToken&) {}).error().code, Errc::StoreLocked);
}

}  // namespace
}  // namespace patd::store::test
