// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/service_process.h"

#include "tests/support/config_tree.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include <cstdlib>

namespace patd {
namespace {

DaemonOptions options_in(const support::TemporaryDirectory& directory) {
    DaemonOptions options;
    options.state_directory = directory.path();
    options.line_socket = directory.file("socket");
    options.master_key_file = directory.file("absent");
    options.bus_address = "none";
    return options;
}

TEST(ServiceProcess, AFaultyConfigurationIsForAPersonToFix) {
    const support::TemporaryDirectory directory;
    Config config;
    config.faults.emplace_back();
    EXPECT_EQ(serve(options_in(directory), config), EX_CONFIG);
}

TEST(ServiceProcess, OneThatCannotBeReadNowIsReadAgain) {
    const support::TemporaryDirectory directory;
    const support::ConfigTree tree;
    // The kernel's own EIO: no page of a process is at address 0.
    for (const char* name : {"/etc/patd/patd.conf", "/usr/lib/patd/patd.conf.d/10.conf",
                             "/etc/patd/permissions.d/10.conf"}) {
        const std::string link = tree.link(name, "/proc/self/mem");
        EXPECT_EQ(serve(options_in(directory), load_config(tree.root())), EX_TEMPFAIL) << name;
        // Even if another file has faults: the unread file may hide what that says.
        const std::string wrong = tree.write("/etc/patd/permissions.d/20.conf", "nonsense");
        EXPECT_EQ(serve(options_in(directory), load_config(tree.root())), EX_TEMPFAIL) << name;
        std::filesystem::remove(link);
        EXPECT_EQ(serve(options_in(directory), load_config(tree.root())), EX_CONFIG) << name;
        std::filesystem::remove(wrong);
    }
}

TEST(ServiceProcess, SoIsAMissingMasterKey) {
    const support::TemporaryDirectory directory;
    EXPECT_EQ(serve(options_in(directory), {}), EX_CONFIG);
}

TEST(ServiceProcess, AGateThatCannotBeMadeIsTriedAgain) {
    const support::TemporaryDirectory directory;
    EXPECT_EQ(serve(options_in(directory), {},
                    []() -> Result<std::unique_ptr<StoreGate>> { return Errc::Unavailable; }),
              EXIT_FAILURE);
}

// In a process of its own.
TEST(ServiceProcess, AsItsAccountItSeesWhatItsAccountSees) {
    const support::ConfigTree tree;
    const std::string closed = tree.write("/etc/patd/patd.conf", "[Patd]\n");
    for (auto folder = std::filesystem::path(closed).parent_path(); folder != tree.root();
         folder = folder.parent_path())
        ASSERT_EQ(chmod(folder.c_str(), 0755), 0);
    ASSERT_EQ(chmod(tree.root().c_str(), 0755), 0);
    for (const auto& [mode, faults] : {std::pair(0644, 0), std::pair(0600, 1)}) {
        ASSERT_EQ(chmod(closed.c_str(), static_cast<mode_t>(mode)), 0);
        EXPECT_EXIT(
            {
                const bool become_it = become("nobody").has_value() && geteuid() != 0;
                std::exit(become_it ? static_cast<int>(load_config(tree.root()).faults.size())
                                    : 99);
            },
            testing::ExitedWithCode(faults), "")
            << "run this as root";
    }
    EXPECT_TRUE(become("no-such-account"));
    EXPECT_EQ(geteuid(), 0U);
}

TEST(ServiceProcess, ItsMemoryIsClosedToOtherProcesses) {
    protect_process();
    EXPECT_EQ(prctl(PR_GET_DUMPABLE), 0);
}

}  // namespace
}  // namespace patd
