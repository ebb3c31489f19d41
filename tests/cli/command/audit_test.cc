// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/cli/support.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>

namespace patd::cli {
namespace {

client::Dictionary release_event() {
    return dictionary({{"at", kNow},
                       {"event", "release"},
                       {"token", kSomeId},
                       {"outcome", "ok"},
                       {"by", std::uint32_t{0}},
                       {"where", "https://git.example"},
                       {"count", std::uint32_t{3}}});
}

TEST(Audit, ShowsEventsAsATable) {
    setenv("TZ", "UTC", 1);
    tzset();
    Patctl patctl({.events = {release_event()}});
    EXPECT_EQ(patctl.run({"audit"}).out,
              "TIME                 WHAT               TOKEN       WHO   WHERE\n"
              "2027-01-15 08:00:00  release (3 times)  AbCdE01234  root  https://git.example\n");
    EXPECT_EQ(patctl.service.calls().front().options, dictionary({{"limit", std::uint32_t{50}}}));
}

TEST(Audit, CallsATokenByItsDescriptionAndSaysWhyItWasRefused) {
    client::Dictionary event = release_event();
    event.set("outcome", "RuleDenied");
    event.set("count", std::uint32_t{1});
    const Ran ran = Patctl({.tokens = {some_token()}, .events = {event}}).run({"audit"});
    EXPECT_NE(ran.out.find("release refused: rule denied  laptop  root  https"), std::string::npos)
        << ran.out;
}

TEST(Audit, SaysHowFarAChangeCameWithoutCallingItRefused) {
    client::Dictionary event = release_event();
    event.set("event", "create");
    event.set("outcome", "shown");
    event.set("count", std::uint32_t{1});
    EXPECT_NE(Patctl({.events = {event}}).run({"audit"}).out.find("create (shown)  AbC"),
              std::string::npos);
}

TEST(Audit, ShowsTheRestWithVerbose) {
    client::Dictionary event = release_event();
    event.set("where", "https://git.example (child, 600s, generation 2: vcs:repository:ro)");
    const client::Script script{.tokens = {some_token()}, .events = {event}};
    const std::string brief = Patctl(script).run({"audit"}).out;
    EXPECT_TRUE(brief.ends_with("https://git.example\n")) << brief;
    const std::string all = Patctl(script).run({"audit", "-v"}).out;
    EXPECT_TRUE(
        all.ends_with("https://git.example  AbCdE01234  vcs:repository:ro for 10 minutes, "
                      "generation 2\n"))
        << all;
}

TEST(Audit, NarrowsToOneTokenAndANumber) {
    Patctl patctl({.events = {release_event()}});
    const Ran ran = patctl.run({"audit", "--token", kSomeId, "--limit", "1000", "--json"});
    EXPECT_TRUE(
        ran.out.starts_with("[{\"at\":\"2027-01-15T08:00:00Z\",\"by\":\"root\",\"by_uid\":0,"))
        << ran.out;
    EXPECT_EQ(patctl.service.calls().back().options,
              dictionary({{"limit", std::uint32_t{1000}}, {"token", kSomeId}}));
}

TEST(Audit, KnowsATokenByItsDescriptionAndOneThatIsGoneByItsId) {
    Patctl named({.tokens = {some_token()}});
    EXPECT_EQ(named.run({"audit", "--token", "laptop"}).code, ExitCode::Success);
    EXPECT_EQ(named.service.calls().back().options.text("token"), kSomeId);
    Patctl gone({.tokens = {some_token()}});
    EXPECT_EQ(gone.run({"audit", "--token", "GoneGone01"}).code, ExitCode::Success);
    EXPECT_EQ(gone.service.calls().back().options.text("token"), "GoneGone01");
}

// README's example: root has none of those events.
TEST(Audit, OfAUnitIsAboutEverybodyForRoot) {
    Patctl patctl;
    EXPECT_EQ(patctl.run({"audit", "--unit", "backup.service"}).code, ExitCode::Success);
    const client::Call call = patctl.service.calls().back();
    EXPECT_EQ(call.interface.ends_with(".Admin"), geteuid() == 0);
    EXPECT_EQ(call.options.text("unit"), "backup.service");
}

TEST(Audit, SaysWhenThereIsNothing) {
    EXPECT_EQ(Patctl().run({"audit"}).out, "Nothing has happened yet.\n");
    EXPECT_EQ(Patctl().run({"audit", "--token", "short"}).code, ExitCode::NotFound);
}

TEST(Audit, NarrowsToATime) {
    setenv("TZ", "UTC", 1);
    tzset();
    Patctl patctl({.events = {release_event()}});
    EXPECT_EQ(patctl.run({"audit", "--since", "2h", "--until", "2027-01-15 07:00"}).code,
              ExitCode::Success);
    EXPECT_EQ(
        patctl.service.calls().front().options,
        dictionary({{"limit", std::uint32_t{50}}, {"since", kNow - 7200}, {"until", kNow - 3600}}));
    for (const char* option : {"--since", "--until"}) {
        const Ran ran = Patctl().run({"audit", option, "soon"});
        EXPECT_EQ(ran.code, ExitCode::Usage);
        EXPECT_TRUE(ran.err.starts_with("patctl: " + std::string(option) + " soon: write a time"))
            << ran.err;
    }
    EXPECT_EQ(Patctl().run({"audit", "--limit", "0"}).err,
              "patctl: --limit: 0 is not a number from 1 to 1000\n");
    const std::string made_visible = Patctl().run({"audit", "--limit", "1\n2"}).err;
    EXPECT_EQ(made_visible.find('\n'), made_visible.size() - 1) << made_visible;
    EXPECT_EQ(Patctl().run({"audit", "--since", "1h"}).out, "No events match.\n");
}

TEST(Audit, ShowsRootTheEventsOfAUserAndOfEverybody) {
    setenv("TZ", "UTC", 1);
    tzset();
    client::Dictionary event = release_event();
    event.set("owner", std::uint32_t{2});
    Patctl patctl({.events = {event}});
    EXPECT_EQ(patctl.run({"audit", "--user", "bin", "--token", kSomeId}).out,
              "TIME                 OWNER  WHAT               TOKEN       WHO   WHERE\n"
              "2027-01-15 08:00:00  bin    release (3 times)  AbCdE01234  root  "
              "https://git.example\n");
    EXPECT_EQ(
        patctl.service.calls()[1].options,
        dictionary({{"limit", std::uint32_t{50}}, {"token", kSomeId}, {"uid", std::uint32_t{2}}}));
    EXPECT_EQ(patctl.service.calls()[1].interface, "org.patd.Tokens1.Admin");
    Patctl everybody({.events = {event}});
    EXPECT_EQ(everybody.run({"audit", "--all", "--json"}).code, ExitCode::Success);
    EXPECT_EQ(everybody.service.calls().front().options,
              dictionary({{"limit", std::uint32_t{50}}}));
    EXPECT_EQ(Patctl().run({"audit", "--all", "--user", "bin"}).code, ExitCode::Usage);
    EXPECT_EQ(Patctl().run({"audit", "--user", "nobody-of-that-name"}).code, ExitCode::Usage);
}

TEST(Audit, KnowsATokenOfAUserByItsDescriptionForRoot) {
    Patctl patctl({.tokens = {some_token()}});
    EXPECT_EQ(patctl.run({"audit", "--user", "bin", "--token", "laptop"}).code, ExitCode::Success);
    EXPECT_EQ(patctl.service.calls()[1].options.text("token"), kSomeId);
    EXPECT_EQ(
        Patctl({.tokens = {some_token()}}).run({"audit", "--user", "bin", "--token", "desk"}).code,
        ExitCode::NotFound);
    const Ran ran = Patctl().run({"audit", "--all", "--token", "laptop"});
    EXPECT_EQ(ran.code, ExitCode::Usage);
    EXPECT_NE(ran.err.find("without --user only an id"), std::string::npos) << ran.err;
    EXPECT_EQ(Patctl().run({"audit", "--all", "--token", kSomeId}).code, ExitCode::Success);
}

TEST(Audit, NarrowsToAUnitAndShowsUnitsWhereThereAreSome) {
    setenv("TZ", "UTC", 1);
    tzset();
    client::Dictionary event = release_event();
    event.set("unit", "backup.service");
    Patctl patctl({.events = {event}});
    EXPECT_EQ(patctl.run({"audit"}).out,
              "TIME                 WHAT               TOKEN       WHO                   WHERE\n"
              "2027-01-15 08:00:00  release (3 times)  AbCdE01234  root, backup.service  "
              "https://git.example\n");
    Patctl narrow({.events = {event}});
    EXPECT_EQ(narrow.run({"audit", "--unit", "backup.service"}).code, ExitCode::Success);
    EXPECT_EQ(narrow.service.calls().front().options,
              dictionary({{"limit", std::uint32_t{50}}, {"unit", "backup.service"}}));
    Patctl root({.events = {event}});
    EXPECT_EQ(root.run({"audit", "--all", "--unit", "backup.service"}).code, ExitCode::Success);
    EXPECT_EQ(root.service.calls().front().interface, "org.patd.Tokens1.Admin");
    EXPECT_EQ(Patctl().run({"audit", "--unit", "a.service"}).out, "No events match.\n");
    for (const char* bad : {"backup", "job@.service", "../a.service"})
        EXPECT_EQ(Patctl().run({"audit", "--unit", bad}).code, ExitCode::Usage) << bad;
}

}  // namespace
}  // namespace patd::cli
