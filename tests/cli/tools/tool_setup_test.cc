// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/cli/tools/tool_home.h"

#include <nlohmann/json.hpp>

namespace patd::cli::tools {
namespace {

class ToolSetup : public ToolHome {};

TEST_F(ToolSetup, ListsWhatIsSetUpAndWhatCouldBe) {
    const std::vector<std::string> places = {"https://a.example", "aws://prod"};
    ASSERT_EQ(patctl(places, {"setup", "docker"}).code, ExitCode::Success);
    write(".kube/config", "[");
    const Ran ran = patctl(places, {"--json", "setup", "--list"});
    ASSERT_EQ(ran.code, ExitCode::Success) << ran.err;
    const auto list = nlohmann::json::parse(ran.out);
    const auto row = [&](const std::string& tool) {
        for (const auto& entry : list) {
            if (entry["tool"] == tool)
                return entry;
        }
        return nlohmann::json();
    };
    EXPECT_EQ(row("docker")["places"], nlohmann::json({"a.example"}));
    EXPECT_EQ(row("podman")["could"], nlohmann::json({"a.example"}));
    EXPECT_EQ(row("aws")["could"], nlohmann::json({"prod"}));
    EXPECT_EQ(row("kubectl")["readable"], false);
    const Ran text = patctl(places, {"setup", "--list"});
    EXPECT_NE(text.out.find("~/.docker/config.json"), std::string::npos) << text.out;
}

TEST_F(ToolSetup, OrdersPlacesByThemselvesNotByTheirTokens) {
    const Ran ran =
        patctl({"https://b.example", "https://a.example"}, {"--json", "setup", "docker"});
    EXPECT_EQ(nlohmann::json::parse(ran.out)["places"], nlohmann::json({"a.example", "b.example"}));
}

TEST_F(ToolSetup, WorksWithoutTheServiceForWhatIsNamed) {
    Patctl patctl;
    patctl.reachable = false;
    EXPECT_EQ(patctl.run({"setup", "docker", "a.example"}).code, ExitCode::Success);
    EXPECT_NE(read(".docker/config.json").find("a.example"), std::string::npos);
}

TEST_F(ToolSetup, SaysWhatItDidAsJson) {
    const Ran ran = patctl({}, {"--json", "setup", "docker", "a.example", "--dry-run"});
    const auto json = nlohmann::json::parse(ran.out);
    EXPECT_EQ(json["changed"], false);
    EXPECT_EQ(json["changes"][0]["lines"].back(), "+ credHelpers.\"a.example\" = \"pat\"");
}

TEST_F(ToolSetup, RefusesWhatIsNoToolAndWhatDoesNotGoTogether) {
    EXPECT_NE(patctl({}, {"setup", "svn"}).err.find("it knows git, docker, podman"),
              std::string::npos);
    for (const std::vector<std::string>& arguments : {std::vector<std::string>{"setup"},
                                                      {"setup", "svn"},
                                                      {"setup", "--list", "docker"},
                                                      {"setup", "git", "--list"},
                                                      {"setup", "docker", "git"},
                                                      {"setup", "restic"},
                                                      {"setup", "restic", "--undo"},
                                                      {"setup", "go", "a.example"},
                                                      {"setup", "pip", "a"}})
        EXPECT_EQ(patctl({}, arguments).code, ExitCode::Usage) << arguments.back();
}

TEST_F(ToolSetup, SaysWhatToAddForAPasswordCommand) {
    const Ran ran = patctl({}, {"setup", "restic", "https://backup.example/repo"});
    EXPECT_EQ(ran.code, ExitCode::Success) << ran.err;
    EXPECT_NE(ran.out.find("/pat-get https://backup.example/repo'\n"), std::string::npos)
        << ran.out;
    EXPECT_NE(ran.out.find("export RESTIC_PASSWORD_COMMAND='/"), std::string::npos);
    EXPECT_NE(
        patctl({}, {"setup", "msmtp", "smtp://mail.example:587"}).out.find("passwordeval \"/"),
        std::string::npos);
}

TEST_F(ToolSetup, SaysThatItCannotWrite) {
    write(".docker/config.json", "{}");
    std::filesystem::create_directories(home_ / "x");
    std::filesystem::create_symlink("/proc/none/config.json", home_ / "x/config.json");
    setenv("DOCKER_CONFIG", (home_ / "x").c_str(), 1);
    const Ran ran = patctl({}, {"setup", "docker", "a.example"});
    EXPECT_EQ(ran.code, ExitCode::Failure);
    EXPECT_NE(ran.err.find("look at:"), std::string::npos) << ran.err;
}

TEST_F(ToolSetup, WritesNothingThatItCouldNotTakeBack) {
    const std::string text = "[global]\ntimeout = 9\n";
    write(".config/pip/pip.conf", text);
    write(".local/state", "no folder");
    EXPECT_EQ(patctl({}, {"setup", "pip", "--link"}).code, ExitCode::Failure);
    EXPECT_EQ(read(".config/pip/pip.conf"), text);
}

// As after ^C between the tool's file and the record.
TEST_F(ToolSetup, KnowsWhatIsItsOwnBeforeItWritesIt) {
    const std::filesystem::path file = home_ / ".config/pip/pip.conf";
    std::filesystem::create_directories(file.parent_path());
    std::filesystem::create_symlink("/proc/none/pip.conf", file);
    EXPECT_EQ(patctl({}, {"setup", "pip", "--link"}).code, ExitCode::Failure);
    std::filesystem::remove(file);
    write(".config/pip/pip.conf", "[global]\ntimeout = 9\nkeyring-provider = subprocess\n");
    EXPECT_EQ(patctl({}, {"setup", "pip", "--undo"}).code, ExitCode::Success);
    EXPECT_EQ(read(".config/pip/pip.conf"), "[global]\ntimeout = 9\n");
    EXPECT_FALSE(exists(".local/state/patd/setup.json"));
}

}  // namespace
}  // namespace patd::cli::tools
