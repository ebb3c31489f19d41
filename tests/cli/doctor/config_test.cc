// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/doctor/config.h"

#include "tests/cli/doctor/machine_fixture.h"

namespace patd::cli::doctor {
namespace {

// The real patd, below the root of a machine of the test's own.
class ConfigTest : public MachineTest {
  protected:
    void install(const char* name = "patd") const {
        put_folder("/usr/libexec/patd");
        std::filesystem::create_symlink(PATD_BINARY,
                                        machine_.at(std::string("/usr/libexec/patd/") + name));
    }
    std::string found(bool runs) {
        Findings findings;
        is_faulty_ = check_config(machine_.root, machine_.own_service, runs, findings);
        hidden_ = findings.hidden();
        return text_of(findings);
    }

    bool is_faulty_ = false;
    std::vector<std::string> hidden_;
};

TEST_F(ConfigTest, IsRightWithoutAFileAndShowsEveryOption) {
    install();
    EXPECT_EQ(found(true), "");
    EXPECT_FALSE(is_faulty_);
    const ConfigCheck check = ask_config(machine_.root, false).value();
    EXPECT_NE(check.options.find("TokensPerUser=1000\n"), std::string::npos);
    EXPECT_TRUE(check.faults.empty());
}

TEST_F(ConfigTest, NamesFileAndLineOfEachFaultAndHowToPutTheFixInForce) {
    install();
    put("/etc/patd/patd.conf.d/10-x.conf", "[Patd]\nTokenPerUser=7\nAcceptStore=maybe\n");
    const std::string file = machine_.at("/etc/patd/patd.conf.d/10-x.conf");
    const std::string text = found(false);
    EXPECT_TRUE(is_faulty_);
    EXPECT_TRUE(text.starts_with(
        "error: " + file + ":2: an unknown option TokenPerUser=; did you mean TokensPerUser=?"));
    EXPECT_NE(text.find("\nerror: " + file + ":3: "), std::string::npos) << text;
    EXPECT_NE(text.find(" && sudo systemctl restart patd.service\n"), std::string::npos) << text;
    EXPECT_NE(found(true).find(" && sudo systemctl reload patd.service\n"), std::string::npos);
}

TEST_F(ConfigTest, IsThatOfTheUsersOwnServiceToo) {
    machine_.own_service = true;
    install("patd-user");
    put("/etc/patd/patd.conf", "[Patd]\nNoSuchOption=1\n");
    EXPECT_NE(found(false).find(" && systemctl --user restart patd.service\n"), std::string::npos);
}

TEST_F(ConfigTest, IsHiddenWherePatdIsNotInstalled) {
    EXPECT_EQ(found(true), "");
    EXPECT_EQ(hidden_, std::vector<std::string>{"the configuration"});
    EXPECT_NE(ask_config(machine_.root, false).error().context.find("patd is not installed"),
              std::string::npos);
}

TEST(ConfigFaults, AreReadLineByLine) {
    const auto faults = parse_faults("/a:b/c.conf:12: x: y\n/d.conf: cannot be read\nodd\n\n");
    ASSERT_EQ(faults.size(), 3U);
    EXPECT_EQ(faults[0].file, "/a:b/c.conf");
    EXPECT_EQ(faults[0].line, "12");
    EXPECT_EQ(faults[0].text, "x: y");
    EXPECT_EQ(format_fault(faults[1]), "/d.conf: cannot be read");
    EXPECT_EQ(faults[1].line, "");
    EXPECT_EQ(faults[2].text, "odd");
    EXPECT_TRUE(parse_faults("").empty());
}

}  // namespace
}  // namespace patd::cli::doctor
