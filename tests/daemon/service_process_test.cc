// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/service_process.h"

#include "tests/support/config_tree.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sysexits.h>

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

TEST(ServiceProcess, ItsMemoryIsClosedToOtherProcesses) {
    protect_process();
    EXPECT_EQ(prctl(PR_GET_DUMPABLE), 0);
}

}  // namespace
}  // namespace patd
