// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/cli/support.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>

namespace patd::cli {
namespace {

TEST(List, ShowsATable) {
    const Ran ran = Patctl({.tokens = {some_token()}}).run({"list"});
    EXPECT_EQ(ran.code, ExitCode::Success);
    EXPECT_TRUE(ran.out.starts_with("ID          DESCRIPTION")) << ran.out;
    EXPECT_NE(ran.out.find("AbCdE01234  laptop"), std::string::npos);
}

TEST(List, SaysThatThereAreNoneAndWhatToDo) {
    const Ran ran = Patctl().run({"list"});
    EXPECT_EQ(ran.code, ExitCode::Success);
    const bool root = geteuid() == 0;
    EXPECT_NE(ran.out.find(root ? "patctl admin list" : "patctl create"), std::string::npos);
    Patctl own;
    own.own_reachable = true;
    EXPECT_NE(own.run({"list", "--session"}).out.find("patctl create"), std::string::npos);
}

TEST(List, SaysThatThereIsNoServicePasswordEither) {
    Patctl own({.status = dictionary({{"service-password", false}})});
    own.own_reachable = true;
    EXPECT_EQ(own.run({"list", "--session"}).out,
              "You have no tokens and no service password. Run 'patctl passwd' first, then 'patctl "
              "create'.\n");
}

TEST(List, ShowsEverythingWithLong) {
    setenv("TZ", "UTC", 1);
    tzset();
    const Ran ran = Patctl({.tokens = {some_token()}}).run({"list", "-l"});
    EXPECT_NE(ran.out.find("2027-04-14 08:01  2027-01-15 06:00\n"), std::string::npos) << ran.out;
}

TEST(List, GivesTheDictionariesAsJson) {
    const Ran ran = Patctl({.tokens = {some_token()}}).run({"list", "--json"});
    EXPECT_TRUE(
        ran.out.starts_with("[{\"confirm\":\"never\",\"created\":\"2027-01-12T08:00:00Z\","))
        << ran.out;
}

TEST(List, HasABoldHeaderOnATerminal) {
    setenv("TERM", "xterm", 1);
    unsetenv("NO_COLOR");
    Person person({});
    Patctl patctl({.tokens = {some_token()}});
    patctl.person = &person;
    patctl.output_is_terminal = true;
    EXPECT_EQ(patctl.run({"list"}).code, ExitCode::Success);
    EXPECT_TRUE(person.leave().starts_with("\x1b[1mID"));
}

TEST(Show, ShowsOneToken) {
    Patctl patctl({.tokens = {some_token()}});
    const Ran ran = patctl.run({"show", kSomeId});
    EXPECT_EQ(ran.code, ExitCode::Success);
    EXPECT_NE(ran.out.find("Description  laptop\n"), std::string::npos);
    EXPECT_EQ(patctl.service.calls().front().path, "/org/patd/Tokens1/token/AbCdE01234");
}

TEST(Show, TellsWhatWasDerivedLately) {
    Patctl patctl({.tokens = {some_token()},
                   .events = {dictionary({{"at", kNow - 60},
                                          {"event", "release"},
                                          {"outcome", "ok"},
                                          {"where",
                                           "https://git.example (child, 300s, generation "
                                           "2: vcs:repository:ro)"}})}});
    const Ran ran = patctl.run({"show", kSomeId});
    EXPECT_NE(ran.out.find("Children     1 live\n"), std::string::npos) << ran.out;
    EXPECT_NE(ran.out.find("vcs:repository:ro at https://git.example, ends in 4 minutes"),
              std::string::npos)
        << ran.out;
    EXPECT_EQ(patctl.service.calls().back().options.text("token"), kSomeId);
    const Ran json = Patctl({.tokens = {some_token()}}).run({"show", kSomeId, "--json"});
    EXPECT_NE(json.out.find("\"children\":[]"), std::string::npos) << json.out;
}

TEST(Show, AsksForNoChildrenOfAnImportedToken) {
    client::Dictionary token = some_token();
    token.set("kind", "imported");
    Patctl patctl({.tokens = {token}});
    const Ran ran = patctl.run({"show", kSomeId});
    EXPECT_EQ(ran.out.find("Children"), std::string::npos);
    EXPECT_EQ(patctl.service.members(), std::vector<std::string>{"Show"});
}

TEST(Show, GivesJson) {
    const Ran ran = Patctl({.tokens = {some_token()}}).run({"show", kSomeId, "--json"});
    EXPECT_NE(ran.out.find("\"permissions\":[\"vcs:repository:ro\"]"), std::string::npos);
}

TEST(Show, AnswersTheSameForWhatIsNotThereAndWhatCannotBeAnId) {
    Patctl absent({.errors = {{"Show", "org.patd.Tokens1.Error.NotFound"}}});
    Patctl bad;
    const Ran first = absent.run({"show", kSomeId});
    const Ran second = bad.run({"show", "../manager"});
    EXPECT_EQ(first.code, ExitCode::NotFound);
    EXPECT_EQ(second.code, ExitCode::NotFound);
    const auto without = [](std::string text, const std::string& name) {
        return text.replace(text.find(name), name.size(), "NAME");
    };
    EXPECT_EQ(without(first.err, kSomeId), without(second.err, "../manager"));
    // Nothing but an id comes into the path of an object.
    EXPECT_EQ(bad.service.members(), std::vector<std::string>{"List"});
}

}  // namespace
}  // namespace patd::cli
