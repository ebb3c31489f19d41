// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/doctor/pam_files.h"

#include "tests/cli/doctor/machine_fixture.h"

namespace patd::cli::doctor {
namespace {

constexpr char kToken[] =
    "auth required pam_pat.so token permission=vcs:repository:ro audience=https://git.example\n";

class PamFilesTest : public MachineTest {
  protected:
    PamFilesTest() {
        put("/etc/pam.d/patd", "auth required pam_pat.so password backend=file\n");
        put("/etc/pam.d/patd-enroll", "@include common-auth\n");
        put("/etc/pam.d/common-auth", "auth required pam_unix.so\n");
        put("/usr/lib/x86_64-linux-gnu/security/pam_pat.so");
    }

    std::string found() const {
        Findings findings;
        check_pam_files(machine_, findings);
        return text_of(findings);
    }
};

TEST_F(PamFilesTest, FindsNothingWhereAllIsRight) {
    put("/etc/pam.d/nginx-git", std::string(kToken) + "account required pam_pat.so\n");
    EXPECT_EQ(found(), "");
}

TEST_F(PamFilesTest, NamesWhatARuleOfTheModuleMisses) {
    struct Case {
        const char* rule;
        const char* words;
    };
    const Case cases[] = {
        {"auth required pam_pat.so token permission=vcs", "no audience="},
        {"auth required pam_pat.so token audience=https://h.example", "no permission="},
        {"auth required pam_pat.so token permission=a:b:x audience=https://h.example",
         "AREA:OBJECT:ro"},
        {"auth required pam_pat.so token permission=vcs audience=git.example", "PROTOCOL://HOST"},
        {"auth required pam_pat.so", "one mode"},
        {"auth required pam_pat.so token password permission=vcs audience=https://h.example",
         "one mode"},
        {"auth required pam_pat.so password backend=file", "only patd-auth"},
        {"auth required /opt/pam_pat.so password", "/opt/pam_pat.so, which does not exist"},
    };
    for (const Case& wrong : cases) {
        put("/etc/pam.d/site", std::string(wrong.rule) + "\n");
        const std::string text = found();
        EXPECT_NE(text.find(wrong.words), std::string::npos) << wrong.rule << "\n" << text;
        EXPECT_TRUE(text.starts_with("error: /etc/pam.d/site")) << text;
        EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
    }
}

TEST_F(PamFilesTest, MissesTheModule) {
    std::filesystem::remove_all(machine_.at("/usr"));
    EXPECT_NE(found().find("pam_pat.so, which does not exist -> sudo apt install --reinstall patd"),
              std::string::npos);
}

TEST_F(PamFilesTest, LooksAtTheStacksOfPatdItself) {
    std::filesystem::remove(machine_.at("/etc/pam.d/patd"));
    EXPECT_NE(found().find("/etc/pam.d/patd is missing"), std::string::npos);
    put("/etc/pam.d/patd", "auth required pam_unix.so\n", 1000);
    EXPECT_NE(found().find("sudo chown root:root /etc/pam.d/patd"), std::string::npos);
    put("/etc/pam.d/patd", "# nothing\n");
    EXPECT_NE(found().find("has no auth rule"), std::string::npos);
    put("/etc/pam.d/patd", "@include common-none\n");
    EXPECT_NE(found().find("includes common-none, which does not exist"), std::string::npos);
}

}  // namespace
}  // namespace patd::cli::doctor
