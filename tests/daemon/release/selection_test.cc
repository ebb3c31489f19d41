// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/release/selection.h"

#include "tests/support/service_fixture.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace patd {
namespace {

using support::kAlice;
using support::make_token;
using support::request_for;
using support::TokenSpec;

using support::kNow;

Candidate candidate(const TokenSpec& spec) {
    return {make_token(kAlice, TokenKind::Issued, spec)};
}

Candidate at(const std::string& url, const std::string& permissions = "vcs:repository:rw") {
    return candidate({.permissions = permissions, .targets = {url}});
}

// The verdict on each candidate, in the given order; "" for one that does not cover the request.
std::vector<std::string> verdicts(const std::vector<Candidate>& candidates,
                                  const ReleaseRequest& request) {
    std::vector<std::string> names(candidates.size());
    for (const Judged& judged : select_token(candidates, request, kNow).judged)
        names[static_cast<std::size_t>(judged.candidate - candidates.data())] =
            verdict_name(judged);
    return names;
}

using Names = std::vector<std::string>;

struct SelectionRow {
    const char* target;
    const char* url;
    bool covers;
};

// What a target covers, and what only looks like it (C4-C7).
constexpr SelectionRow kSelectionRows[] = {
    {"https://git.example", "https://git.example", true},
    {"https://git.example", "https://git.example/", true},
    {"https://git.example", "https://git.example/team/repo.git", true},
    {"https://git.example", "https://git.example:443/team", true},
    {"https://git.example:443", "https://git.example", true},
    {"https://git.example", "https://git.example:8443", false},
    {"https://git.example:8443", "https://git.example:8443/x", true},
    {"https://git.example:8443", "https://git.example", false},
    {"https://git.example:8443", "https://git.example:844", false},
    {"https://git.example", "http://git.example", false},
    {"http://git.example", "https://git.example", false},
    {"http://git.example", "http://git.example:80/x", true},
    {"http://git.example:443", "https://git.example", false},
    {"https://git.example:80", "http://git.example", false},
    {"https://git.example", "https://evil.git.example", false},
    {"https://git.example", "https://git.example.evil", false},
    {"https://git.example", "https://notgit.example", false},
    {"https://git.example", "https://example", false},
    {"https://sub.git.example", "https://git.example", false},
    {"https://git.example/team", "https://git.example", false},  // no path was sent
    {"https://git.example/team", "https://git.example/team", true},
    {"https://git.example/team", "https://git.example/team/", true},
    {"https://git.example/team/", "https://git.example/team", true},
    {"https://git.example/team", "https://git.example/team/repo.git/info/refs", true},
    {"https://git.example/team", "https://git.example/teams", false},
    {"https://git.example/team", "https://git.example/team2/repo", false},
    {"https://git.example/team", "https://git.example/tea", false},
    {"https://git.example/team", "https://git.example/Team", false},
    {"https://git.example/team", "https://git.example/x/team", false},
    {"https://git.example/team/a", "https://git.example/team/b", false},
    {"https://git.example/team/a", "https://git.example/team/a.git/info/lfs", true},
    {"https://git.example/team/a", "https://git.example/team/a-b", false},
    {"https://git.example/team/a.git", "https://git.example/team/a", false},
    {"https://git.example/team/a", "https://git.example/team", false},
    {"https://git.example/team", "https://git.example/team%252frepo", false},
    {"https://[2001:db8::1]", "https://[2001:db8::1]/x", true},
    {"https://[2001:db8::1]", "https://[2001:db8::2]/x", false},
    {"https://192.0.2.1", "https://192.0.2.10", false},
};

// Rows C4, C6, C7: nor where git says no path and the target has one.
TEST(Selection, ReleasesExactlyWhereTheTargetCoversTheRequest) {
    for (const SelectionRow& row : kSelectionRows) {
        const std::vector<Candidate> candidates = {at(row.target)};
        const Selection selection = select_token(candidates, request_for(row.url), kNow);
        EXPECT_EQ(selection.released.has_value(), row.covers) << row.target << " " << row.url;
        EXPECT_EQ(selection.judged.size(), row.covers ? 1U : 0U) << row.target << " " << row.url;
        EXPECT_FALSE(selection.refusal.has_value()) << row.target << " " << row.url;
    }
}

TEST(Selection, FindsNothingWhereThereIsNothing) {
    const Selection selection = select_token({}, request_for("https://git.example"), kNow);
    EXPECT_TRUE(selection.judged.empty());
    EXPECT_FALSE(selection.released.has_value());
    EXPECT_FALSE(selection.refusal.has_value());
}

// Row C4.
TEST(Selection, NeverReleasesATokenWithoutTargets) {
    EXPECT_EQ(verdicts({candidate({.targets = {}})}, request_for("https://git.example")),
              Names{""});
}

TEST(Selection, PrefersTheLongestPathThatCoversTheRequest) {
    const std::vector<Candidate> candidates = {
        at("https://git.example"), at("https://git.example/team/repo"),
        at("https://git.example/team"), at("https://git.example/team/other")};
    EXPECT_EQ(verdicts(candidates, request_for("https://git.example/team/repo/sub")),
              (Names{"shorter-path", "released", "shorter-path", ""}));
}

TEST(Selection, PrefersTheLongerPathEvenIfItMayDoMore) {
    EXPECT_EQ(verdicts({at("https://git.example", "vcs:repository:ro"),
                        at("https://git.example/team", "vcs,project,packages")},
                       request_for("https://git.example/team/x")),
              (Names{"shorter-path", "released"}));
}

TEST(Selection, JudgesATokenWithSeveralTargetsByTheOneThatFitsBest) {
    const std::vector<Candidate> candidates = {
        candidate({.targets = {"https://git.example", "https://git.example/team/repo"}}),
        at("https://git.example/team")};
    const Selection selection =
        select_token(candidates, request_for("https://git.example/team/repo"), kNow);
    ASSERT_EQ(selection.released, 0U);
    EXPECT_EQ(selection.judged[0].target.text(), "https://git.example/team/repo");
}

TEST(Selection, PrefersWhatLiesInsideTheOtherPermissions) {
    const ReleaseRequest request = request_for("https://git.example");
    EXPECT_EQ(verdicts({at("https://git.example", "vcs:repository:rw"),
                        at("https://git.example", "vcs:repository:ro")},
                       request),
              (Names{"more-permissions", "released"}));
    EXPECT_EQ(verdicts({at("https://git.example", "vcs"),
                        at("https://git.example", "vcs:issue:ro,vcs:repository:ro")},
                       request),
              (Names{"more-permissions", "released"}));
}

TEST(Selection, PrefersFewerPermissionsWhereNoneLiesInsideTheOther) {
    EXPECT_EQ(verdicts({at("https://git.example", "project:issue:ro,project:wiki:ro"),
                        at("https://git.example", "vcs:repository:rw")},
                       request_for("https://git.example")),
              (Names{"more-permissions", "released"}));
}

// "Inside" and "fewer" form a circle here: B lies inside A, C has fewer than B, A fewer than C.
// There must still be a winner, whatever the order.
TEST(Selection, AlwaysComesToAnEndWhenTheTwoMeasuresDisagree) {
    std::vector<Candidate> candidates = {
        at("https://git.example", "vcs"),
        at("https://git.example", "vcs:a:ro,vcs:b:ro,vcs:c:ro"),
        at("https://git.example", "project:a:ro,project:b:ro"),
    };
    const TokenId winner = candidates[2].token.id;
    for (int turn = 0; turn < 3; ++turn) {
        const Selection selection =
            select_token(candidates, request_for("https://git.example"), kNow);
        ASSERT_TRUE(selection.released.has_value());
        EXPECT_EQ(selection.judged[*selection.released].candidate->token.id, winner);
        std::rotate(candidates.begin(), candidates.begin() + 1, candidates.end());
    }
}

TEST(Selection, PrefersKnownPermissionsToAnImportedTokenWithoutAList) {
    EXPECT_EQ(verdicts({candidate({.permissions = ""}), at("https://git.example", "vcs,project")},
                       request_for("https://git.example")),
              (Names{"more-permissions", "released"}));
}

TEST(Selection, RefusesATieAndNamesBoth) {
    const std::vector<Candidate> candidates = {
        at("https://git.example", "vcs:repository:rw"),
        at("https://git.example", "project:issue:rw"),
        at("https://git.example", "vcs:repository:rw,project:issue:rw")};
    EXPECT_EQ(verdicts(candidates, request_for("https://git.example")),
              (Names{"tied", "tied", "more-permissions"}));
    const Selection selection = select_token(candidates, request_for("https://git.example"), kNow);
    EXPECT_FALSE(selection.released.has_value());
    EXPECT_EQ(selection.refusal, Errc::Ambiguous);
}

TEST(Selection, RefusesATieOfEqualPermissions) {
    EXPECT_EQ(verdicts({at("https://git.example"), at("https://git.example")},
                       request_for("https://git.example")),
              (Names{"tied", "tied"}));
}

TEST(Selection, NarrowsByTheUsernameThatWasSent) {
    const std::vector<Candidate> candidates = {candidate({.username = "work"}),
                                               candidate({.username = "private"})};
    EXPECT_EQ(verdicts(candidates, request_for("https://git.example", "private")),
              (Names{"", "released"}));
    EXPECT_EQ(verdicts(candidates, request_for("https://git.example", "Private")), (Names{"", ""}));
    EXPECT_EQ(verdicts(candidates, request_for("https://git.example")), (Names{"tied", "tied"}));
}

ReleaseRequest asking(const std::string& permissions,
                      const std::string& url = "https://git.example") {
    ReleaseRequest request = request_for(url);
    request.permissions = parse_permission_list(permissions).value();
    return request;
}

TEST(Selection, NarrowsByThePermissionsThatAreAskedFor) {
    const std::vector<Candidate> candidates = {
        at("https://git.example", "vcs:repository:ro"),
        at("https://git.example", "vcs:repository:rw,project:issue:rw"),
        at("https://git.example", "vcs:repository:rw")};
    EXPECT_EQ(verdicts(candidates, asking("vcs:repository:ro")),
              (Names{"released", "more-permissions", "more-permissions"}));
    EXPECT_EQ(verdicts(candidates, asking("vcs:repository:rw")),
              (Names{"lacks-permission", "more-permissions", "released"}));
    EXPECT_EQ(verdicts(candidates, asking("vcs:repository:ro,project:issue:ro")),
              (Names{"lacks-permission", "released", "lacks-permission"}));
    EXPECT_EQ(verdicts(candidates, asking("vcs")),
              (Names{"lacks-permission", "lacks-permission", "lacks-permission"}));
}

TEST(Selection, TakesAShorterPathWhereTheLongerOneLacksThePermission) {
    EXPECT_EQ(verdicts({at("https://git.example", "vcs"),
                        at("https://git.example/team", "project:issue:ro")},
                       asking("vcs:repository:ro", "https://git.example/team/x")),
              (Names{"released", "lacks-permission"}));
}

TEST(Selection, TrustsTheListOfAnImportedTokenAndNeverAMissingOne) {
    Candidate listed = at("https://git.example", "vcs:repository:rw");
    listed.token.kind = TokenKind::Imported;
    Candidate unlisted = candidate({.permissions = ""});
    unlisted.token.kind = TokenKind::Imported;
    EXPECT_EQ(verdicts({listed, unlisted}, asking("vcs:repository:ro")),
              (Names{"released", "lacks-permission"}));
    EXPECT_EQ(verdicts({unlisted}, asking("vcs:repository:ro")), Names{"lacks-permission"});
    EXPECT_EQ(verdicts({unlisted}, request_for("https://git.example")), Names{"released"});
}

TEST(Selection, SaysNothingOfWhatLacksThePermissionEvenIfItIsLocked) {
    Candidate locked = at("https://git.example", "vcs:repository:ro");
    locked.locked = true;
    const std::vector<Candidate> candidates = {locked};
    const Selection selection = select_token(candidates, asking("vcs:repository:rw"), kNow);
    EXPECT_FALSE(selection.refusal.has_value());
    EXPECT_FALSE(selection.released.has_value());
}

TEST(Selection, NamesTheOneThatARefusalIsAbout) {
    Candidate expired = at("https://git.example/team", "vcs:repository:rw");
    expired.token.expires = kNow;
    const std::vector<Candidate> candidates = {at("https://git.example", "project"), expired};
    const Selection selection =
        select_token(candidates, asking("vcs:repository:rw", "https://git.example/team"), kNow);
    ASSERT_EQ(selection.refusal, Errc::Expired);
    EXPECT_EQ(refused_one(selection).candidate->token.id, expired.token.id);
    const std::vector<Candidate> tied = {expired, at("https://git.example/team"),
                                         at("https://git.example/team")};
    const Selection tie = select_token(tied, request_for("https://git.example/team"), kNow);
    ASSERT_EQ(tie.refusal, Errc::Ambiguous);
    EXPECT_EQ(refused_one(tie).candidate->token.id, tied[1].token.id);
}

// Row C4.
// Never wider than its parent: the parent itself would not be accepted at another audience.
TEST(Selection, TakesAnAudienceFromTheTokensOwnTargetsOnly) {
    ReleaseRequest request = request_for("https://git.example");
    request.audience = Origin::parse("https://backend.example").value();
    EXPECT_EQ(
        verdicts({at("https://git.example"),
                  candidate({.targets = {"https://git.example", "https://backend.example/x"}})},
                 request),
        (Names{"other-audience", "released"}));
}

TEST(Selection, LetsAChildThatTheServerRefusedLoseAsLongAsItLives) {
    const std::vector<Candidate> candidates = {at("https://git.example/team"),
                                               at("https://git.example")};
    const Token& first = candidates[0].token;
    ReleaseRequest request = request_for("https://git.example/team");
    request.refused = ReleaseState::of_child(first.id, first.generation, kNow + 1);
    EXPECT_EQ(verdicts(candidates, request), (Names{"ServerRefused", "released"}));
    request.refused = ReleaseState::of_child(first.id, first.generation, kNow);
    EXPECT_EQ(verdicts(candidates, request), (Names{"released", "shorter-path"}));
    request.refused = ReleaseState::of_child(first.id, first.generation + 1, kNow + 1);
    EXPECT_EQ(verdicts(candidates, request), (Names{"released", "shorter-path"}));
}

struct Refused {
    const char* name;
    Candidate candidate;
    Errc why;
};

std::vector<Refused> refused_ones(const std::string& permissions) {
    Candidate locked = at("https://git.example", permissions);
    locked.locked = true;
    Candidate rejected = at("https://git.example", permissions);
    rejected.token.state = TokenState::Rejected;
    Candidate expired = at("https://git.example", permissions);
    expired.token.expires = kNow;
    Candidate unconfirmed = at("https://git.example", permissions);
    unconfirmed.token.confirm = Confirm::Always;
    return {{"locked", locked, Errc::Locked},
            {"rejected", rejected, Errc::Rejected},
            {"expired", expired, Errc::Expired},
            {"unconfirmed", unconfirmed, Errc::ConfirmRequired}};
}

TEST(Selection, ThroughAnExposureSeesItsTokensOnly) {
    const std::vector<Candidate> tokens = {
        at("https://git.example"), at("https://git.example/team"), at("https://git.example")};
    ReleaseRequest request = request_for("https://git.example/team");
    request.exposed = Exposed{"AbC123", {tokens[2].token.id}, kNow + 60};
    EXPECT_EQ(verdicts(tokens, request), (Names{"", "", "released"}));
    request.exposed->only = {};
    EXPECT_EQ(verdicts(tokens, request), (Names{"", "", ""}));
}

TEST(Selection, GivesTheReasonWhenTheOnlyFittingTokenMayNotBeReleased) {
    for (const Refused& refused : refused_ones("vcs:repository:ro")) {
        const std::vector<Candidate> candidates = {refused.candidate};
        const Selection selection =
            select_token(candidates, request_for("https://git.example"), kNow);
        EXPECT_FALSE(selection.released.has_value()) << refused.name;
        EXPECT_EQ(selection.refusal, refused.why) << refused.name;
        EXPECT_EQ(verdict_name(selection.judged[0]), errc_name(refused.why)) << refused.name;
    }
}

TEST(Selection, SaysNothingOfARefusedTokenThatDoesNotCoverTheRequest) {
    for (const Refused& refused : refused_ones("vcs:repository:ro")) {
        const std::vector<Candidate> candidates = {refused.candidate};
        const Selection selection =
            select_token(candidates, request_for("https://other.example"), kNow);
        EXPECT_FALSE(selection.refusal.has_value()) << refused.name;
    }
}

TEST(Selection, LetsARefusedTokenLoseToOneThatMayBeReleased) {
    for (const Refused& refused : refused_ones("vcs:repository:ro")) {
        const std::vector<Candidate> candidates = {refused.candidate,
                                                   at("https://git.example", "vcs,project")};
        const Selection selection =
            select_token(candidates, request_for("https://git.example"), kNow);
        EXPECT_EQ(selection.released, 1U) << refused.name;
        EXPECT_FALSE(selection.refusal.has_value()) << refused.name;
    }
}

TEST(Selection, ReleasesAConfirmAlwaysTokenThatWasOpened) {
    Candidate opened = candidate({.confirm = Confirm::Always});
    opened.confirmed = true;
    EXPECT_EQ(verdicts({opened}, request_for("https://git.example")), Names{"released"});
}

TEST(Selection, CountsAnExpiryInItsOwnSecondAsOver) {
    for (const UnixTime expires : {kNow - 1, kNow, kNow + 1}) {
        const std::vector<Candidate> candidates = {candidate({.expires = expires})};
        const bool alive = expires > kNow;
        EXPECT_EQ(
            select_token(candidates, request_for("https://git.example"), kNow).released.has_value(),
            alive)
            << expires - kNow;
    }
}

// ---- The last two stages as specified, every token against every other.

bool lies_inside(const Token& a, const Token& b) {
    return !a.permissions.empty() && !b.permissions.empty() &&
           covers(b.permissions, a.permissions) && !covers(a.permissions, b.permissions);
}

bool has_fewer(const Token& a, const Token& b) {
    return !a.permissions.empty() &&
           (b.permissions.empty() || a.permissions.size() < b.permissions.size());
}

std::vector<std::size_t> unbeaten(const std::vector<Candidate>& candidates,
                                  const std::vector<std::size_t>& group,
                                  bool (*beats)(const Token& a, const Token& b)) {
    std::vector<std::size_t> kept;
    for (const std::size_t i : group) {
        if (std::none_of(group.begin(), group.end(), [&](std::size_t other) {
                return beats(candidates[other].token, candidates[i].token);
            }))
            kept.push_back(i);
    }
    return kept;
}

// For candidates that all cover the request with the same path.
Names expected_verdicts(const std::vector<Candidate>& candidates) {
    Names names(candidates.size(), "Locked");
    std::vector<std::size_t> group;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        if (candidates[i].locked)
            continue;
        names[i] = "more-permissions";
        group.push_back(i);
    }
    const std::vector<std::size_t> best =
        unbeaten(candidates, unbeaten(candidates, group, lies_inside), has_fewer);
    for (const std::size_t i : best)
        names[i] = best.size() == 1 ? "released" : "tied";
    return names;
}

std::optional<Errc> expected_refusal(const Names& names) {
    const auto has = [&](const char* name) {
        return std::find(names.begin(), names.end(), name) != names.end();
    };
    if (has("released"))
        return std::nullopt;
    if (has("tied"))
        return Errc::Ambiguous;
    return has("Locked") ? std::optional(Errc::Locked) : std::nullopt;
}

// Not reduced, as a list from another time might be; with names that share a beginning.
PermissionList some_permissions(std::minstd_rand& random) {
    static constexpr const char* kAreas[] = {"a", "a-b", "a0", "b"};
    static constexpr const char* kObjects[] = {"", ":o", ":o-p", ":p"};
    static constexpr const char* kAccesses[] = {"", ":ro", ":rw"};
    PermissionList list;
    for (std::size_t left = random() % 5; left > 0; --left) {
        const std::string object = kObjects[random() % 4];
        const std::string access = object.empty() ? "" : kAccesses[random() % 3];
        list.push_back(Permission::parse(kAreas[random() % 4] + object + access).value());
    }
    return list;
}

TEST(Selection, ChoosesAmongManyAsComparingEachWithEachDoes) {
    std::minstd_rand random(7);
    const Candidate model = at("https://git.example");
    for (int round = 0; round < 3000; ++round) {
        std::vector<Candidate> candidates(1 + random() % 12, model);
        for (Candidate& candidate : candidates) {
            candidate.token.permissions = some_permissions(random);
            candidate.locked = random() % 6 == 0;
        }
        const Names expected = expected_verdicts(candidates);
        const ReleaseRequest request = request_for("https://git.example/team");
        ASSERT_EQ(verdicts(candidates, request), expected) << round;
        const Selection selection = select_token(candidates, request, kNow);
        EXPECT_EQ(selection.refusal, expected_refusal(expected)) << round;
        const auto released = std::find(expected.begin(), expected.end(), "released");
        ASSERT_EQ(selection.released.has_value(), released != expected.end()) << round;
        if (selection.released) {
            EXPECT_EQ(*selection.released, static_cast<std::size_t>(released - expected.begin()));
        }
    }
}

Candidate stored_by_git(const std::string& url, UnixTime created) {
    Candidate stored{make_token(kAlice, TokenKind::Imported, {.targets = {url}})};
    stored.token.provenance = Provenance::GitStore;
    stored.token.created = created;
    return stored;
}

// One host may be a git server and a registry.
TEST(Selection, GivesWhatGitOrAToolStoredToNobodyElse) {
    const std::string url = "https://git.example";
    Candidate git = stored_by_git(url, 1);
    git.token.description = "git: " + url;
    Candidate docker = stored_by_git(url, 2);
    docker.token.description = "docker: " + url;
    ReleaseRequest request = request_for(url);
    EXPECT_EQ(verdicts({git, docker}, request), (Names{"released", "other-tool"}));
    request.tool = "askpass";  // is git's
    EXPECT_EQ(verdicts({git, docker}, request), (Names{"released", "other-tool"}));
    request.tool = "docker";
    EXPECT_EQ(verdicts({git, docker}, request), (Names{"other-tool", "released"}));
    request.tool = "terraform";
    const std::vector<Candidate> both = {git, docker};
    const Selection selection = select_token(both, request, kNow);
    EXPECT_FALSE(selection.released.has_value());
    EXPECT_FALSE(selection.refusal.has_value());
    const Candidate mine{make_token(kAlice, TokenKind::Imported, {.targets = {url}})};
    EXPECT_EQ(verdicts({git, docker, mine}, request),
              (Names{"other-tool", "other-tool", "released"}));
}

TEST(Selection, WhatGitStoredLosesToWhatWasMadeOnPurpose) {
    const ReleaseRequest request = request_for("https://git.example/team/tool.git");
    const Candidate mine{
        make_token(kAlice, TokenKind::Imported, {.targets = {"https://git.example"}})};
    const Candidate host = stored_by_git("https://git.example", 3);
    const Candidate path = stored_by_git("https://git.example/team", 2);
    const Candidate later = stored_by_git("https://git.example/team", 4);
    EXPECT_EQ(verdicts({host, mine, path}, request),
              (Names{"made-by-git", "released", "made-by-git"}));
    EXPECT_EQ(verdicts({host, path, later}, request), (Names{"shorter-path", "older", "released"}));
    Candidate locked = mine;
    locked.locked = true;
    EXPECT_EQ(verdicts({host, locked}, request), (Names{"released", "Locked"}));
    Candidate refused = mine;
    refused.token.refused = parse_targets({"https://git.example/team/tool.git"}).value();
    EXPECT_EQ(verdicts({refused}, request), Names{"Rejected"});
    EXPECT_EQ(verdicts({refused}, request_for("https://git.example/team/other.git")),
              Names{"released"});
    EXPECT_EQ(verdicts({host, refused}, request), (Names{"released", "Rejected"}));
}

TEST(Selection, WhatGitStoredAndIsGoneIsNoReasonToStop) {
    const ReleaseRequest request = request_for("https://git.example");
    Candidate expired = stored_by_git("https://git.example", 1);
    expired.token.expires = kNow;
    Candidate rejected = stored_by_git("https://git.example", 1);
    rejected.token.state = TokenState::Rejected;
    const std::vector<Candidate> gone{expired, rejected};
    const Selection nothing = select_token(gone, request, kNow);
    EXPECT_FALSE(nothing.released);
    EXPECT_FALSE(nothing.refusal);
    Candidate mine{make_token(kAlice, TokenKind::Imported, {.targets = {"https://git.example"}})};
    mine.token.state = TokenState::Rejected;
    const std::vector<Candidate> all{rejected, mine};
    const Selection refused = select_token(all, request, kNow);
    EXPECT_EQ(refused.refusal, Errc::Rejected);
    EXPECT_EQ(refused_one(refused).candidate, &all[1]);
    Candidate locked = stored_by_git("https://git.example", 1);
    locked.locked = true;
    EXPECT_EQ(select_token({locked}, request, kNow).refusal, Errc::Locked);
}

}  // namespace
}  // namespace patd
