// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/text/permissions_text.h"

#include "tests/cli/support.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

using Texts = std::vector<std::string>;

client::Dictionary entry(const std::string& area, const std::string& object, const Texts& access,
                         const std::string& description) {
    return dictionary(
        {{"area", area}, {"object", object}, {"access", access}, {"description", description}});
}

std::vector<client::Dictionary> some_entries() {
    return {entry("user", "profile", {"ro"}, "The account"), entry("vcs", "", {}, "Code"),
            entry("vcs", "issue", {"ro", "rw"}, "Issues"),
            entry("vcs", "repository", {"ro", "rw"}, "Repositories")};
}

TEST(FormatCatalogue, IsATreeOfAreasAndObjects) {
    EXPECT_EQ(format_catalogue(some_entries()),
              "user\n"
              "  user:profile    ro     The account\n"
              "vcs                      Code\n"
              "  vcs:issue       ro,rw  Issues\n"
              "  vcs:repository  ro,rw  Repositories\n");
}

TEST(FormatCatalogue, ShowsNoControlBytes) {
    const std::string text = format_catalogue({entry("a\x1b", "b\r", {"r\x07"}, "c\x1b[2J")});
    for (const char byte : {'\x1b', '\r', '\x07'})
        EXPECT_EQ(text.find(byte), std::string::npos);
}

TEST(ListChoices, GivesAreasObjectsAndAccesses) {
    Texts names;
    for (const auto& [name, meaning] : list_choices(some_entries()))
        names.push_back(name);
    EXPECT_EQ(names,
              (Texts{"user:profile", "user:profile:ro", "vcs", "vcs:issue", "vcs:issue:ro",
                     "vcs:issue:rw", "vcs:repository", "vcs:repository:ro", "vcs:repository:rw"}));
    EXPECT_EQ(list_choices(some_entries())[2].second, "Code");
}

}  // namespace
}  // namespace patd::cli
