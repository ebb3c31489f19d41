// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/config/forges_text.h"

#include "common/base/limits.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace patd {
namespace {

struct ReadForges {
    Forges forges;
    std::vector<std::string> faults;
};

ReadForges read_all_forges(const std::vector<ConfigFile>& files) {
    ReadForges read;
    std::vector<ConfigFault> faults;
    for (const ConfigFile& file : files)
        read_forges(file, read.forges, faults);
    for (const ConfigFault& fault : faults)
        read.faults.push_back(format_fault(fault));
    return read;
}

const Forge* forge_at(const ReadForges& read, const char* host) {
    return read.forges.find(Origin::parse("https", host).value());
}

TEST(ForgesText, ReadsHostsSchemesAndRules) {
    const ReadForges read = read_all_forges({{"f",
                                              "# a comment\n"
                                              "[mine]\n"
                                              "Hosts=forge.example  git.example:8443\n"
                                              "Git=basic oauth2\n"
                                              "Rest=private-token\n"
                                              "Allow=vcs:repository:ro GET /api/*/commits\n"
                                              "Allow=vcs:issue:rw  POST  /api/*/issues\n"}});
    EXPECT_EQ(read.faults, std::vector<std::string>());
    const Forge* forge = forge_at(read, "forge.example");
    ASSERT_NE(forge, nullptr);
    EXPECT_EQ(forge_at(read, "git.example:8443"), forge);
    EXPECT_EQ(forge->git.scheme, ForgeScheme::Basic);
    EXPECT_EQ(forge->git.username, "oauth2");
    EXPECT_EQ(forge->rest.scheme, ForgeScheme::PrivateToken);
    ASSERT_EQ(forge->rules.size(), 2U);
    EXPECT_EQ(forge->rules[1].permission.text(), "vcs:issue:rw");
    EXPECT_EQ(forge->rules[1].method, "POST");
    EXPECT_EQ(forge->rules[1].path, (std::vector<std::string>{"api", "*", "issues"}));
}

TEST(ForgesText, ALaterFileGoesOnWithAForge) {
    const ReadForges read =
        read_all_forges({{"a", "[mine]\nRest=token\nAllow=vcs GET /x\n"},
                         {"b", "[mine]\nHosts=forge.example\nAllow=vcs GET /y\n"}});
    EXPECT_EQ(read.faults, std::vector<std::string>());
    const Forge* forge = forge_at(read, "forge.example");
    ASSERT_NE(forge, nullptr);
    EXPECT_EQ(forge->rest.scheme, ForgeScheme::Token);
    EXPECT_EQ(forge->rules.size(), 2U);
}

TEST(ForgesText, RefusesEveryOtherLine) {
    for (const char* line : {"Hosts=forge..example",
                             "Hosts=https://forge.example",
                             "Hosts=forge.example/x",
                             "Git=",
                             "Git=digest",
                             "Git=bearer al",
                             "Git=basic a:b",
                             "Git=Basic",
                             "Rest=token x",
                             "Allow=",
                             "Allow=vcs",
                             "Allow=vcs GET",
                             "Allow=vcs GET x",
                             "Allow=vcs GET /",
                             "Allow=vcs GET /x/",
                             "Allow=vcs GET //x",
                             "Allow=vcs GET /../x",
                             "Allow=vcs GET /x*",
                             "Allow=vcs GET /%2e",
                             "Allow=vcs GET /x?y",
                             "Allow=vcs get /x",
                             "Allow=vcs CONNECT /x",
                             "Allow=vcs HEAD /x",
                             "Allow=: GET /x",
                             "Allow=vcs GET /x /y",
                             "Deny=x",
                             "words"}) {
        const ReadForges read = read_all_forges({{"f", std::string("[mine]\n") + line + "\n"}});
        ASSERT_EQ(read.faults.size(), 1U) << line;
        EXPECT_TRUE(read.faults[0].starts_with("f:2: ")) << read.faults[0];
    }
    for (const char* text : {"Hosts=x\n", "[Mine]\n", "[a b]\n", "[]\n"})
        EXPECT_FALSE(read_all_forges({{"f", text}}).faults.empty()) << text;
    const ReadForges twice =
        read_all_forges({{"f", "[a]\nHosts=forge.example\n[b]\nHosts=forge.example\n"}});
    EXPECT_EQ(twice.faults.size(), 1U);
}

TEST(ForgesText, ForgesHostsAndRulesAreLimited) {
    std::string forges;
    for (std::size_t i = 0; i <= limits::kForges; ++i)
        forges += "[f" + std::to_string(i) + "]\n";
    EXPECT_EQ(read_all_forges({{"f", forges}}).faults.size(), 1U);
    std::string hosts = "[mine]\n";
    for (std::size_t i = 0; i <= limits::kForgeHosts; ++i)
        hosts += "Hosts=h" + std::to_string(i) + ".example\n";
    EXPECT_EQ(read_all_forges({{"f", hosts}}).faults.size(), 1U);
    std::string rules = "[mine]\n";
    for (std::size_t i = 0; i <= limits::kRestRules; ++i)
        rules += "Allow=vcs GET /x" + std::to_string(i) + "\n";
    EXPECT_EQ(read_all_forges({{"f", rules}}).faults.size(), 1U);
}

TEST(ForgesText, TheShippedTablesAreGoodAndNameNoHost) {
    for (const char* name : {"gitea", "github", "gitlab"}) {
        std::ifstream file(std::string(PATD_SOURCE_DIR "/systemd/gateway.d/") + name + ".conf");
        const ReadForges read =
            read_all_forges({{name, {std::istreambuf_iterator<char>(file), {}}}});
        EXPECT_EQ(read.faults, std::vector<std::string>()) << name;
        EXPECT_EQ(read.forges.size(), 1U) << name;
        EXPECT_EQ(read.forges.hosts(), 0U) << name;
        EXPECT_GT(read.forges.rules(), 3U) << name;
    }
}

}  // namespace
}  // namespace patd
