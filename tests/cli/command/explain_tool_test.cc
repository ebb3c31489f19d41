// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/explain_tool.h"

#include <gtest/gtest.h>

#include <string>

namespace patd::cli {
namespace {

std::string url(std::string_view tool, std::string_view place) {
    return url_of_tool(*find_tool_facts(tool), place);
}

TEST(ExplainTool, ReadsAPlaceAsTheToolSpellsIt) {
    EXPECT_EQ(url("docker", "registry.example:5000"), "https://registry.example:5000");
    EXPECT_EQ(url("docker", "docker.io"), "https://index.docker.io/v1/");
    EXPECT_EQ(url("podman", "docker.io"), "https://docker.io");
    EXPECT_EQ(url("docker", "http://registry.example"), "http://registry.example");
    EXPECT_EQ(url("cargo", "sparse+https://crates.example/i/"), "https://crates.example/i/");
    EXPECT_EQ(url("terraform", "tf.example"), "https://tf.example");
    EXPECT_EQ(url("aws", "prod"), "aws://prod");
    EXPECT_EQ(url("ansible", "prod"), "vault://prod");
    EXPECT_EQ(url("pnpm", "//npm.example/team/"), "https://npm.example/team/");
    // These name URLs alone, so that what is none is said to be none.
    EXPECT_EQ(url("restic", "backup.example"), "backup.example");
    EXPECT_EQ(url("bazel", "cache.example"), "cache.example");
}

TEST(ExplainTool, AsksForTheTokenOfAClusterFirst) {
    const ToolFacts& kubectl = *find_tool_facts("kubectl");
    EXPECT_EQ(url_before(kubectl, "https://kube.example:6443/a"), "kube://kube.example:6443/a");
    EXPECT_EQ(url_before(kubectl, "http://kube.example"), "");
    EXPECT_EQ(url_before(kubectl, "kube://kube.example"), "");
    EXPECT_EQ(url_before(*find_tool_facts("docker"), "https://kube.example"), "");
}

TEST(ExplainTool, KnowsWhichPlacesAToolCouldAskAbout) {
    const auto may_ask = [](std::string_view tool, std::string_view target) {
        return may_ask_about(*find_tool_facts(tool), target);
    };
    EXPECT_TRUE(may_ask("docker", "https://registry.example"));
    EXPECT_TRUE(may_ask("kubectl", "bearer+https://kube.example:6443"));
    EXPECT_TRUE(may_ask("kubectl", "kube://kube.example:6443"));
    EXPECT_FALSE(may_ask("docker", "kube://kube.example:6443"));
    EXPECT_FALSE(may_ask("docker", "aws://prod"));
    EXPECT_TRUE(may_ask("aws", "aws://prod"));
    EXPECT_FALSE(may_ask("aws", "https://registry.example"));
    EXPECT_TRUE(may_ask("msmtp", "smtp://mail.example:587"));
    EXPECT_FALSE(may_ask("go", "smtp://mail.example:587"));
}

TEST(ExplainTool, HasAWordForEveryOutcomeOfEachTool) {
    EXPECT_EQ(find_tool_facts(""), nullptr);
    EXPECT_EQ(find_tool_facts("git"), nullptr);
    for (const ToolFacts& tool : all_tools()) {
        EXPECT_EQ(find_tool_facts(tool.name), &tool);
        EXPECT_FALSE(tool.on_none.empty()) << tool.name;
        EXPECT_FALSE(tool.on_refusal.empty()) << tool.name;
    }
}

}  // namespace
}  // namespace patd::cli
