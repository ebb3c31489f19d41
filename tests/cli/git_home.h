// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace patd::cli {

// git(1) with a home of its own and a system configuration of its own, and this process in it.
class GitHome : public testing::Test {
  protected:
    explicit GitHome(
        const std::filesystem::path& directory = std::filesystem::temp_directory_path()) {
        std::string pattern = (directory / "patctl-XXXXXX").string();
        home_ = mkdtemp(pattern.data());
        setenv("HOME", home_.c_str(), 1);
        setenv("GIT_CONFIG_SYSTEM", (home_ / "system").c_str(), 1);
        unsetenv("XDG_CONFIG_HOME");
        std::filesystem::current_path(home_);
    }
    ~GitHome() override {
        std::filesystem::current_path("/");
        std::filesystem::remove_all(home_);
    }

    std::string read(const char* name) const {
        std::ostringstream text;
        text << std::ifstream(home_ / name).rdbuf();
        return text.str();
    }

    std::filesystem::path home_;
};

// The same, and tests write its configuration.
class GitConfigTest : public GitHome {
  protected:
    using GitHome::GitHome;
    void write(const char* name, const std::string& text) const {
        std::ofstream(home_ / name) << text;
    }
};

}  // namespace patd::cli
