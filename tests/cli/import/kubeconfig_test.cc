// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/limits.h"
#include "tests/cli/import/tool_file_result.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

constexpr char kClusters[] =
    "apiVersion: v1\nclusters:\n- cluster:\n    certificate-authority-data: eA==\n"
    "    server: https://Kube.example:6443\n  name: c1\n- cluster:\n"
    "    server: https://rancher.example/k8s/clusters/c-2\n  name: c2\n"
    "contexts:\n- context:\n    cluster: c1\n    user: u.1\n  name: one\n- context:\n"
    "    cluster: c2\n    namespace: x\n    user: u.1\n  name: two\n- context:\n"
    "    cluster: c1\n    user: u.1\n  name: again\ncurrent-context: one\nkind: Config\n"
    "preferences: {}\n";

// As kubectl 1.32 wrote it.
TEST(Kubeconfig, GivesTokensForTheClustersOfTheirContexts) {
    const std::string good = std::string(kClusters) +
                             "users:\n- name: basic\n  user:\n    password: p\n    username: u\n"
                             "- name: u.1\n  user:\n    token: 'tok\"en: #x'\n"
                             "- name: run\n  user:\n    exec:\n      args:\n      - -a\n"
                             "      command: pat-kubectl\n      env: null\n";
    EXPECT_EQ(result_of(parse_kubeconfig, good),
              "34 kube://kube.example:6443 u.1 tok\"en: #x\n"
              "34 kube://rancher.example/k8s/clusters/c-2 u.1 tok\"en: #x\n"
              "28 passed over\n");
    EXPECT_TRUE(survives_every_prefix(parse_kubeconfig, good, "tok\"en"));
}

TEST(Kubeconfig, RefusesATokenThatItCannotTellApartOrPlace) {
    const std::string users = std::string(kClusters) + "users:\n- name: u.1\n  user:\n    token: ";
    for (const char* odd : {"|\n      hunter2", "&a hunter2", "hun\n      ter2", "\"\\x68\""})
        EXPECT_EQ(result_of(parse_kubeconfig, users + odd + "\n"), "28 refused MalformedRequest\n")
            << odd;
    EXPECT_EQ(result_of(parse_kubeconfig,
                        std::string(kClusters) + "users:\n- name: other\n  user:\n    token: x\n"),
              "30 refused InvalidTarget\n");
    for (const char* server : {"http://h.example", "https://u:hunter2@h.example", "h.example", ""})
        EXPECT_EQ(result_of(parse_kubeconfig,
                            std::string("clusters:\n- cluster:\n    server: ") + server +
                                "\n  name: c\ncontexts:\n- context:\n    cluster: c\n    user: u\n"
                                "users:\n- name: u\n  user:\n    token: x\n"),
                  "12 refused InvalidTarget\n")
            << server;
    for (const char* bad : {"{}", "a", "users:\n- name: u\n  name: v\n"})
        EXPECT_TRUE(result_of(parse_kubeconfig, bad).starts_with("MalformedRequest line ")) << bad;
    EXPECT_EQ(result_of(parse_kubeconfig, "users: x\ncontexts:\n- a\n"), "");
    std::string many = "users:\n";
    for (std::size_t i = 0; i < 4 * limits::kTokensPerUser; ++i)
        many += "- name: x\n";
    EXPECT_TRUE(result_of(parse_kubeconfig, many).starts_with("LimitExceeded"));
}

}  // namespace
}  // namespace patd::cli
