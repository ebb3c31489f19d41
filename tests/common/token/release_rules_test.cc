// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/token/release_rules.h"

#include "common/base/limits.h"

#include <gtest/gtest.h>

namespace patd {
namespace {

using Units = std::vector<std::string>;

ReleaseRules rules(Units units) {
    return ReleaseRules::parse(std::move(units)).value();
}

TEST(ReleaseRules, TakeServicesAndScopesAsSystemdNamesThem) {
    for (const std::string unit :
         {"backup.service", "job@1.service", "job@a@b.service", "session-3.scope", "a.b.service",
          "run-r0123abcd.scope", "user@1000.service", "dev-disk\\x2d1.service", "a:b_c.service",
          "-.service"})
        EXPECT_EQ(rules({unit}).units(), Units{unit}) << unit;
}

TEST(ReleaseRules, RefuseWhatNoProcessOfAnOwnerIsIn) {
    const std::string longest(limits::kUnitNameBytes - 8, 'a');
    EXPECT_EQ(rules({longest + ".service"}).units().size(), 1U);
    for (const std::string& unit : {std::string(),
                                    std::string("backup"),
                                    std::string(".service"),
                                    std::string("backup."),
                                    std::string("job@.service"),
                                    std::string("@1.service"),
                                    std::string("@.service"),
                                    std::string("backup.Service"),
                                    std::string("backup.service "),
                                    std::string("a/b.service"),
                                    std::string("a,b.service"),
                                    std::string("a\nb.service"),
                                    std::string("a\0.service", 10),
                                    std::string("caf\xc3\xa9.service"),
                                    std::string("*.service"),
                                    std::string("a.slice"),
                                    std::string("a.timer"),
                                    std::string("a.socket"),
                                    std::string("a.mount"),
                                    std::string("service"),
                                    longest + "a.service"})
        EXPECT_EQ(ReleaseRules::parse({unit}).error().code, Errc::InvalidRule) << unit;
}

TEST(ReleaseRules, AreSortedOnceAndLimited) {
    EXPECT_EQ(rules({"b.service", "a.scope", "b.service"}).units(),
              (Units{"a.scope", "b.service"}));
    Units many;
    for (std::size_t i = 0; i < limits::kRulesPerToken; ++i)
        many.push_back("job@" + std::to_string(i) + ".service");
    EXPECT_EQ(rules(many).units().size(), limits::kRulesPerToken);
    many.push_back("one.service");
    EXPECT_EQ(ReleaseRules::parse(many).error().code, Errc::InvalidRule);
}

TEST(ReleaseRules, HaveATextThatIsReadBack) {
    for (const ReleaseRules& some :
         {ReleaseRules(), rules({"a.service"}), rules({"a.service", "b.scope"})})
        EXPECT_EQ(ReleaseRules::parse_text(some.text()).value(), some);
    EXPECT_EQ(rules({"b.scope", "a.service"}).text(), "a.service,b.scope");
    const std::string good = "a.service,b.scope";
    for (std::size_t length = 1; length < good.size(); ++length) {
        const bool whole = length == std::string("a.service").size();
        EXPECT_EQ(ReleaseRules::parse_text(good.substr(0, length)).has_value(), whole) << length;
    }
    for (const char* bad : {",", ",a.service", "a.service,,b.scope", "a.service, b.scope"})
        EXPECT_EQ(ReleaseRules::parse_text(bad).error().code, Errc::InvalidRule) << bad;
}

TEST(ReleaseRules, AllowTheirUnitsAloneAndWithoutOneEverybody) {
    const ReleaseRules some = rules({"backup.service", "job@1.service"});
    EXPECT_TRUE(some.allow("backup.service"));
    EXPECT_TRUE(some.allow("job@1.service"));
    for (const char* other : {"", "backup", "backup.service2", "xbackup.service", "job@2.service",
                              "BACKUP.service", "backup.service,job@1.service"})
        EXPECT_FALSE(some.allow(other)) << other;
    EXPECT_TRUE(ReleaseRules().allow(""));
    EXPECT_TRUE(ReleaseRules().allow("backup.service"));
}

TEST(ReleaseRules, CoverWhatLetsFewerThrough) {
    const ReleaseRules none;
    const ReleaseRules one = rules({"a.service"});
    const ReleaseRules two = rules({"a.service", "b.service"});
    EXPECT_TRUE(none.cover(none));
    EXPECT_TRUE(none.cover(two));
    EXPECT_TRUE(two.cover(one));
    EXPECT_TRUE(two.cover(two));
    EXPECT_FALSE(one.cover(two));
    EXPECT_FALSE(one.cover(none));
    EXPECT_FALSE(one.cover(rules({"b.service"})));
}

TEST(ReleaseRules, AUnitNameMayHaveAnyType) {
    for (const char* name : {"a.slice", "-.slice", "home-alice.mount", "user@1000.service"})
        EXPECT_TRUE(is_unit_name(name)) << name;
    for (const char* name : {"", "a", "a.", "a.b", "a@.service", "/a.service", "a.service/b"})
        EXPECT_FALSE(is_unit_name(name)) << name;
}

}  // namespace
}  // namespace patd
