// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/line/helper_command.h"

#include <gtest/gtest.h>

#include <string>

namespace patd::line {
namespace {

// For what git does with them see tests/cli/git/git_chain_test.cc.
TEST(HelperCommand, IsOursInEverySpellingOfAShell) {
    for (const char* value : {"pat",
                              "pat --ttl 5m",
                              "pat ",
                              "'pat'",
                              "p\\at",
                              "/usr/bin/git-credential-pat",
                              "/git-credential-pat --permission vcs:repository:ro",
                              "/opt/my\\ programs/git-credential-pat",
                              "/opt/\"my programs\"/git-credential-pat",
                              "/opt/my'\"$'/git-credential-pat",
                              "!git-credential-pat",
                              "! git-credential-pat",
                              "!/usr/bin/git-credential-pat --ttl '5m; x'",
                              "!'/opt/my programs/git-credential-pat' x",
                              "!'/opt/[a] {b}*?/git-credential-pat'",
                              "/opt/\\{a,b}/git-credential-pat",
                              "!~/bin/git-credential-pat",
                              "!git credential-pat",
                              "!git credential-pat --ttl=5m",
                              "!exec /usr/bin/git-credential-pat",
                              "!exec git-credential-pat --ttl 5m",
                              "! exec '/opt/my programs/git-credential-pat'",
                              "!exec git credential-pat"})
        EXPECT_TRUE(find_helper_program(value)) << value;
}

// Row C8: in doubt, another program gets the secret too.
TEST(HelperCommand, IsAnothersWhereAShellDoesMore) {
    for (const char* value : {"",
                              "!",
                              "/",
                              "store",
                              "pat2",
                              "patd",
                              "'pat 'x",
                              "git-credential-pat",
                              "credential-pat",
                              "bin/git-credential-pat",
                              "~/bin/git-credential-pat",
                              "!pat",
                              "/usr/bin/git-credential-path",
                              "/usr/bin/x-git-credential-pat",
                              "/opt/my programs/git-credential-pat",
                              "!git pat",
                              "!git -c x credential-pat",
                              "!env git-credential-pat",
                              "exec /usr/bin/git-credential-pat",
                              "!exec",
                              "!exec ",
                              "!exec exec /usr/bin/git-credential-pat",
                              "!exec -a x /usr/bin/git-credential-pat",
                              "!exec env git-credential-pat",
                              "!exec x=/git-credential-pat",
                              "!exec /usr/bin/git-credential-pat 3>x",
                              "!x=/git-credential-pat other",
                              "!x='/git-credential-pat' other",
                              "!other /git-credential-pat",
                              "!other\t/git-credential-pat",
                              "!other\n/git-credential-pat",
                              "pat\tx",
                              "pat\n",
                              "pat\r",
                              "pat; x",
                              "pat | x",
                              "pat & x",
                              "pat && x",
                              "pat >x",
                              "pat <x",
                              "pat $x",
                              "pat `x`",
                              "pat \"$x\"",
                              "pat \"`x`\"",
                              "pat (x)",
                              "pat #",
                              "pat # x",
                              "pat '",
                              "pat \"",
                              "pat \\",
                              "!$HOME/git-credential-pat",
                              "!\"$HOME\"/git-credential-pat",
                              "!f() { git-credential-pat \"$1\"; }; f",
                              "!(git-credential-pat)",
                              "!/tmp/*/git-credential-pat",
                              "!/tmp/?/git-credential-pat",
                              "/tmp/[a]/git-credential-pat",
                              "/opt/{a,b}/git-credential-pat",
                              "!{/bin/evil,/usr}/bin/git-credential-pat",
                              "!git {x,credential-pat}"})
        EXPECT_FALSE(find_helper_program(value)) << value;
}

TEST(HelperCommand, NamesTheProgram) {
    EXPECT_EQ(find_helper_program("pat --ttl 5m"), "git-credential-pat");
    EXPECT_EQ(find_helper_program("!git credential-pat"), "git-credential-pat");
    EXPECT_EQ(find_helper_program("!'/opt/my programs/git-credential-pat' x"),
              "/opt/my programs/git-credential-pat");
    for (const std::string path : {"/usr/bin/git-credential-pat",
                                   "/opt/my programs;&/it's $x/#/b\xc3\xbc/git-credential-pat"})
        EXPECT_EQ(find_helper_program(format_helper(path)), path) << format_helper(path);
    EXPECT_EQ(find_helper_program("!exec '/opt/my programs/git-credential-pat' x"),
              "/opt/my programs/git-credential-pat");
    EXPECT_EQ(format_helper("/usr/bin/git-credential-pat"), "!exec /usr/bin/git-credential-pat");
}

TEST(HelperCommand, NoBeginningOfItIsOurs) {
    for (const std::string good : {"!'/opt/my programs/git-credential-pat'",
                                   "!exec /opt/my\\ programs/git-credential-pat"}) {
        for (std::size_t size = 0; size < good.size(); ++size)
            EXPECT_FALSE(find_helper_program(good.substr(0, size))) << size;
        for (int byte = 0; byte < 256; ++byte)
            (void)find_helper_program(good + static_cast<char>(byte));
    }
}

}  // namespace
}  // namespace patd::line
