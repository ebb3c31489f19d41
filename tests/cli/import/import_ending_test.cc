// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/import/import_ending.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

bool has(const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
}

TEST(ImportEnding, NamesTheCommandsWithWhichAToolForgetsAndRemovesNoFileOfItsOwn) {
    Credentials docker =
        parse_credentials(R"({"auths": {"r.example:5000": {"auth": "YWxpY2U6czM="}}})",
                          FileFormat::Docker)
            .value();
    const std::string text =
        tell_of_file({.file = "/x/config.json", .format = FileFormat::Docker}, docker, {});
    EXPECT_TRUE(has(text, "/x/config.json still holds these secrets")) << text;
    EXPECT_TRUE(has(text, "    docker logout 'r.example:5000'")) << text;
    EXPECT_TRUE(has(text, "podman logout"));
    EXPECT_FALSE(has(text, "rm --"));
    Credentials aws =
        parse_credentials("[a]\naws_access_key_id=A\naws_secret_access_key=k\n", FileFormat::Aws)
            .value();
    EXPECT_TRUE(has(tell_of_file({.file = "-", .format = FileFormat::Aws}, aws, {}),
                    "with an editor, from line 2 on"));
}

TEST(ImportEnding, RemovesAFileOfCredentialsAlone) {
    Credentials git = parse_credentials("https://a:b@c.example\n", FileFormat::Git).value();
    const Ending ending{.file = "/x/.git-credentials", .fixes = {"patctl setup git"}};
    const std::string text = tell_of_file(ending, git, {});
    EXPECT_TRUE(has(text, "    patctl setup git")) << text;
    EXPECT_TRUE(has(text, "    rm -- '/x/.git-credentials'")) << text;
    EXPECT_FALSE(has(tell_of_file(ending, git, {{1, "AbCdE01234"}}), "rm --"));
    git.pass_over(2, "something");
    EXPECT_FALSE(has(tell_of_file(ending, git, {}), "rm --"));
}

}  // namespace
}  // namespace patd::cli
