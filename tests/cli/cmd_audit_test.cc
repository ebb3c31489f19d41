// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/cli/support.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

namespace patd::cli {
namespace {

client::Dictionary release_event() {
    return dictionary({{"at", kNow},
                       {"event", "release"},
                       {"token", kSomeId},
                       {"outcome", "released"},
                       {"by", std::uint32_t{0}},
                       {"where", "https://git.example"},
                       {"count", std::uint32_t{3}}});
}

TEST(Audit, ShowsEventsAsATable) {
    setenv("TZ", "UTC", 1);
    tzset();
    Patctl patctl({.events = {release_event()}});
    EXPECT_EQ(patctl.run({"audit"}).out,
              "TIME              EVENT    TOKEN       OUTCOME   BY    WHERE                COUNT\n"
              "2027-01-15 08:00  release  AbCdE01234  released  root  https://git.example  3\n");
    EXPECT_EQ(patctl.service.calls().front().options, dictionary({{"limit", std::uint32_t{50}}}));
}

TEST(Audit, NarrowsToOneTokenAndANumber) {
    Patctl patctl({.events = {release_event()}});
    const Ran ran = patctl.run({"audit", "--token", kSomeId, "--limit", "1000", "--json"});
    EXPECT_TRUE(ran.out.starts_with("[{\"at\":1800000000,")) << ran.out;
    EXPECT_EQ(patctl.service.calls().front().options,
              dictionary({{"limit", std::uint32_t{1000}}, {"token", kSomeId}}));
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
        EXPECT_NE(ran.err.find("YYYY-MM-DD"), std::string::npos) << ran.err;
    }
    EXPECT_EQ(Patctl().run({"audit", "--since", "1h"}).out, "There is no such event.\n");
}

TEST(Audit, ShowsRootTheEventsOfAUserAndOfEverybody) {
    setenv("TZ", "UTC", 1);
    tzset();
    client::Dictionary event = release_event();
    event.set("owner", std::uint32_t{2});
    Patctl patctl({.events = {event}});
    EXPECT_EQ(patctl.run({"audit", "--user", "bin", "--token", kSomeId}).out,
              "TIME              OWNER  EVENT    TOKEN       OUTCOME   BY    WHERE                "
              "COUNT\n"
              "2027-01-15 08:00  bin    release  AbCdE01234  released  root  https://git.example  "
              "3\n");
    EXPECT_EQ(
        patctl.service.calls().front().options,
        dictionary({{"limit", std::uint32_t{50}}, {"token", kSomeId}, {"uid", std::uint32_t{2}}}));
    EXPECT_EQ(patctl.service.calls().front().interface, "org.patd.Tokens1.Admin");
    Patctl everybody({.events = {event}});
    EXPECT_EQ(everybody.run({"audit", "--all", "--json"}).code, ExitCode::Success);
    EXPECT_EQ(everybody.service.calls().front().options,
              dictionary({{"limit", std::uint32_t{50}}}));
    EXPECT_EQ(Patctl().run({"audit", "--all", "--user", "bin"}).code, ExitCode::Usage);
    EXPECT_EQ(Patctl().run({"audit", "--user", "nobody-of-that-name"}).code, ExitCode::Usage);
}

TEST(Explain, ShowsTheCandidatesAndTheirVerdicts) {
    Patctl patctl({.candidates = {dictionary({{"id", kSomeId},
                                              {"description", "laptop"},
                                              {"target", "https://git.example"},
                                              {"verdict", "released"}})},
                   .outcome = "released"});
    const Ran ran = patctl.run({"explain", "https://git.example/team"});
    EXPECT_EQ(ran.code, ExitCode::Success);
    EXPECT_EQ(ran.out,
              "A request for this URL gets a token:\n"
              "ID          DESCRIPTION  TARGET               VERDICT\n"
              "AbCdE01234  laptop       https://git.example  released\n");
}

TEST(Explain, NamesTheReasonAndTheMend) {
    EXPECT_EQ(Patctl({.outcome = "none"}).run({"explain", "https://git.example"}).out,
              "No token of yours fits this URL; see 'patctl list'.\n");
    EXPECT_EQ(
        Patctl({.outcome = "Locked"}).run({"explain", "https://git.example"}).out,
        "A request for this URL gets no token: " + std::string(errc_message(Errc::Locked)) + "\n");
}

TEST(Explain, GivesJson) {
    EXPECT_EQ(Patctl({.outcome = "none"}).run({"explain", "https://a", "--json"}).out,
              "{\"candidates\":[],\"outcome\":\"none\"}\n");
}

TEST(Explain, RefusesWhatIsNoUrl) {
    Patctl patctl;
    EXPECT_EQ(patctl.run({"explain", "git.example"}).code, ExitCode::Usage);
    EXPECT_TRUE(patctl.service.calls().empty());
}

}  // namespace
}  // namespace patd::cli
