// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/cli/tools/tool_home.h"

namespace patd::cli::tools {
namespace {

constexpr char kPipConfig[] = ".config/pip/pip.conf";
constexpr char kPipLink[] = ".local/bin/keyring";
const std::vector<std::string> kPipSetup = {"setup", "pip", "--link"};

class PipSetup : public ToolHome {};

TEST_F(PipSetup, LetsPipStartAProgramForThePassword) {
    EXPECT_EQ(make(kPipConfig, {}, kPipSetup),
              "# made by 'patctl setup pip'\n[global]\nkeyring-provider = subprocess\n");
    EXPECT_EQ(set_up(kPipConfig, "[global]\r\nindex-url = https://pypi.example/simple\r\n", {},
                     kPipSetup),
              "[global]\r\nindex-url = https://pypi.example/simple\r\n"
              "keyring-provider = subprocess\r\n");
}

TEST_F(PipSetup, LeavesAProviderThatWasThere) {
    for (const char* text : {"[global]\nkeyring-provider = subprocess\n",
                             "[global]\n  timeout = 9\n  Keyring_Provider = subprocess\n"}) {
        write(kPipConfig, text);
        EXPECT_EQ(patctl({}, kPipSetup).code, ExitCode::Success);
        EXPECT_EQ(read(kPipConfig), text);
        EXPECT_EQ(patctl({}, {"setup", "pip", "--undo"}).code, ExitCode::Success);
        EXPECT_EQ(read(kPipConfig), text);
    }
}

TEST_F(PipSetup, MakesTheNameThatPipLooksForOnlyWhenAsked) {
    const Ran without = patctl({}, {"setup", "pip"});
    EXPECT_EQ(without.code, ExitCode::Failure);
    EXPECT_NE(without.out.find("pip does not ask patd."), std::string::npos) << without.out;
    EXPECT_FALSE(std::filesystem::is_symlink(home_ / kPipLink));
    EXPECT_NE(without.out.find("patctl setup pip --link"), std::string::npos) << without.out;
    EXPECT_EQ(patctl({}, {"setup", "pip", "--link"}).code, ExitCode::Success);
    EXPECT_EQ(std::filesystem::read_symlink(home_ / kPipLink).filename(), "pat-keyring");
    EXPECT_EQ(patctl({}, {"setup", "pip", "--undo"}).code, ExitCode::Success);
    EXPECT_FALSE(std::filesystem::is_symlink(home_ / kPipLink));
    EXPECT_FALSE(exists(kPipConfig)) << "also what was written without the link";
}

TEST_F(PipSetup, DoesNotSayThatPipAsksWhereItDoesNot) {
    const std::string text = "[global]\nkeyring-provider = disabled\n";
    write(kPipConfig, text);
    const Ran ran = patctl({}, kPipSetup);
    EXPECT_EQ(ran.code, ExitCode::Failure);
    EXPECT_NE(ran.out.find("pip does not ask patd."), std::string::npos) << ran.out;
    EXPECT_NE(ran.out.find("keyring-provider is disabled"), std::string::npos) << ran.out;
    EXPECT_EQ(read(kPipConfig), text);
}

TEST_F(PipSetup, NamesTheIndexThatNeedsAUserName) {
    write(kPipConfig,
          "[global]\nindex-url = https://pypi.example/simple\n"
          "extra-index-url =\n  https://x@a.example/\n  https://b.example/\n");
    const Ran ran = patctl({"https://pypi.example", "https://a.example"}, kPipSetup);
    EXPECT_NE(ran.out.find("NAME@... for https://pypi.example/simple"), std::string::npos)
        << ran.out;
    EXPECT_EQ(ran.out.find("for https://b.example"), std::string::npos) << ran.out;
}

}  // namespace
}  // namespace patd::cli::tools
