// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/release/rule_check.h"

#include "tests/support/service_fixture.h"

namespace patd {
namespace {

using support::kAlice;

constexpr char kTeam[] = "https://git.example/team";

Candidate candidate_with_units(std::vector<std::string> units, const std::string& target = kTeam) {
    Token token = support::make_token(kAlice, TokenKind::Issued, {.targets = {target}});
    token.rules = ReleaseRules::parse(std::move(units)).value();
    return {std::move(token)};
}

class RuleCheckTest : public ::testing::Test {
  protected:
    Selection select(const Result<CallerUnit>& unit) {
        for (Candidate& candidate : candidates_)
            check_rules(candidate, unit);
        return select_token(candidates_, request_, 0);
    }
    Selection select(const std::string& unit) { return select(CallerUnit{unit, true}); }

    std::vector<Candidate> candidates_;
    ReleaseRequest request_ = support::request_for(kTeam);
};

TEST_F(RuleCheckTest, ATokenWithoutRulesPassesWhoeverAsks) {
    candidates_ = {candidate_with_units({})};
    for (const Selection& selection :
         {select(unknown_unit()), select(""), select("backup.service")}) {
        EXPECT_TRUE(selection.released.has_value());
        EXPECT_FALSE(has_rule_refusal(selection));
    }
}

TEST_F(RuleCheckTest, ATokenWithRulesPassesInItsUnitsAlone) {
    candidates_ = {candidate_with_units({"backup.service", "other.service"})};
    EXPECT_TRUE(select("backup.service").released.has_value());
    EXPECT_TRUE(select("other.service").released.has_value());
    for (const char* unit : {"", "user@1.service", "backup.service.service"}) {
        const Selection selection = select(unit);
        EXPECT_EQ(selection.refusal, Errc::RuleDenied) << unit;
        EXPECT_TRUE(has_rule_refusal(selection));
    }
}

// Nobody has asked yet, or systemd does not answer: fails closed.
TEST_F(RuleCheckTest, AnUnknownUnitPassesNoRule) {
    candidates_ = {candidate_with_units({"backup.service"})};
    EXPECT_EQ(select(unknown_unit()).refusal, Errc::Unavailable);
    EXPECT_TRUE(has_rule_refusal(select(unknown_unit())));
    EXPECT_EQ(select(Result<CallerUnit>(Errc::LimitExceeded)).refusal, Errc::LimitExceeded);
}

TEST_F(RuleCheckTest, ATokenThatIsDeniedLosesToOneThatIsNot) {
    candidates_ = {candidate_with_units({"backup.service"}, "https://git.example/team"),
                   candidate_with_units({}, "https://git.example")};
    EXPECT_EQ(select("backup.service").released, 0U);
    const Selection denied = select("other.service");
    EXPECT_EQ(denied.released, 1U);
    EXPECT_EQ(verdict_name(denied.judged[0]), "RuleDenied");
    EXPECT_EQ(select(unknown_unit()).released, 1U);
}

TEST_F(RuleCheckTest, WhatIsRefusedAnywayNeedsNoUnit) {
    candidates_ = {candidate_with_units({"backup.service"})};
    candidates_[0].locked = true;
    const Selection selection = select(unknown_unit());
    EXPECT_EQ(selection.refusal, Errc::Locked);
    EXPECT_FALSE(has_rule_refusal(selection));
}

TEST_F(RuleCheckTest, TheEventNamesTheRule) {
    candidates_ = {candidate_with_units({"backup.service", "b.service"})};
    const Selection denied = select("");
    EXPECT_EQ(describe_refusal(refused_one(denied), request_),
              "https://git.example only for b.service,backup.service");
    candidates_[0].locked = true;
    const Selection locked = select("");
    EXPECT_EQ(describe_refusal(refused_one(locked), request_), "https://git.example");
}

}  // namespace
}  // namespace patd
