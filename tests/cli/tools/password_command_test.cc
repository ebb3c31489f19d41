// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/tools/password_command.h"

#include "tests/cli/tools/tool_home.h"

namespace patd::cli::tools {
namespace {

class PasswordCommands : public ToolHome {};

TEST_F(PasswordCommands, PrintTheLineAndWriteNothing) {
    for (const PasswordCommand& command : password_commands()) {
        const Ran ran = patctl({}, {"setup", command.name, command.example});
        EXPECT_EQ(ran.code, ExitCode::Success) << ran.err;
        EXPECT_NE(ran.out.find(std::string("/pat-get ") + command.example + command.after),
                  std::string::npos)
            << ran.out;
    }
    EXPECT_TRUE(std::filesystem::is_empty(home_));
    EXPECT_EQ(find_password_command("docker"), nullptr);
}

TEST_F(PasswordCommands, EscapeWhatTheShellOrTheToolWouldTakeForItsOwn) {
    const std::string place = "https://a.example/t'$(id)\"`x` y%25z/\u00fc";
    for (const PasswordCommand& command : password_commands()) {
        const Ran ran = patctl({}, {"setup", command.name, place});
        const std::string plain = "https://a.example/t%27%24%28id%29%22%60x%60%20y%25z/\u00fc";
        EXPECT_NE(ran.out.find("/pat-get " + plain + command.after), std::string::npos) << ran.out;
        EXPECT_EQ(*Target::parse(plain), *Target::parse(place));
    }
}

}  // namespace
}  // namespace patd::cli::tools
