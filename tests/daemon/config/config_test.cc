// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/config/config.h"

#include "tests/support/config_tree.h"

#include <gtest/gtest.h>

namespace patd {
namespace {

using Texts = std::vector<std::string>;

class ConfigTest : public ::testing::Test {
  protected:
    Config load() { return load_config(tree_.root()); }
    Texts faults() {
        Texts texts;
        for (const ConfigFault& fault : load().faults)
            texts.push_back(format_fault(fault).substr(tree_.root().size()));
        return texts;
    }

    support::ConfigTree tree_;
};

TEST_F(ConfigTest, WithoutAFileAllIsDefault) {
    const Config config = load();
    EXPECT_TRUE(config.settings == Settings());
    EXPECT_TRUE(config.files.empty());
    EXPECT_TRUE(config.sources.empty());
    EXPECT_TRUE(config.faults.empty());
}

TEST_F(ConfigTest, ALaterFileOverridesAnEarlierOne) {
    tree_.write("/etc/patd/patd.conf", "[Patd]\nTokensPerUser=5\nUnlockMax=1h\nAcceptStore=no\n");
    tree_.write("/usr/lib/patd/patd.conf.d/10.conf", "[Patd]\nTokensPerUser=6\n");
    tree_.write("/etc/patd/patd.conf.d/20.conf", "[Patd]\nTokensPerUser=7\nAcceptStore=\n");
    const Config config = load();
    EXPECT_EQ(config.settings.tokens_per_user, 7U);
    EXPECT_EQ(config.settings.unlock_max, std::chrono::hours(1));
    EXPECT_TRUE(config.settings.accept_store);
    EXPECT_EQ(config.files.size(), 3U);
    EXPECT_EQ(config.sources.at("TokensPerUser"), tree_.path("/etc/patd/patd.conf.d/20.conf:2"));
    EXPECT_EQ(config.sources.at("UnlockMax"), tree_.path("/etc/patd/patd.conf:3"));
    EXPECT_FALSE(config.sources.contains("AcceptStore"));
}

TEST_F(ConfigTest, NamesEveryFaultOfEveryFileAtOnce) {
    tree_.write("/etc/patd/patd.conf",
                "[Patd]\nTokensPerUser=0\nNoSuchOption=1\n"
                "TokenPerUser=1\n");
    tree_.write("/etc/patd/patd.conf.d/10.conf", "[Service]\nAcceptStore=no\n");
    const std::string third =
        tree_.write("/run/patd/patd.conf.d/20.conf", "[Patd]\nAcceptStore=maybe\n;fine\n=1\n");
    EXPECT_EQ(faults(),
              (Texts{"/etc/patd/patd.conf:2: TokensPerUser= takes a number from 1 to 1000",
                     "/etc/patd/patd.conf:3: an unknown option NoSuchOption=; patd.conf(5) lists "
                     "those that there are",
                     "/etc/patd/patd.conf:4: an unknown option TokenPerUser=; did you mean "
                     "TokensPerUser=?",
                     "/etc/patd/patd.conf.d/10.conf:1: an unknown section; the only one is [Patd]",
                     "/run/patd/patd.conf.d/20.conf:2: AcceptStore= takes yes or no",
                     "/run/patd/patd.conf.d/20.conf:4: an unknown option; patd.conf(5) lists those "
                     "that there are"}));
    ::chmod(third.c_str(), 0666);
    EXPECT_EQ(faults().size(), 5U);
}

// A secret that was written into the wrong file goes nowhere.
TEST_F(ConfigTest, AFaultRepeatsNoValueAndNoStrangeKey) {
    tree_.write("/etc/patd/patd.conf", "[Patd]\nAcceptStore=hunter2\nhunter2=1\nhunter2\n");
    EXPECT_EQ(faults().size(), 3U);
    for (const std::string& fault : faults())
        EXPECT_EQ(fault.find("hunter2"), std::string::npos) << fault;
}

TEST_F(ConfigTest, KeysAreExact) {
    tree_.write("/etc/patd/patd.conf", "[Patd]\nacceptstore=no\nAcceptStoree=no\nAccept=no\n");
    EXPECT_EQ(faults().size(), 3U);
}

TEST_F(ConfigTest, WhatIsPrintedIsTheSameConfigurationAgain) {
    tree_.write("/etc/patd/patd.conf.d/10.conf", "[Patd]\nTokenLifetimeMax=2w\nAcceptStore=off\n");
    const Config config = load();
    const std::string printed = format_config(config);
    EXPECT_TRUE(printed.starts_with("# " + tree_.path("/etc/patd/patd.conf.d/10.conf") +
                                    "\n[Patd]\n# " + tree_.path("/etc/patd/patd.conf.d/10.conf:3") +
                                    "\nAcceptStore=no\n# default\nTokensPerUser=1000\n"))
        << printed;
    tree_.write("/etc/patd/patd.conf.d/10.conf", printed);
    const Config again = load();
    EXPECT_TRUE(again.faults.empty());
    EXPECT_TRUE(again.settings == config.settings);
}

constexpr char kObject[] = "[vcs:repository]\nAccess=ro rw\nDescription=Code\n";

TEST_F(ConfigTest, ReadsThePermissionCatalogueByTheSameRules) {
    tree_.write("/usr/lib/patd/permissions.d/10.conf", kObject);
    tree_.write("/usr/lib/patd/permissions.d/20.conf", "[hidden]\nDescription=x\n");
    tree_.write("/usr/lib/patd/permissions.d/30.conf", "[masked]\nDescription=x\n");
    tree_.write("/usr/lib/patd/permissions.d/README", "nonsense");
    tree_.write("/etc/patd/permissions.d/20.conf", "[shown]\nDescription=x\n");
    tree_.link("/etc/patd/permissions.d/30.conf", "/dev/null");
    const Config config = load();
    EXPECT_TRUE(config.faults.empty());
    EXPECT_EQ(config.files.size(), 2U);
    ASSERT_EQ(config.catalogue.size(), 2U);
    EXPECT_EQ(config.catalogue.entries()[0].area, "shown");
    EXPECT_EQ(config.catalogue.entries()[1].object, "repository");
}

TEST_F(ConfigTest, AFaultyCatalogueIsAFaultOfTheConfiguration) {
    tree_.write("/etc/patd/permissions.d/10.conf", "[vcs:repository]\nDescription=x\n");
    const std::string open = tree_.write("/etc/patd/permissions.d/20.conf", kObject);
    ::chmod(open.c_str(), 0666);
    EXPECT_EQ(faults(),
              (Texts{"/etc/patd/permissions.d/20.conf: may be written by group or others; run: "
                     "chmod go-w " +
                         open,
                     "/etc/patd/permissions.d/10.conf:1: an object without Access=; write "
                     "Access=ro or Access=ro rw"}));
}

}  // namespace
}  // namespace patd
