// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/git/path_targets.h"

#include "tests/cli/support.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

using Texts = std::vector<std::string>;

// Row C7: those of which git must be told to say the path.
TEST(PathTargets, AreTheOriginsThatAPathBinds) {
    EXPECT_EQ(path_bound_origins(Texts{"https://a.example", "https://b.example/team",
                                       "https://b.example/other", "https://c.example:8443/x",
                                       "http://[2001:db8::1]/x", "https://d.example/",
                                       "imaps://mail.example/INBOX"}),
              (std::set<std::string>{"https://b.example", "https://c.example:8443",
                                     "http://[2001:db8::1]"}));
}

TEST(PathTargets, SkipsWhatIsNoTarget) {
    EXPECT_TRUE(path_bound_origins(Texts{"", "https://", "ftp://a/b", "https://B\n/x"}).empty());
}

TEST(PathTargets, GathersThoseOfAllTokens) {
    client::Dictionary first = some_token();
    first.set("targets", Texts{"https://a.example/x"});
    client::Dictionary second = some_token();
    second.set("targets", Texts{"https://b.example/x"});
    EXPECT_EQ(path_bound_origins(std::vector{first, second, some_token()}).size(), 2U);
}

}  // namespace
}  // namespace patd::cli
