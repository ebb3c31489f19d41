// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/cli/tools/tool_home.h"

namespace patd::cli::tools {
namespace {

constexpr char kCargoConfig[] = ".cargo/config.toml";
const std::vector<std::string> kCargoSetup = {"setup", "cargo"};

class CargoSetup : public ToolHome {};

TEST_F(CargoSetup, MakesAFileInWhichCargosOwnStaysBehindPatd) {
    const std::string written = make(kCargoConfig, {}, kCargoSetup);
    EXPECT_TRUE(
        written.starts_with("[registry]  # patctl setup cargo\n"
                            "global-credential-providers = [\"cargo:token\", \"/"))
        << written;
    EXPECT_TRUE(written.ends_with("/cargo-credential-pat\"]  # patctl setup cargo\n")) << written;
}

TEST_F(CargoSetup, AddsToTheTableThatIsThere) {
    const std::string written =
        set_up(kCargoConfig,
               "# build\n[build]\njobs = 2 # few\n\n[registry] # mine\ndefault = 'priv'\n\n"
               "[registries.priv]\nindex = \"sparse+https://registry.example/\"\n",
               {}, kCargoSetup);
    EXPECT_NE(written.find("[registry] # mine\nglobal-credential-providers = ["),
              std::string::npos);
    EXPECT_NE(written.find("  # patctl setup cargo\ndefault = 'priv'"), std::string::npos);
}

TEST_F(CargoSetup, ComesLastInAListBecauseThatIsAskedFirst) {
    const std::string written =
        set_up(kCargoConfig,
               "[registry]\r\nglobal-credential-providers = [\r\n  \"cargo:token\", # mine\r\n"
               "  'cargo:libsecret', # \"ü, too\"\r\n]\r\n",
               {}, kCargoSetup);
    EXPECT_NE(written.find("'cargo:libsecret', \"/"), std::string::npos) << written;
    set_up(kCargoConfig, "registry.global-credential-providers = ['a']", {}, kCargoSetup);
    set_up(kCargoConfig, "[registry]\nglobal-credential-providers = [ ]\n", {}, kCargoSetup);
    set_up(kCargoConfig, "[registry]", {}, kCargoSetup);
    set_up(kCargoConfig, "[net]\nretry = 1", {}, kCargoSetup);
}

TEST_F(CargoSetup, SetsUpOneRegistryByItsName) {
    const std::string text =
        "[registries.priv]\nindex = 'sparse+https://registry.example/'\n[registries]\n"
        "other = {index = 'x', credential-provider = 'y'}\n";
    EXPECT_NE(set_up(kCargoConfig, text, {}, {"setup", "cargo", "priv"})
                  .find("[registries.priv]\ncredential-provider = \"/"),
              std::string::npos);
    EXPECT_EQ(patctl({}, {"setup", "cargo", "--undo"}).code, ExitCode::Success);
    EXPECT_EQ(read(kCargoConfig), text);
    EXPECT_NE(patctl({}, {"setup", "cargo", "none"}).err.find("it has other, priv"),
              std::string::npos);
    const Ran other = patctl({}, {"setup", "cargo", "other"});
    EXPECT_NE(other.out.find("another program for other"), std::string::npos) << other.out;
    EXPECT_EQ(read(kCargoConfig), text);
}

TEST_F(CargoSetup, TakesTheOldNameOfTheFileWhereItIsThere) {
    write(".cargo/config", "# old\n");
    EXPECT_EQ(patctl({}, kCargoSetup).code, ExitCode::Success);
    EXPECT_NE(read(".cargo/config").find("cargo-credential-pat"), std::string::npos);
    EXPECT_FALSE(exists(kCargoConfig));
}

TEST_F(CargoSetup, RefusesWhatItCannotReadOrAddTo) {
    refuse(kCargoConfig, "[registry]\na = 1\na = 2\n", "line 3: it is not TOML", kCargoSetup);
    refuse(kCargoConfig, "[registry\n", "line 1: it is not TOML", kCargoSetup);
    refuse(kCargoConfig, "registry = {default = 'x'}\n", "in a way that patctl cannot add to",
           kCargoSetup);
    refuse(kCargoConfig, "[registry]\nglobal-credential-providers = 'x'\n", "is no array",
           kCargoSetup);
}

}  // namespace
}  // namespace patd::cli::tools
