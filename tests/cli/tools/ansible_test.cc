// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/cli/tools/tool_home.h"

namespace patd::cli::tools {
namespace {

constexpr char kAnsibleConfig[] = ".ansible.cfg";
const std::vector<std::string> kAnsibleSetup = {"setup", "ansible"};

class AnsibleSetup : public ToolHome {};

TEST_F(AnsibleSetup, AddsTheLabelsOfTokens) {
    const std::string written = set_up(
        kAnsibleConfig, "[defaults]\ninventory = hosts ; mine\nvault_identity_list: dev@~/dev\n",
        {"vault://prod", "vault://dev", "vault://test"}, kAnsibleSetup);
    EXPECT_NE(written.find("vault_identity_list: dev@~/dev, prod@/"), std::string::npos) << written;
    EXPECT_NE(written.find("/pat-vault-client, test@/"), std::string::npos) << written;
}

TEST_F(AnsibleSetup, MakesWhatIsNotThere) {
    EXPECT_TRUE(make(kAnsibleConfig, {}, {"setup", "ansible", "prod"})
                    .starts_with("# made by 'patctl setup ansible'\n[defaults]\n"
                                 "vault_identity_list = prod@/"));
    set_up(kAnsibleConfig, "[ssh_connection]\npipelining=1", {"vault://prod"}, kAnsibleSetup);
}

TEST_F(AnsibleSetup, ReadsAListWithAComment) {
    write(kAnsibleConfig,
          "[defaults]\nvault_identity_list = prod@/usr/bin/pat-vault-client ; mine\n");
    const Ran ran = patctl({"vault://prod"}, kAnsibleSetup);
    EXPECT_NE(ran.out.find("nothing had to be changed"), std::string::npos) << ran.out;
}

TEST_F(AnsibleSetup, SaysThatAFileHereWins) {
    write("ansible.cfg", "[defaults]\n");
    EXPECT_NE(
        patctl({"vault://prod"}, kAnsibleSetup).out.find("ansible reads ./ansible.cfg in place of"),
        std::string::npos);
    setenv("ANSIBLE_CONFIG", (home_ / "ansible.cfg").c_str(), 1);
    EXPECT_EQ(patctl({"vault://prod"}, kAnsibleSetup).code, ExitCode::Success);
    EXPECT_NE(read("ansible.cfg").find("pat-vault-client"), std::string::npos);
}

TEST_F(AnsibleSetup, RefusesWhatItCannotAddTo) {
    refuse(kAnsibleConfig, "[defaults]\nvault_identity_list = a@b,\n  c@d\n",
           "goes over several lines", {"setup", "ansible", "prod"});
    for (const char* comment : {" ; mine", "\t;mine", ";no ; mine"})
        refuse(kAnsibleConfig,
               std::string("[defaults]\nvault_identity_list = dev@/x/y") + comment + "\n",
               "a comment behind vault_identity_list", {"setup", "ansible", "prod"});
    refuse(kAnsibleConfig, "[defaults]\nvault_identity_list = ; mine\n", "a comment behind",
           {"setup", "ansible", "prod"});
}

}  // namespace
}  // namespace patd::cli::tools
