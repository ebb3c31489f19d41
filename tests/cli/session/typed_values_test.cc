// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/session/typed_values.h"

#include <gtest/gtest.h>

#include <utility>

namespace patd::cli {
namespace {

using Texts = std::vector<std::string>;

std::string fault_of_target(const std::string& text) {
    // Of several, the one that is wrong.
    const Result<TargetList> targets = read_targets({"https://good.example", text});
    return targets ? "" : targets.error().context;
}

TEST(TypedTarget, IsNamedWithTheOneRuleThatItBreaks) {
    for (const auto& [typed, told] :
         {std::pair("git.example",
                    "git.example: begin with https://; did you mean "
                    "https://git.example?"),
          std::pair("git@git.example:team/x.git",
                    "git@git.example:team/x.git: ssh uses keys, not tokens; did you mean "
                    "https://git.example/team/x.git?"),
          std::pair("ssh://git@git.example/x",
                    "ssh://git.example/x: ssh uses keys, not tokens; write its https:// URL"),
          std::pair("https://alice:hunter2@git.example",
                    "https://git.example: user: there is a password before the @; leave it out, "
                    "and change it if others saw it"),
          std::pair("https://git.example:0x",
                    "https://git.example:0x: port: write a number from 1 to 65535, or leave the : "
                    "out")})
        EXPECT_EQ(fault_of_target(typed), told);
    EXPECT_NE(fault_of_target("https://*.git.example").find("without a *"), std::string::npos)
        << fault_of_target("https://*.git.example");
    // Hosts have no case.
    EXPECT_EQ(fault_of_target("https://Git.Example"), "");
}

TEST(TypedTarget, IsCountedWhereThereAreTooMany) {
    EXPECT_EQ(read_targets(Texts(65, "https://a")).error().context,
              "these are too many targets: at most 64");
}

TEST(TypedPermission, IsNamedWithItsForm) {
    const std::string told = read_permissions({"vcs", "VCS:repo"}).error().context;
    EXPECT_TRUE(told.starts_with("VCS:repo: write a permission as area, area:object")) << told;
    EXPECT_TRUE(read_permissions({"vcs", "vcs:repository:ro"}));
    EXPECT_TRUE(read_permissions(Texts(65, "vcs"))
                    .error()
                    .context.starts_with("these are too many permissions: at most 64"));
}

TEST(TypedUnit, IsNamedWithWhatWasMeant) {
    EXPECT_EQ(read_units({"backup"}).error().context,
              "backup: name the unit with its type; did you mean backup.service?");
    EXPECT_TRUE(read_units({"backup.timer"}).error().context.starts_with("backup.timer: name a "));
    EXPECT_TRUE(read_units({"a.service", "b.scope"}));
}

TEST(TypedText, IsToldWithoutItself) {
    EXPECT_EQ(read_description("").error().context, "the description: it is empty");
    EXPECT_EQ(read_description(std::string(80, 'x')).error().context,
              "the description: it has 80 bytes; at most 64");
    EXPECT_EQ(read_username("a\nb").error().context,
              "the user name: it has characters that cannot be shown, or is not UTF-8");
}

TEST(OfOption, PutsTheNameBeforeTheFault) {
    EXPECT_EQ(of_option("-e", Result<int>(Error{Errc::InvalidExpiry, "x: no"})).error().context,
              "-e x: no");
    EXPECT_EQ(of_option("-e", Result<int>(5)).value(), 5);
}

}  // namespace
}  // namespace patd::cli
