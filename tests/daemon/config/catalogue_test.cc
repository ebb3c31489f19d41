// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/config/catalogue.h"

#include "tests/support/service_fixture.h"

#include <gtest/gtest.h>

namespace patd {
namespace {

PermissionList list(const std::string& text) {
    return text.empty() ? PermissionList() : parse_permission_list(text).value();
}

// What `wanted` becomes, or the name of the error.
std::string resolve(const Catalogue& catalogue, const std::string& wanted,
                    const std::string& held = "") {
    const Result<PermissionList> resolved = catalogue.resolve(list(wanted), list(held));
    return resolved ? format_permissions(*resolved) : std::string(errc_name(resolved.error().code));
}

TEST(Catalogue, ResolvesToWhatIsThereWithItsAccess) {
    const Catalogue catalogue = support::test_catalogue();
    const std::vector<std::pair<std::string, std::string>> rows = {
        {"vcs:repository:rw", "vcs:repository:rw"},
        {"vcs:repository:ro", "vcs:repository:ro"},
        {"vcs:repository", "vcs:repository:rw"},
        {"vcs", "vcs:issue:rw,vcs:repository:rw"},
        {"user", "user:profile:ro"},
        {"user:profile", "user:profile:ro"},
        {"user:profile:ro", "user:profile:ro"},
        {"vcs,user:profile:ro", "user:profile:ro,vcs:issue:rw,vcs:repository:rw"},
        {"vcs:repository:ro,vcs", "vcs:issue:rw,vcs:repository:rw"},
        {"", ""},
    };
    for (const auto& [wanted, resolved] : rows)
        EXPECT_EQ(resolve(catalogue, wanted), resolved) << wanted;
}

TEST(Catalogue, RefusesWhatIsNotThere) {
    const Catalogue catalogue = support::test_catalogue();
    for (const char* wanted :
         {"wiki", "wiki:page", "wiki:page:ro", "vcs:wiki", "vcs:wiki:ro", "user:profile:rw", "vc",
          "vcs-x", "vcs:repo", "vcs:repository:rw,ci:x"})
        EXPECT_EQ(resolve(catalogue, wanted), "UnknownPermission") << wanted;
}

TEST(Catalogue, TheEmptyOneHasNothing) {
    for (const char* wanted : {"vcs", "vcs:repository", "vcs:repository:ro"})
        EXPECT_EQ(resolve(Catalogue(), wanted), "UnknownPermission") << wanted;
    EXPECT_EQ(resolve(Catalogue(), ""), "");
}

// A token may keep what it has, but not grow, and not hide behind a wider name.
TEST(Catalogue, KeepsWhatIsHeldAndNoMore) {
    const Catalogue catalogue = support::test_catalogue();
    EXPECT_EQ(resolve(catalogue, "old:thing:ro,vcs:issue:ro", "old:thing:rw"),
              "old:thing:ro,vcs:issue:ro");
    EXPECT_EQ(resolve(catalogue, "user:profile:rw", "user:profile:rw"), "user:profile:rw");
    EXPECT_EQ(resolve(catalogue, "old:thing:rw", "old:thing:ro"), "UnknownPermission");
    EXPECT_EQ(resolve(catalogue, "old:thing", "old:thing:rw"), "UnknownPermission");
    EXPECT_EQ(resolve(catalogue, "old", "old"), "UnknownPermission");
    EXPECT_EQ(resolve(catalogue, "other:thing:ro", "old:thing:ro"), "UnknownPermission");
}

TEST(Catalogue, WhatBecomesMoreThanATokenHoldsIsRefused) {
    Catalogue catalogue;
    for (int i = 0; i < 65; ++i)
        catalogue.set({"big", "object-" + std::to_string(i), ObjectAccess::ReadWrite, "x"});
    EXPECT_EQ(resolve(catalogue, "big"), "InvalidPermission");
    EXPECT_EQ(resolve(catalogue, "big:object-7"), "big:object-7:rw");
}

TEST(Catalogue, ListsAreasBeforeTheirObjectsAndTheLastWordCounts) {
    Catalogue catalogue;
    catalogue.set({"vcs", "repository", ObjectAccess::ReadWrite, "first"});
    catalogue.set({"vcs-x", "", {}, "another area"});
    catalogue.set({"vcs", "", {}, "the area"});
    catalogue.set({"vcs", "repository", ObjectAccess::ReadOnly, "second"});
    std::string names;
    for (const CatalogueEntry& entry : catalogue.entries())
        names += entry.area + "/" + entry.object + " ";
    EXPECT_EQ(names, "vcs/ vcs/repository vcs-x/ ");
    EXPECT_EQ(resolve(catalogue, "vcs:repository:rw"), "UnknownPermission");
    EXPECT_EQ(catalogue.entries()[1].description, "second");
}

}  // namespace
}  // namespace patd
