// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/release/child_choice.h"

#include "tests/support/service_fixture.h"

namespace patd {
namespace {

using support::kAlice;

class Choice : public support::ServiceFixture {
  protected:
    Token parent() {
        return issue(kAlice, {.permissions = "a:b:rw,c:d:rw",
                              .targets = {"bearer+https://one.example/x", "https://one.example/y",
                                          "https://two.example"}})
            .token;
    }
    static ChildClaims claims_of(const Token& token) {
        return {token.id,          token.generation,      0,
                token.permissions, token.targets.front(), token.targets.front().origin()};
    }
    ChildChoice choice_of(const Token& token) {
        return choose(claims_of(token), token, *store_).value();
    }
    bool means_something(const ChildChoice& choice, const Token& token) {
        return read_choice(choice, token, *store_).value().has_value();
    }
};

TEST_F(Choice, NamesPlacesInTheListsOfTheParent) {
    const Token token = parent();
    ChildClaims claims = claims_of(token);
    claims.permissions = parse_permission_list("c:d:ro").value();
    claims.target = token.targets[2];
    claims.audience = token.targets[1].origin();
    const ChildChoice choice = choose(claims, token, *store_).value();
    EXPECT_EQ(choice.target, 2);
    EXPECT_EQ(choice.audience, 0);
    EXPECT_FALSE(choice.is_spelled);
    EXPECT_EQ(choice.permissions, "\x08");
    const ChildClaims read = read_choice(choice, token, *store_).value().value();
    EXPECT_EQ(read.permissions, claims.permissions);
    EXPECT_EQ(read.target, claims.target);
    EXPECT_EQ(read.audience, claims.audience);
}

// Entries in the same places of other lists are not what was chosen.
TEST_F(Choice, NeverMeansWhatWasNotChosen) {
    const Token token = parent();
    const ChildChoice choice = choice_of(token);
    ASSERT_TRUE(means_something(choice, token));
    Token other = token;
    other.permissions = parse_permission_list("a:b:rw,e:f:rw").value();
    EXPECT_FALSE(means_something(choice, other));
    other.permissions = parse_permission_list("a:b:ro,c:d:rw").value();
    EXPECT_FALSE(means_something(choice, other));
    other = token;
    for (const char* first :
         {"https://evil.example/x", "https://one.example", "http://one.example/x",
          "https://one.example:8443/x", "https://one.example/x.git"}) {
        other.targets.front() = Target::parse(first).value();
        EXPECT_FALSE(means_something(choice, other)) << first;
    }
    other.targets.clear();
    EXPECT_FALSE(means_something(choice, other));
    // What was not chosen may change, and so may the scheme.
    other = token;
    other.targets.front() = Target::parse("https://one.example/x").value();
    other.targets.back() = Target::parse("https://zwei.example").value();
    EXPECT_TRUE(means_something(choice, other));
}

TEST_F(Choice, IsNothingBeyondTheLists) {
    const Token token = parent();
    for (const int place : {3, 64, 255}) {
        ChildChoice beyond = choice_of(token);
        beyond.target = static_cast<std::uint8_t>(place);
        EXPECT_FALSE(means_something(beyond, token)) << place;
        beyond = choice_of(token);
        beyond.audience = static_cast<std::uint8_t>(place);
        EXPECT_FALSE(means_something(beyond, token)) << place;
    }
}

// Whatever is spelled, spelled permissions never exceed the parent's.
TEST_F(Choice, SpellsOnlyWhatTheParentCovers) {
    Token token = parent();
    token.permissions = parse_permission_list("vcs").value();
    ChildClaims claims = claims_of(token);
    claims.permissions = parse_permission_list("vcs:repository:ro").value();
    ChildChoice choice = choose(claims, token, *store_).value();
    EXPECT_TRUE(choice.is_spelled);
    EXPECT_EQ(choice.permissions, "vcs:repository:ro");
    EXPECT_TRUE(means_something(choice, token));
    Token narrower = token;
    narrower.permissions = parse_permission_list("vcs:issue:rw").value();
    EXPECT_FALSE(means_something(choice, narrower));
    for (const char* other : {"", "vcs:repository:rw", "host:login:ro", "vcs:", "VCS"}) {
        choice.permissions = other;
        EXPECT_FALSE(means_something(choice, token)) << other;
    }
}

}  // namespace
}  // namespace patd
