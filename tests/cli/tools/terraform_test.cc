// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/tools/tool.h"
#include "tests/cli/tools/tool_home.h"

namespace patd::cli::tools {
namespace {

constexpr char kTerraformRc[] = ".terraformrc";
constexpr char kTerraformLink[] = ".terraform.d/plugins/terraform-credentials-pat";
const std::vector<std::string> kTerraformSetup = {"setup", "terraform"};

class TerraformSetup : public ToolHome {};

TEST_F(TerraformSetup, NamesTheHelperAndLinksIt) {
    EXPECT_NE(make(kTerraformRc, {}, kTerraformSetup).find("\ncredentials_helper \"pat\" {\n}\n"),
              std::string::npos);
    EXPECT_FALSE(std::filesystem::is_symlink(home_ / kTerraformLink));
    EXPECT_EQ(patctl({}, kTerraformSetup).code, ExitCode::Success);
    EXPECT_EQ(std::filesystem::read_symlink(home_ / kTerraformLink).filename(),
              "terraform-credentials-pat");
}

TEST_F(TerraformSetup, KeepsOddFormats) {
    for (const char* text :
         {"plugin_cache_dir = \"$HOME/x\" # {\n/* { */ disable_checkpoint = true",
          "provider_installation {\r\n  direct {\r\n    exclude = [\"a/*/*\"] // x\r\n  }\r\n}\r\n",
          "x = <<EOT\n  {\nEOT\n", "x = \"a \\\" {\"\n"})
        set_up(kTerraformRc, text, {}, kTerraformSetup);
}

TEST_F(TerraformSetup, LeavesAnotherHelperAndTellsOfTokensWithoutShowingThem) {
    const std::string text =
        "credentials_helper \"x\" {}\ncredentials \"a.example\" {\n  token = "
        "\"c2VjcmV0\"\n}\n";
    write(kTerraformRc, text);
    const Ran ran = patctl({}, kTerraformSetup);
    EXPECT_EQ(ran.code, ExitCode::Failure);
    EXPECT_NE(ran.out.find("terraform takes one helper alone"), std::string::npos) << ran.out;
    EXPECT_EQ((ran.out + ran.err).find("c2VjcmV0"), std::string::npos);
    EXPECT_EQ(read(kTerraformRc), text);
    EXPECT_FALSE(std::filesystem::is_symlink(home_ / kTerraformLink));
}

TEST_F(TerraformSetup, TellsOfTokensThatLoginWroteAndHowToImportThem) {
    const std::string login = ".terraform.d/credentials.tfrc.json";
    write(
        login,
        R"({"credentials": {"app.example": {"token": "c2VjcmV0"}, "localhost": {"token": "x"}}})");
    const Ran ran = patctl({}, kTerraformSetup);
    EXPECT_EQ(ran.code, ExitCode::Success);
    EXPECT_NE(ran.out.find("terraform uses the token for app.example in "), std::string::npos)
        << ran.out;
    EXPECT_EQ(ran.out.find("c2VjcmV0"), std::string::npos);
    write(kTerraformRc, read(kTerraformRc) + "credentials \"b.example\" {\n  token = \"x\"\n}\n");
    const auto fixes = [] {
        std::vector<std::string> of_tokens;
        const Standing standing = *kTerraform.look(Surroundings::look({}));
        for (const Trouble& trouble : standing.troubles) {
            if (trouble.text.starts_with("terraform uses the "))
                of_tokens.push_back(trouble.fix);
        }
        return of_tokens;
    };
    const std::string import = "patctl import --from '" + (home_ / login).string() + "'";
    EXPECT_EQ(fixes(),
              (std::vector<std::string>{"${EDITOR:-vi} '" + (home_ / kTerraformRc).string() + "'",
                                        import, import}));
    setenv("TF_CLI_CONFIG_FILE", (home_ / kTerraformRc).c_str(), 1);
    EXPECT_EQ(fixes().size(), 1U);
}

TEST_F(TerraformSetup, RefusesWhatItCannotRead) {
    refuse(kTerraformRc, "a {\n", "a bracket is not closed", kTerraformSetup);
    refuse(kTerraformRc, "}\n", "line 1: a bracket is closed that was not opened", kTerraformSetup);
    refuse(kTerraformRc, "a = \"x\n", "line 1: a text is not closed", kTerraformSetup);
    refuse(kTerraformRc, "x = <<EOT\n", "line 1: a text is not closed", kTerraformSetup);
    refuse(kTerraformRc, "credentials_helper \"x\" {\n}\ncredentials_helper \"x\" {\n}\n",
           "a block comes twice", kTerraformSetup);
    refuse(kTerraformRc, std::string(65, '('), "nested too deep", kTerraformSetup);
}

}  // namespace
}  // namespace patd::cli::tools
