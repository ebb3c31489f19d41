// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/cli/tools/tool_home.h"

namespace patd::cli::tools {
namespace {

constexpr char kPnpmRc[] = ".npmrc";
constexpr char kPnpmLinks[] = ".local/share/patd/pnpm";
const std::vector<std::string> kPnpmSetup = {"setup", "pnpm"};

class PnpmSetup : public ToolHome {
  protected:
    std::string link(const std::string& name) const { return std::string(kPnpmLinks) + "/" + name; }
};

TEST_F(PnpmSetup, MakesALinkForEachRegistry) {
    const std::string written =
        set_up(kPnpmRc, "; mine\nregistry=https://npm.example/\n//a.example/:_authToken=${TOKEN}\n",
               {"https://npm.example", "https://npm.example:4873"}, kPnpmSetup);
    EXPECT_NE(written.find("\n//npm.example/:tokenHelper=" + (home_ / kPnpmLinks).string() +
                           "/pat-pnpm-npm.example\n"),
              std::string::npos)
        << written;
    EXPECT_FALSE(exists(link("pat-pnpm-npm.example"))) << "after --undo";
    EXPECT_EQ(patctl({"https://npm.example:4873"}, kPnpmSetup).code, ExitCode::Success);
    EXPECT_EQ(std::filesystem::read_symlink(home_ / link("pat-pnpm-npm.example:4873")).filename(),
              "pat-pnpm");
}

TEST_F(PnpmSetup, UndoRemovesTheLinkOfASetupThatWasCutOff) {
    ASSERT_EQ(patctl({}, {"setup", "pnpm", "npm.example"}).code, ExitCode::Success);
    std::filesystem::remove(home_ / kPnpmRc);
    EXPECT_EQ(patctl({}, {"setup", "pnpm", "npm.example", "--undo"}).code, ExitCode::Success);
    EXPECT_TRUE(std::filesystem::is_empty(home_ / kPnpmLinks));
}

TEST_F(PnpmSetup, WritesAScriptForARegistryWithAPath) {
    const std::string name = link("pat-pnpm-%npm.example_team_npm");
    EXPECT_EQ(patctl({}, {"setup", "pnpm", "https://npm.example/team/npm"}).code,
              ExitCode::Success);
    EXPECT_TRUE(read(name.c_str()).ends_with("/pat-pnpm' 'https://npm.example/team/npm/'\n"));
    EXPECT_NE(read(kPnpmRc).find("//npm.example/team/npm/:tokenHelper=/"), std::string::npos);
    EXPECT_EQ(patctl({}, {"setup", "pnpm", "--undo"}).code, ExitCode::Success);
    EXPECT_FALSE(exists(name));
    EXPECT_FALSE(exists(kPnpmRc));
    EXPECT_EQ(patctl({}, {"setup", "pnpm", "http://localhost:4873"}).code, ExitCode::Success);
    EXPECT_EQ(patctl({}, {"setup", "pnpm", "--undo"}).code, ExitCode::Success);
    EXPECT_TRUE(std::filesystem::is_empty(home_ / kPnpmLinks));
}

TEST_F(PnpmSetup, GivesEachRegistryAScriptOfItsOwn) {
    const std::vector<std::string> places = {"https://h.example/a/b",
                                             "https://h.example/a_b",
                                             "https://h.example/a%255Fb",
                                             "http://h.example/x",
                                             "https://h.example/http/x",
                                             "https://h_x",
                                             "https://h/x",
                                             "http://h/x/y",
                                             "https://http/h/x/y",
                                             "https://h.example/$(id)"};
    std::vector<std::string> setup = {"setup", "pnpm"};
    setup.insert(setup.end(), places.begin(), places.end());
    ASSERT_EQ(patctl({}, setup).code, ExitCode::Success);
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(home_ / kPnpmLinks)) {
        ++count;
        EXPECT_EQ(entry.path().string().find_first_of("$() '"), std::string::npos) << entry.path();
    }
    EXPECT_EQ(count, places.size());
}

TEST_F(PnpmSetup, RenewsAScriptThatStartsPatdsProgramWhereItWasBefore) {
    const std::vector<std::string> setup = {"setup", "pnpm", "https://npm.example/team"};
    const std::string name = link("pat-pnpm-%npm.example_team");
    const std::string old = "#!/bin/sh\nexec '/old/bin/pat-pnpm' 'https://npm.example/team/'\n";
    ASSERT_EQ(patctl({}, setup).code, ExitCode::Success);
    const std::string text = read(name.c_str());
    write(name, old);
    EXPECT_EQ(patctl({}, setup).code, ExitCode::Success);
    EXPECT_EQ(read(name.c_str()), text);
    write(name, old);
    EXPECT_EQ(patctl({}, {"setup", "pnpm", "--undo"}).code, ExitCode::Success);
    EXPECT_FALSE(exists(name));
}

TEST_F(PnpmSetup, LeavesAnotherHelperAndTellsOfATokenWithoutShowingIt) {
    write(kPnpmRc, "//a.example/:tokenHelper=/usr/bin/x\n//b.example/:_authToken=c2VjcmV0\n");
    const Ran ran = patctl({}, {"setup", "pnpm", "a.example", "b.example"});
    EXPECT_NE(ran.out.find("/usr/bin/x for //a.example/"), std::string::npos) << ran.out;
    EXPECT_NE(ran.out.find("has a token for //b.example/ too"), std::string::npos) << ran.out;
    EXPECT_EQ(ran.out.find("c2VjcmV0"), std::string::npos);
}

TEST_F(PnpmSetup, LeavesAFileOfSomebodyElsesInThePlaceOfItsLink) {
    write(link("pat-pnpm-a.example"), "mine");
    const Ran ran = patctl({}, {"setup", "pnpm", "a.example"});
    EXPECT_EQ(ran.code, ExitCode::Failure);
    EXPECT_NE(ran.err.find("it is there already and is not patd's"), std::string::npos) << ran.err;
    EXPECT_FALSE(exists(kPnpmRc));
}

}  // namespace
}  // namespace patd::cli::tools
