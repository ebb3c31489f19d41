// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/config/forges.h"

#include <gtest/gtest.h>

namespace patd {
namespace {

Origin host_of(const char* name) {
    return Origin::parse("https", name).value();
}

TEST(Forges, AHostHasTheTableOfTheForgeThatNamesIt) {
    Forges forges;
    EXPECT_EQ(forges.find(host_of("forge.example")), nullptr);
    EXPECT_TRUE(forges.add_host(host_of("forge.example"), "mine"));
    EXPECT_EQ(forges.find(host_of("forge.example")), nullptr) << "no such forge yet";
    forges.at("mine").rules.push_back({Permission::parse("vcs").value(), "GET", {"x"}});
    ASSERT_NE(forges.find(host_of("forge.example")), nullptr);
    EXPECT_EQ(forges.find(host_of("FORGE.example:443"))->rules.size(), 1U);
    EXPECT_EQ(forges.find(host_of("forge.example:8443")), nullptr);
    EXPECT_EQ(forges.rules(), 1U);
    EXPECT_EQ(forges.hosts(), 1U);
}

TEST(Forges, AHostIsOfOneForge) {
    Forges forges;
    EXPECT_TRUE(forges.add_host(host_of("forge.example"), "mine"));
    EXPECT_TRUE(forges.add_host(host_of("forge.example"), "mine"));
    EXPECT_FALSE(forges.add_host(host_of("forge.example"), "other"));
}

TEST(Forges, EachSchemeHasItsName) {
    EXPECT_EQ(forge_scheme_name(ForgeScheme::Basic), "basic");
    EXPECT_EQ(forge_scheme_name(ForgeScheme::Bearer), "bearer");
    EXPECT_EQ(forge_scheme_name(ForgeScheme::Token), "token");
    EXPECT_EQ(forge_scheme_name(ForgeScheme::PrivateToken), "private-token");
}

}  // namespace
}  // namespace patd
