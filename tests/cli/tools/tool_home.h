// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "tests/cli/git_home.h"
#include "tests/cli/support.h"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace patd::cli::tools {

// A home of its own, in which tools find their files, and none of the variables that would lead
// them elsewhere.
class ToolHome : public GitHome {
  protected:
    ToolHome() {
        for (const char* name : {"DOCKER_CONFIG",
                                 "REGISTRY_AUTH_FILE",
                                 "XDG_RUNTIME_DIR",
                                 "XDG_STATE_HOME",
                                 "XDG_DATA_HOME",
                                 "CARGO_HOME",
                                 "PIP_CONFIG_FILE",
                                 "AWS_CONFIG_FILE",
                                 "AWS_SHARED_CREDENTIALS_FILE",
                                 "AWS_ACCESS_KEY_ID",
                                 "KUBECONFIG",
                                 "GOENV",
                                 "GOAUTH",
                                 "TF_CLI_CONFIG_FILE",
                                 "TERRAFORM_CONFIG",
                                 "ANSIBLE_CONFIG",
                                 "npm_config_userconfig",
                                 "NPM_CONFIG_USERCONFIG",
                                 "CARGO_REGISTRY_GLOBAL_CREDENTIAL_PROVIDERS",
                                 "ANSIBLE_VAULT_IDENTITY_LIST"})
            unsetenv(name);
    }

    // patctl of somebody whose tokens are for `targets`.
    static Ran patctl(const std::vector<std::string>& targets,
                      const std::vector<std::string>& arguments) {
        client::Dictionary token = some_token();
        token.set("targets", targets);
        return Patctl({.tokens = {token}}).run(arguments);
    }

    void write(const std::string& name, const std::string& text) const {
        std::filesystem::create_directories((home_ / name).parent_path());
        std::ofstream(home_ / name, std::ios::binary) << text;
    }
    bool exists(const std::string& name) const { return std::filesystem::exists(home_ / name); }

    // What `arguments` make of `text`; they do so once, --dry-run writes nothing, and --undo takes
    // all of it back.
    std::string set_up(const std::string& name, const std::string& text,
                       const std::vector<std::string>& targets,
                       const std::vector<std::string>& arguments) {
        write(name, text);
        std::vector<std::string> dry = arguments;
        dry.emplace_back("--dry-run");
        EXPECT_EQ(patctl(targets, dry).code, ExitCode::Success);
        EXPECT_EQ(read(name.c_str()), text) << "a dry run";
        const Ran ran = patctl(targets, arguments);
        EXPECT_EQ(ran.code, ExitCode::Success) << ran.err << ran.out;
        EXPECT_EQ(ran.err, "");
        std::string written = read(name.c_str());
        EXPECT_NE(written, text);
        const Ran again = patctl(targets, arguments);
        EXPECT_NE(again.out.find("nothing had to be changed"), std::string::npos) << again.out;
        EXPECT_EQ(read(name.c_str()), written) << "a second time";
        const Ran undone = patctl(targets, {"setup", arguments.at(1), "--undo"});
        EXPECT_EQ(undone.code, ExitCode::Success) << undone.err;
        EXPECT_EQ(read(name.c_str()), text) << "after --undo";
        EXPECT_FALSE(exists(".local/state/patd/setup.json"));
        write(name, written);
        return written;
    }

    // A file that is not there is made, and goes again.
    std::string make(const std::string& name, const std::vector<std::string>& targets,
                     const std::vector<std::string>& arguments) {
        const Ran ran = patctl(targets, arguments);
        EXPECT_EQ(ran.code, ExitCode::Success) << ran.err << ran.out;
        std::string written = read(name.c_str());
        struct stat facts {};
        EXPECT_EQ(stat((home_ / name).c_str(), &facts), 0);
        EXPECT_EQ(facts.st_mode & 0777U, 0600U);
        EXPECT_EQ(patctl(targets, {"setup", arguments.at(1), "--undo"}).code, ExitCode::Success);
        EXPECT_FALSE(exists(name));
        return written;
    }

    // `text` is refused for a reason that has `why`, and stays.
    void refuse(const std::string& name, const std::string& text, const std::string& why,
                const std::vector<std::string>& arguments) {
        write(name, text);
        const Ran ran = patctl({"https://registry.example"}, arguments);
        EXPECT_NE(ran.code, ExitCode::Success) << text;
        EXPECT_EQ(ran.out, "");
        EXPECT_NE(ran.err.find(why), std::string::npos) << ran.err;
        EXPECT_EQ(read(name.c_str()), text);
    }
};

}  // namespace patd::cli::tools
