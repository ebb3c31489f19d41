// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/doctor/findings.h"
#include "cli/doctor/machine.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <string>

namespace patd::cli::doctor {

inline constexpr UnixTime kNow = 1'800'000'000;
inline constexpr std::uint32_t kPatd = 990;
inline constexpr std::uint32_t kPatdAuth = 991;

// A machine of real files below a directory of the test's own, which begins empty. As root, because
// its files belong to several accounts.
class MachineTest : public testing::Test {
  protected:
    MachineTest() : machine_{tree_.path(), Uid(0), Uid(kPatd), Uid(kPatdAuth), kNow, true} {}

    void put(const std::string& path, const std::string& text = "", std::uint32_t owner = 0,
             mode_t mode = 0644) const {
        std::filesystem::create_directories(std::filesystem::path(machine_.at(path)).parent_path());
        std::ofstream(machine_.at(path)) << text;
        own(path, owner, mode);
    }
    void put_folder(const std::string& path, std::uint32_t owner = 0, mode_t mode = 0755) const {
        std::filesystem::create_directories(machine_.at(path));
        own(path, owner, mode);
    }
    void own(const std::string& path, std::uint32_t owner, mode_t mode) const {
        ASSERT_EQ(lchown(machine_.at(path).c_str(), owner, owner), 0) << "run this as root";
        ASSERT_EQ(chmod(machine_.at(path).c_str(), mode), 0);
    }

    // "error: TEXT -> MEND", one a line.
    static std::string text_of(const Findings& findings) {
        std::string text;
        for (const Finding& found : findings.all())
            text += std::string(severity_name(found.severity)) + ": " + found.text + " -> " +
                    found.fix + "\n";
        return text;
    }

    support::TemporaryDirectory tree_;
    Machine machine_;
};

}  // namespace patd::cli::doctor
