// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/completion.h"

#include "tests/cli/support.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

using Texts = std::vector<std::string>;

std::string complete(std::vector<std::string> words, bool reachable = true) {
    client::Script script;
    script.tokens = {some_token()};
    script.permissions = {dictionary({{"area", std::string("vcs")},
                                      {"object", std::string("repository")},
                                      {"access", Texts{"ro", "rw"}},
                                      {"description", std::string("Repositories")}})};
    Patctl patctl(script);
    patctl.reachable = reachable;
    words.insert(words.begin(), std::string(kCompleteCommand));
    const Ran ran = patctl.run(words);
    EXPECT_EQ(ran.code, ExitCode::Success);
    EXPECT_EQ(ran.err, "");
    return ran.out;
}

// The words alone.
std::vector<std::string> words_of(const std::string& text) {
    std::vector<std::string> words;
    for (std::size_t start = 0; start < text.size(); start = text.find('\n', start) + 1)
        words.push_back(text.substr(start, text.find_first_of("\t\n", start) - start));
    return words;
}

TEST(Complete, GivesTheCommands) {
    EXPECT_EQ(words_of(complete({"re"})), (Texts{"regenerate", "remove-all"}));
    EXPECT_EQ(complete({"explain"}),
              "explain\tShow which token a request for a URL would get, and why\n");
    EXPECT_EQ(words_of(complete({"setup", ""})).front(), "git");
    EXPECT_EQ(words_of(complete({"setup", "po"})), Texts{"podman"});
    EXPECT_EQ(words_of(complete({"setup", "re"})), Texts{"restic"});
    EXPECT_GT(words_of(complete({})).size(), 10U);
    EXPECT_EQ(words_of(complete({"admin", "pa"})), Texts{"passwd"});
}

TEST(Complete, GivesTheOptionsOfACommandAndThoseAboveIt) {
    EXPECT_EQ(words_of(complete({"create", "--p"})), (Texts{"--permission", "--password-fd"}));
    EXPECT_EQ(words_of(complete({"setup", "git", "--"})),
              (Texts{"--system", "--keep", "--undo", "--help", "--help-all", "--version", "--json",
                     "--session", "--no-pager"}));
    EXPECT_EQ(words_of(complete({"create", "x", "-p", "vcs", "--ex"})), Texts{"--expires"});
}

TEST(Complete, GivesIdsWithTheirDescriptions) {
    EXPECT_EQ(complete({"show", ""}), std::string(kSomeId) + "\tlaptop\n");
    EXPECT_EQ(complete({"audit", "--token", "Ab"}), std::string(kSomeId) + "\tlaptop\n");
    EXPECT_EQ(complete({"show", "zz"}), "");
    EXPECT_EQ(complete({"show", kSomeId, ""}), "");
    EXPECT_EQ(complete({"edit", "-t", "https://h.example", "A"}),
              std::string(kSomeId) + "\tlaptop\n");
}

TEST(Complete, GivesDescriptionsWhereOneIsBegunAndAsManyIdsAsACommandTakes) {
    EXPECT_EQ(complete({"show", "la"}), "laptop\t" + std::string(kSomeId) + "\n");
    EXPECT_EQ(complete({"delete", "laptop", "A"}), std::string(kSomeId) + "\tlaptop\n");
    EXPECT_EQ(complete({"rm", "laptop", "A"}), std::string(kSomeId) + "\tlaptop\n");
    EXPECT_EQ(words_of(complete({"ls", "--lo"})), Texts{"--long"});
    EXPECT_EQ(complete({"admin", "revoke", "root", "A"}), std::string(kSomeId) + "\tlaptop\n");
    EXPECT_EQ(complete({"admin", "revoke", "r"}), ":users\n");
}

TEST(Complete, GivesThePermissionsOfTheCatalogue) {
    EXPECT_EQ(words_of(complete({"create", "x", "-p", ""})),
              (Texts{"vcs:repository", "vcs:repository:ro", "vcs:repository:rw"}));
    EXPECT_EQ(complete({"verify", "--permission", "vcs:repository:w"}), "");
    EXPECT_EQ(complete({"edit", kSomeId, "-p", "vcs:repository:rw"}),
              "vcs:repository:rw\tRepositories\n");
    EXPECT_EQ(complete({"create", "x", "-p", ""}, false), "");
}

TEST(Complete, IsQuietWhenTheServiceDoesNotAnswer) {
    EXPECT_EQ(complete({"show", ""}, false), "");
}

TEST(Complete, GivesClosedListsAndLeavesUsersToTheShell) {
    EXPECT_EQ(words_of(complete({"edit", kSomeId, "--confirm", "a"})), Texts{"always"});
    EXPECT_EQ(complete({"admin", "passwd", "al"}), ":users\n");
}

TEST(Complete, KnowsNothingOfFreeText) {
    EXPECT_EQ(complete({"create", ""}), "");
    EXPECT_EQ(complete({"create", "x", "--expires", ""}), "");
    EXPECT_EQ(complete({"no-such-command", ""}).find(kSomeId), std::string::npos);
}

}  // namespace
}  // namespace patd::cli
