// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/cli/tools/tool_home.h"

namespace patd::cli::tools {
namespace {

constexpr char kAwsConfig[] = ".aws/config";

class AwsSetup : public ToolHome {};

std::string process_of(const std::string& text) {
    const std::size_t begin = text.find("credential_process = /");
    return begin == std::string::npos ? "" : text.substr(begin, text.find('\n', begin) - begin);
}

TEST_F(AwsSetup, AddsALineToTheProfile) {
    const std::string written =
        set_up(kAwsConfig,
               "# mine\n[default]\nregion = eu-west-1\n\n[profile prod]\nregion=us-east-1\n"
               "s3 =\n    max_queue_size = 10\n\n; the end\n[profile other]\nregion = x\n",
               {"aws://prod"}, {"setup", "aws"});
    EXPECT_TRUE(process_of(written).ends_with("/pat-aws prod")) << written;
    EXPECT_NE(written.find("max_queue_size = 10\ncredential_process = /"), std::string::npos);
}

TEST_F(AwsSetup, MakesAProfileAndKeepsTheEndOfTheFile) {
    EXPECT_NE(set_up(kAwsConfig, "[default]\r\nregion = a\r\n", {}, {"setup", "aws", "prod"})
                  .find("region = a\r\n\r\n# made by 'patctl setup aws'\r\n[profile prod]\r\n"
                        "credential_process = /"),
              std::string::npos);
    set_up(kAwsConfig, "[default]\nregion = a", {}, {"setup", "aws", "prod", "default"});
    set_up(kAwsConfig, "[profile prod]", {}, {"setup", "aws", "prod"});
    set_up(kAwsConfig, "\n", {}, {"setup", "aws", "prod"});
    std::filesystem::remove(home_ / kAwsConfig);
    EXPECT_TRUE(process_of(make(kAwsConfig, {}, {"setup", "aws", "prod"})).ends_with(" prod"));
}

TEST_F(AwsSetup, LeavesAnotherProgramAndSaysThatKeysWin) {
    const std::string text = "[profile prod]\ncredential_process = /usr/bin/vault x\n";
    write(kAwsConfig, text);
    const Ran ran = patctl({}, {"setup", "aws", "prod"});
    EXPECT_EQ(ran.code, ExitCode::Failure);
    EXPECT_NE(ran.out.find("another program for prod"), std::string::npos) << ran.out;
    EXPECT_EQ(read(kAwsConfig), text);
    write(".aws/credentials", "[dev]\naws_access_key_id = A\naws_secret_access_key = c2VjcmV0\n");
    const Ran keys = patctl({}, {"setup", "aws", "dev"});
    EXPECT_NE(keys.out.find("aws uses the keys of dev in "), std::string::npos) << keys.out;
    EXPECT_EQ(keys.out.find("c2VjcmV0"), std::string::npos);
}

TEST_F(AwsSetup, QuotesTheFileInACommandToPaste) {
    setenv("AWS_SHARED_CREDENTIALS_FILE", (home_ / "my keys").c_str(), 1);
    write("my keys", "[dev]\naws_access_key_id = A\n");
    EXPECT_NE(patctl({}, {"setup", "aws", "dev"})
                  .out.find(":\n    patctl import --from '" + (home_ / "my keys").string() + "'\n"),
              std::string::npos);
}

TEST_F(AwsSetup, SeesKeysThatAreIndented) {
    const std::string text =
        "[profile prod]\n    region = x\n    Credential_Process = /usr/bin/other\n";
    write(kAwsConfig, text);
    const Ran ran = patctl({}, {"setup", "aws", "prod"});
    EXPECT_EQ(ran.code, ExitCode::Failure);
    EXPECT_NE(ran.out.find("another program for prod"), std::string::npos) << ran.out;
    EXPECT_EQ(read(kAwsConfig), text);
    write(".aws/credentials", "[prod]\n  a = b\n  aws_access_key_id = A\n");
    EXPECT_NE(patctl({}, {"setup", "aws", "prod"}).out.find("uses the keys of prod in "),
              std::string::npos);
}

TEST_F(AwsSetup, RefusesWhatItCannotRead) {
    const std::vector<std::string> setup = {"setup", "aws", "prod"};
    refuse(kAwsConfig, "[a]\nx = 1\n[a]\n", "line 3: a section comes twice", setup);
    refuse(kAwsConfig, "[a]\nx = 1\nx = 2\n", "line 3: a key comes twice", setup);
    refuse(kAwsConfig, "x = 1\n", "line 1: a key stands before the first section", setup);
    refuse(kAwsConfig, "[a]\nc2VjcmV0\n", "line 2: the line is no section", setup);
    EXPECT_EQ(patctl({}, {"setup", "aws", "A b"}).code, ExitCode::Usage);
}

}  // namespace
}  // namespace patd::cli::tools
