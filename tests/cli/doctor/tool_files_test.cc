// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/doctor/tool_files.h"

#include "tests/cli/tools/tool_home.h"

namespace patd::cli::doctor {
namespace {

class CheckTools : public tools::ToolHome {
  protected:
    static std::string findings() {
        Findings found;
        check_tools({}, found);
        std::string text;
        for (const Finding& finding : found.all())
            text += std::string(severity_name(finding.severity)) + ": " + finding.text + " | " +
                    finding.fix + "\n";
        return text;
    }
    static void set_up(const std::vector<std::string>& arguments) {
        EXPECT_EQ(patctl({}, arguments).code, ExitCode::Success);
    }
};

TEST_F(CheckTools, HasNothingToSayOfToolsThatWereNeverSetUp) {
    write(".aws/config", "broken\n");
    write(".docker/config.json", "{\"credsStore\": \"desktop\"}");
    EXPECT_EQ(findings(), "");
}

TEST_F(CheckTools, NoticesThatTheProgramIsNotThere) {
    set_up({"setup", "docker", "a.example"});
    setenv("PATH", "/nonexistent", 1);
    EXPECT_NE(findings().find("error: docker asks docker-credential-pat, which is not on PATH"),
              std::string::npos)
        << findings();
    write(".cargo/config.toml",
          "[registry]\nglobal-credential-providers = [\"/nonexistent/cargo-credential-pat\"]\n");
    EXPECT_NE(findings().find("error: cargo is told to start /nonexistent/cargo-credential-pat"),
              std::string::npos)
        << findings();
}

TEST_F(CheckTools, NoticesThatPodmanTookItsSectionOut) {
    set_up({"setup", "podman", "a.example"});
    write(".config/containers/auth.json", "{\n\t\"auths\": {}\n}");
    EXPECT_NE(findings().find("warning: podman was set up for a.example, and is not any more; "
                              "'podman logout --all' takes the section credHelpers out"),
              std::string::npos)
        << findings();
}

TEST_F(CheckTools, NamesWhatWinsOverPatd) {
    set_up({"setup", "podman", "a.example"});
    setenv("XDG_RUNTIME_DIR", (home_ / "run").c_str(), 1);
    write("run/containers/auth.json", R"({"auths": {"a.example": {"auth": "c2VjcmV0"}}})");
    EXPECT_NE(findings().find("podman uses the password for a.example in"), std::string::npos);
    set_up({"setup", "aws", "prod"});
    write(".aws/credentials", "[prod]\naws_access_key_id = A\naws_secret_access_key = c2VjcmV0\n");
    EXPECT_NE(findings().find("aws uses the keys of prod in"), std::string::npos);
    EXPECT_EQ(findings().find("c2VjcmV0"), std::string::npos);
}

TEST_F(CheckTools, NoticesAFileThatCannotBeReadAnyMore) {
    set_up({"setup", "aws", "prod"});
    write(".aws/config", "broken\n");
    EXPECT_NE(findings().find("line 1: the line is no section, key or comment, so that it is not "
                              "known whether aws asks patd"),
              std::string::npos)
        << findings();
}

}  // namespace
}  // namespace patd::cli::doctor
