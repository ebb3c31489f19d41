// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "pam_module/module_options.h"

#include "common/base/limits.h"
#include "common/base/names.h"

#include <gtest/gtest.h>

namespace patd::pam {
namespace {

using Words = std::vector<const char*>;

TEST(ModuleOptions, ReadPasswordModeWithItsBackends) {
    const auto plain = parse_module_options(Words{"password"});
    ASSERT_TRUE(plain);
    EXPECT_EQ(plain->mode, Mode::Password);
    EXPECT_EQ(plain->backend, Backend::Daemon);
    const auto file = parse_module_options(Words{"password", "backend=file", "cost=2"});
    ASSERT_TRUE(file);
    EXPECT_EQ(file->backend, Backend::File);
    EXPECT_EQ(file->state_directory, names::kAuthStateDirectory);
    EXPECT_EQ(file->cost, 2);
}

// Row P4.
TEST(ModuleOptions, ReadTokenModeWithPermissionAndAudience) {
    const auto options = parse_module_options(Words{"token", "permission=vcs:repository:ro",
                                                    "audience=https://git.example",
                                                    "try_first_pass", "keep_authtok"});
    ASSERT_TRUE(options);
    EXPECT_EQ(options->mode, Mode::Token);
    EXPECT_EQ(options->permission->text(), "vcs:repository:ro");
    EXPECT_EQ(options->audience->text(), "https://git.example");
    EXPECT_EQ(options->first_pass, FirstPass::Try);
    EXPECT_TRUE(options->keep_authtok);
}

TEST(ModuleOptions, ReadWhatIsToBeAskedFor) {
    const std::string longest = "prompt=" + std::string(limits::kPromptOptionBytes, 'x');
    for (const std::string& text :
         {std::string("prompt=Password"), longest, std::string("prompt=Password or token"),
          std::string("prompt=a=b"), std::string("prompt=Schl\u00fcssel")}) {
        const auto options = parse_module_options(Words{"password", text.c_str()});
        ASSERT_TRUE(options) << text;
        EXPECT_EQ("prompt=" + options->prompt, text);
    }
    EXPECT_TRUE(parse_module_options(Words{"password", "try_first_pass", "prompt=Password"}));
}

TEST(ModuleOptions, AllowAnAccountLineWithoutArguments) {
    const auto options = parse_module_options(Words{});
    ASSERT_TRUE(options);
    EXPECT_EQ(options->mode, Mode::None);
}

// Row P4.
TEST(ModuleOptions, RefuseWhatAnAdministratorCannotHaveMeant) {
    const std::vector<Words> refused = {
        {"passwort"},
        {"password", "token"},
        {"password", "password"},
        {"token"},
        {"token", "permission=vcs:repository:ro"},
        {"token", "audience=https://git.example"},
        {"token", "permission=VCS", "audience=https://git.example"},
        {"token", "permission=vcs", "audience=git.example"},
        {"token", "permission=vcs", "audience=https://git.example/path"},
        {"token", "permission=vcs", "audience=https://*.example"},
        {"token", "permission=vcs", "permission=vcs", "audience=https://git.example"},
        {"password", "permission=vcs", "audience=https://git.example"},
        {"password", "keep_authtok"},
        {"password", "use_first_pass", "try_first_pass"},
        {"password", "backend=daemon"},
        {"password", "cost=7"},
        {"password", "state_directory=/var/lib/patd-auth"},
        {"password", "backend=file", "state_directory=relative"},
        {"password", "backend=file", "cost=0"},
        {"password", "backend=file", "cost=12"},
        {"password", "backend=file", "cost=7x"},
        {"backend=file"},
        {"password", ""},
        {"password", "nullok"},
        {"password", "keep_authtok="},
        {"prompt=Password"},
        {"password", "prompt"},
        {"password", "prompt="},
        {"password", "prompt=a\nb"},
        {"password", "prompt=\xff"},
        {"password", "prompt=a", "prompt=a"},
        {"password", "prompt=Password", "use_first_pass"},
        {"password", "prompt=0123456789012345678901234567890123456789012345678901234567890123x"},
    };
    for (const Words& words : refused)
        EXPECT_FALSE(parse_module_options(words)) << words.back();
}

}  // namespace
}  // namespace patd::pam
