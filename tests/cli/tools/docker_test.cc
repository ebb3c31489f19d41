// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/cli/tools/tool_home.h"

namespace patd::cli::tools {
namespace {

constexpr char kDockerConfig[] = ".docker/config.json";
const std::vector<std::string> kDockerHosts = {"https://registry.example",
                                               "https://git.example/team"};

class DockerSetup : public ToolHome {};

TEST_F(DockerSetup, MakesAFileThatDockerWouldHaveMade) {
    EXPECT_EQ(make(kDockerConfig, kDockerHosts, {"setup", "docker"}),
              "{\n\t\"credHelpers\": {\n\t\t\"registry.example\": \"pat\"\n\t}\n}\n");
}

TEST_F(DockerSetup, PutsAMemberWhereTheOthersAre) {
    EXPECT_EQ(set_up(kDockerConfig,
                     "{\n\t\"auths\": {\n\t\t\"a.example\": {\"auth\": \"YTpi\"}\n\t},\n"
                     "\t\"credHelpers\": {\n\t\t\"gcr.io\": \"gcloud\"\n\t},\n"
                     "\t\"detachKeys\": \"ctrl-e\"\n}",
                     kDockerHosts, {"setup", "docker"}),
              "{\n\t\"auths\": {\n\t\t\"a.example\": {\"auth\": \"YTpi\"}\n\t},\n"
              "\t\"credHelpers\": {\n\t\t\"gcr.io\": \"gcloud\",\n"
              "\t\t\"registry.example\": \"pat\"\n\t},\n"
              "\t\"detachKeys\": \"ctrl-e\"\n}");
}

TEST_F(DockerSetup, KeepsOddFormats) {
    set_up(kDockerConfig, "{\"auths\":{}}", kDockerHosts, {"setup", "docker"});
    set_up(kDockerConfig, "{\r\n    \"auths\" : { } ,\r\n    \"x\": [1, {\"y\": null}]\r\n}\r\n",
           kDockerHosts, {"setup", "docker"});
    set_up(kDockerConfig, "{}", kDockerHosts, {"setup", "docker"});
    set_up(kDockerConfig, "{ \"credHelpers\": { \"a.example\": \"x\" } }", kDockerHosts,
           {"setup", "docker"});
}

TEST_F(DockerSetup, TakesTheHostsThatAreNamedAndCallsTheHubWhatTheToolCallsIt) {
    const std::vector<std::string> named = {"setup", "docker", "Registry.Example:5000",
                                            "docker.io"};
    EXPECT_EQ(set_up(kDockerConfig, "{}\n", {}, named),
              "{\n\t\"credHelpers\": {\n\t\t\"registry.example:5000\": \"pat\",\n"
              "\t\t\"https://index.docker.io/v1/\": \"pat\"\n\t}\n}\n");
    EXPECT_EQ(
        make(".config/containers/auth.json", {"https://index.docker.io"}, {"setup", "podman"}),
        "{\n\t\"credHelpers\": {\n\t\t\"docker.io\": \"pat\"\n\t}\n}\n");
}

TEST_F(DockerSetup, NamesAStoreForEveryHostOnlyWhenAsked) {
    EXPECT_EQ(set_up(kDockerConfig, "{}\n", {}, {"setup", "docker", "--all-hosts"}),
              "{\n\t\"credsStore\": \"pat\"\n}\n");
    EXPECT_EQ(patctl({}, {"setup", "podman", "--all-hosts"}).code, ExitCode::Usage);
}

TEST_F(DockerSetup, LeavesAnotherHelperForTheHostAlone) {
    const std::string text = "{\"credHelpers\": {\"registry.example\": \"gcloud\"}}";
    write(kDockerConfig, text);
    const Ran ran = patctl(kDockerHosts, {"setup", "docker"});
    EXPECT_EQ(ran.code, ExitCode::Failure);
    EXPECT_NE(ran.out.find("docker asks gcloud for registry.example"), std::string::npos)
        << ran.out;
    EXPECT_EQ(read(kDockerConfig), text);
    EXPECT_EQ(patctl(kDockerHosts, {"setup", "docker", "--undo"}).code, ExitCode::Success);
    EXPECT_EQ(read(kDockerConfig), text);
}

TEST_F(DockerSetup, NeverShowsWhatElseIsInTheFile) {
    write(kDockerConfig, R"({"auths":{"a.example":{"auth":"c2VjcmV0"}}})");
    const Ran ran = patctl(kDockerHosts, {"setup", "docker"});
    EXPECT_NE(ran.out.find("+ credHelpers.\"registry.example\" = \"pat\""), std::string::npos)
        << ran.out;
    EXPECT_EQ((ran.out + ran.err).find("c2VjcmV0"), std::string::npos);
}

TEST_F(DockerSetup, RefusesWhatItCannotRead) {
    const std::vector<std::string> setup = {"setup", "docker"};
    refuse(kDockerConfig, "{\"auths\": {\"c2VjcmV0\": ", "line 1: it is not JSON", setup);
    refuse(kDockerConfig, "{\n\"a\": 1,\n\"a\": 2}", "line 3: a key comes twice", setup);
    refuse(kDockerConfig, "[]", "something else than an object", setup);
    refuse(kDockerConfig, "{} {}", "line 1: it is not JSON", setup);
    refuse(kDockerConfig, "{\"credHelpers\": []}", "a section that is to be an object is none",
           setup);
    refuse(kDockerConfig, "{\"x\": \"" + std::string(1024 * 1024, 'x') + "\"}", "larger than 1 MiB",
           setup);
    refuse(kDockerConfig, "{\"a\":" + std::string(65, '[') + std::string(65, ']') + "}",
           "nested too deep", setup);
    const std::string good = "{\"auths\": {\"a\": {\"auth\": \"eA==\"}}, \"b\": [true, 1e3, null]}";
    for (std::size_t size = 1; size < good.size(); ++size)
        refuse(kDockerConfig, good.substr(0, size), "it is not JSON", setup);
}

TEST_F(DockerSetup, RefusesWhatIsNoFile) {
    std::filesystem::create_directories(home_ / kDockerConfig);
    const Ran ran = patctl(kDockerHosts, {"setup", "docker"});
    EXPECT_EQ(ran.code, ExitCode::Failure);
    EXPECT_NE(ran.err.find("it is no regular file"), std::string::npos) << ran.err;
}

TEST_F(DockerSetup, WritesBehindLinksAndKeepsTheMode) {
    write("dotfiles/docker.json", "{}");
    std::filesystem::create_directories(home_ / ".docker");
    std::filesystem::create_symlink("../dotfiles/docker.json", home_ / kDockerConfig);
    ASSERT_EQ(chmod((home_ / "dotfiles/docker.json").c_str(), 0640), 0);
    EXPECT_EQ(patctl(kDockerHosts, {"setup", "docker"}).code, ExitCode::Success);
    EXPECT_TRUE(std::filesystem::is_symlink(home_ / kDockerConfig));
    EXPECT_NE(read("dotfiles/docker.json").find("\"pat\""), std::string::npos);
    struct stat facts {};
    ASSERT_EQ(stat((home_ / "dotfiles/docker.json").c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 07777U, 0640U);
}

TEST_F(DockerSetup, FindsTheFileWhereTheVariableSays) {
    setenv("DOCKER_CONFIG", (home_ / "elsewhere").c_str(), 1);
    setenv("REGISTRY_AUTH_FILE", (home_ / "auth.json").c_str(), 1);
    EXPECT_EQ(patctl(kDockerHosts, {"setup", "docker"}).code, ExitCode::Success);
    EXPECT_EQ(patctl(kDockerHosts, {"setup", "podman"}).code, ExitCode::Success);
    EXPECT_TRUE(exists("elsewhere/config.json"));
    EXPECT_TRUE(exists("auth.json"));
}

TEST_F(DockerSetup, NeedsAHost) {
    const Ran ran = patctl({"https://git.example/team", "aws://prod"}, {"setup", "docker"});
    EXPECT_NE(ran.code, ExitCode::Success);
    EXPECT_NE(ran.err.find("patctl setup docker HOST"), std::string::npos) << ran.err;
    EXPECT_EQ(patctl({}, {"setup", "docker", "https://a.example/path"}).code, ExitCode::Usage);
    EXPECT_EQ(patctl({}, {"setup", "docker", "a b"}).code, ExitCode::Usage);
    EXPECT_FALSE(exists(kDockerConfig));
}

TEST_F(DockerSetup, TakesBackWhatIsNamedAlone) {
    ASSERT_EQ(patctl({}, {"setup", "docker", "a.example", "b.example"}).code, ExitCode::Success);
    EXPECT_EQ(patctl({}, {"setup", "docker", "--undo", "a.example"}).code, ExitCode::Success);
    EXPECT_EQ(read(kDockerConfig), "{\n\t\"credHelpers\": {\n\t\t\"b.example\": \"pat\"\n\t}\n}\n");
}

}  // namespace
}  // namespace patd::cli::tools
