// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/cli/tools/tool_home.h"

namespace patd::cli::tools {
namespace {

constexpr char kKubectlConfig[] = ".kube/config";
const std::vector<std::string> kKubectlSetup = {"setup", "kubectl"};
const std::vector<std::string> kKubectlPlaces = {"https://kube.example:6443"};

std::string kubeconfig(const std::string& user) {
    return "apiVersion: v1\nkind: Config\nclusters:\n- cluster:\n"
           "    server: https://kube.example:6443\n  name: main\n"
           "contexts:\n- context: {cluster: main, user: dev}\n  name: main\n"
           "# the users\nusers:\n- name: dev\n" +
           user + "- name: other\n  user:\n    token: c2VjcmV0\ncurrent-context: main\n";
}

class KubectlSetup : public ToolHome {};

TEST_F(KubectlSetup, GivesTheUserOfATokensClusterAnExec) {
    const std::string written =
        set_up(kKubectlConfig, kubeconfig("  user: {}\n"), kKubectlPlaces, kKubectlSetup);
    EXPECT_NE(written.find("\n    exec: # patctl setup kubectl\n"
                           "      apiVersion: client.authentication.k8s.io/v1\n      command: /"),
              std::string::npos)
        << written;
    EXPECT_NE(written.find("/pat-kubectl\n      interactiveMode: Never\n"
                           "      provideClusterInfo: true\n- name: other\n"),
              std::string::npos)
        << written;
}

TEST_F(KubectlSetup, FindsTheUserByATokenForTheClusterAlone) {
    EXPECT_NE(set_up(kKubectlConfig, kubeconfig("  user: {}\n"), {"kube://kube.example:6443"},
                     kKubectlSetup)
                  .find("/pat-kubectl\n"),
              std::string::npos);
    write(kKubectlConfig, kubeconfig("  user: {}\n"));
    EXPECT_EQ(patctl({"kube://kube.example"}, kKubectlSetup).code, ExitCode::NotFound);
}

TEST_F(KubectlSetup, KeepsOddFormats) {
    set_up(kKubectlConfig, kubeconfig("  user:\n"), kKubectlPlaces, kKubectlSetup);
    set_up(kKubectlConfig, kubeconfig("  user: null\n"), kKubectlPlaces, kKubectlSetup);
    set_up(kKubectlConfig, kubeconfig("  user:\n    as: x # ü\n\n"), kKubectlPlaces, kKubectlSetup);
    set_up(kKubectlConfig, "users:\r\n  -   user:   { }\r\n      name: dev", {},
           {"setup", "kubectl", "dev"});
    set_up(kKubectlConfig, "users:\n- name: dev\n  user:\n    as: x", {},
           {"setup", "kubectl", "dev"});
    set_up(kKubectlConfig, "users:\n- name: dev\n  user: {}", {}, {"setup", "kubectl", "dev"});
}

// As kubectl itself: a name of several files is the first one's, and is changed where it stands.
TEST_F(KubectlSetup, ReadsEveryFileOfTheVariableAndWritesWhereAUserIs) {
    const std::string clusters =
        "clusters:\n- name: main\n  cluster: {server: "
        "\"https://kube.example:6443\"}\nusers:\n- name: hidden\n  user: {token: s3}\n";
    const std::string users =
        "contexts:\n- name: main\n  context: {cluster: main, user: dev}\n"
        "- name: h\n  context: {cluster: main, user: hidden}\n"
        "users:\n- name: dev\n  user: {}\n- name: hidden\n  user: {}\n";
    write("a", clusters);
    write("b", users);
    const std::string none = home_ / "none";
    const std::string first = home_ / "a";
    const std::string second = home_ / "b";
    setenv("KUBECONFIG", (none + "::" + first + ":" + second + ":" + second).c_str(), 1);
    const Ran list = patctl(kKubectlPlaces, {"--json", "setup", "--list"});
    EXPECT_NE(list.out.find("\"file\":\"" + first + "\""), std::string::npos) << list.out;
    const Ran ran = patctl(kKubectlPlaces, kKubectlSetup);
    EXPECT_EQ(ran.code, ExitCode::Success) << ran.err << ran.out;
    EXPECT_NE(ran.out.find("now asks patd for dev:"), std::string::npos) << ran.out;
    EXPECT_NE(ran.out.find("kubectl uses the token of hidden"), std::string::npos) << ran.out;
    EXPECT_EQ(read("a"), clusters);
    EXPECT_NE(read("b").find("- name: dev\n  user: # patctl setup kubectl, was \" {}\"\n"
                             "    exec: # patctl setup kubectl\n"),
              std::string::npos)
        << read("b");
    EXPECT_NE(read("b").find("- name: hidden\n  user: {}\n"), std::string::npos) << read("b");
    EXPECT_EQ(patctl({}, {"setup", "kubectl", "nobody"}).code, ExitCode::Failure);
    EXPECT_EQ(patctl({}, {"setup", "kubectl", "--undo"}).code, ExitCode::Success);
    EXPECT_EQ(read("b"), users);
    EXPECT_FALSE(exists("none"));
}

TEST_F(KubectlSetup, TakesBackWhatAnotherFileHides) {
    write("b", "users:\n- name: dev\n  user: {}\n");
    setenv("KUBECONFIG", (home_ / "b").c_str(), 1);
    ASSERT_EQ(patctl({}, {"setup", "kubectl", "dev"}).code, ExitCode::Success);
    write("a", "users:\n- name: dev\n  user: {as: x}\n");
    setenv("KUBECONFIG", ((home_ / "a").string() + ":" + (home_ / "b").string()).c_str(), 1);
    EXPECT_EQ(patctl({}, {"setup", "kubectl", "--undo"}).code, ExitCode::Success);
    EXPECT_EQ(read("b"), "users:\n- name: dev\n  user: {}\n");
    std::filesystem::create_symlink(home_ / "b", home_ / "link");
    const std::string twice = (home_ / "b").string() + ":" + (home_ / "." / "b").string() + ":" +
                              (home_ / "link").string();
    setenv("KUBECONFIG", twice.c_str(), 1);
    EXPECT_EQ(patctl({}, {"setup", "kubectl", "dev"}).code, ExitCode::Success);
    const Ran undone = patctl({}, {"setup", "kubectl", "--undo"});
    EXPECT_EQ(undone.code, ExitCode::Success) << undone.err;
    EXPECT_EQ(read("b"), "users:\n- name: dev\n  user: {}\n");
    setenv("KUBECONFIG", std::string(200, ':').append("x").c_str(), 1);
    EXPECT_NE(patctl({}, {"setup", "kubectl", "dev"}).err.find("it has no user dev"),
              std::string::npos);
    std::string many;
    for (int i = 0; i < 70; ++i)
        many += "/none/" + std::to_string(i) + ":";
    setenv("KUBECONFIG", many.c_str(), 1);
    EXPECT_NE(patctl({}, {"setup", "kubectl", "dev"}).err.find("names more than 64 files"),
              std::string::npos);
}

TEST_F(KubectlSetup, LeavesAnotherWayAlone) {
    const std::string text = kubeconfig("  user:\n    token: c2VjcmV0\n");
    write(kKubectlConfig, text);
    const Ran ran = patctl(kKubectlPlaces, kKubectlSetup);
    EXPECT_EQ(ran.code, ExitCode::Failure);
    EXPECT_NE(ran.out.find("kubectl uses the token of dev"), std::string::npos) << ran.out;
    EXPECT_EQ(ran.out.find("c2VjcmV0"), std::string::npos);
    EXPECT_EQ(read(kKubectlConfig), text);
}

TEST_F(KubectlSetup, TakesBackWhatKubectlHasWrittenAnew) {
    write(kKubectlConfig,
          "users:\n- name: dev\n  user:\n    exec:\n      apiVersion: "
          "client.authentication.k8s.io/v1\n      args: null\n      command: /usr/bin/pat-kubectl\n"
          "      env: null\n      interactiveMode: Never\n      provideClusterInfo: true\n"
          "- name: b\n  user: {}\n");
    EXPECT_EQ(patctl({}, {"setup", "kubectl", "--undo"}).code, ExitCode::Success);
    EXPECT_EQ(read(kKubectlConfig), "users:\n- name: dev\n  user: {}\n- name: b\n  user: {}\n");
}

TEST_F(KubectlSetup, RefusesWhatItCannotReadOrAddTo) {
    const std::vector<std::string> setup = {"setup", "kubectl", "dev"};
    refuse(kKubectlConfig, "a: 1\na: 2\n", "line 2: a key comes twice", setup);
    refuse(kKubectlConfig, "a: [1\n", "it is not YAML", setup);
    refuse(kKubectlConfig, "a: &x 1\nb: *x\n", "line 2: patctl does not read aliases", setup);
    refuse(kKubectlConfig, "a: 1\n---\nb: 2\n", "more than one document", setup);
    refuse(kKubectlConfig, "users: []\n", "it has no user dev", setup);
    refuse(kKubectlConfig, "users: [{name: dev, user: {as: x}}]\n",
           "run:\n    kubectl config set-credentials 'dev'", setup);
    refuse(kKubectlConfig, "{\"users\": [{\"name\": \"dev\", \"user\": {}}]}",
           "nothing was changed", setup);
}

}  // namespace
}  // namespace patd::cli::tools
