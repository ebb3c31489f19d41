// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/text/derived_children.h"

#include "tests/cli/support.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

namespace patd::cli {
namespace {

client::Dictionary event(UnixTime at, const std::string& where, const std::string& name = "release",
                         const std::string& outcome = "ok") {
    return dictionary({{"at", at}, {"event", name}, {"outcome", outcome}, {"where", where}});
}

std::string child(int seconds, int generation = 2) {
    return "https://git.example (child, " + std::to_string(seconds) + "s, generation " +
           std::to_string(generation) + ": vcs:repository:ro)";
}

TEST(DerivedChildren, LiveUntilTheirTimeOrTheirGenerationIsOver) {
    const std::vector<DerivedChild> children =
        find_children(some_token(),
                      {event(kNow, child(600)), event(kNow - 599, child(600)),
                       event(kNow - 600, child(600)), event(kNow, child(600, 1))},
                      kNow);
    ASSERT_EQ(children.size(), 4U);
    EXPECT_TRUE(children[0].live);
    EXPECT_TRUE(children[1].live);
    EXPECT_EQ(children[1].expires, kNow + 1);
    EXPECT_FALSE(children[2].live);
    EXPECT_FALSE(children[3].live);
}

TEST(DerivedChildren, AreReleasesThatSucceededAndNothingElse) {
    EXPECT_TRUE(find_children(some_token(),
                              {event(kNow, child(600), "verify"),
                               event(kNow, "https://git.example"),
                               event(kNow, child(600), "release", "Locked"),
                               {}},
                              kNow)
                    .empty());
}

TEST(DerivedChildren, AreShownNewestFirstAndAFewOnly) {
    setenv("TZ", "UTC", 1);
    tzset();
    EXPECT_EQ(format_children({}, kNow), "-");
    std::vector<client::Dictionary> events = {event(kNow - 60, child(300)),
                                              event(kNow - 7200, child(600))};
    EXPECT_EQ(format_children(find_children(some_token(), events, kNow), kNow),
              "1 live\n"
              "2027-01-15 07:59: vcs:repository:ro at https://git.example, ends in 4 minutes\n"
              "2027-01-15 06:00: vcs:repository:ro at https://git.example, ended");
    events.insert(events.end(), 10, event(kNow, child(600)));
    const std::string text = format_children(find_children(some_token(), events, kNow), kNow);
    EXPECT_TRUE(text.starts_with("11 live\n")) << text;
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 5) << text;
}

}  // namespace
}  // namespace patd::cli
