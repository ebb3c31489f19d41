// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/command_line.h"

#include "common/base/names.h"

#include <getopt.h>

#include <array>
#include <cstdio>
#include <cstdlib>

namespace patd {
namespace {

constexpr char kHelp[] =
    "Usage: patd [OPTION]...\n"
    "The personal access token service; started by systemd.\n"
    "\n"
    "  --state-dir DIR        tokens and audit log (default /var/lib/patd)\n"
    "  --socket PATH          line socket, unless one is passed (default /run/patd/socket)\n"
    "  --auth-socket PATH     patd-auth (default /run/patd-auth/auth.sock)\n"
    "  --enroll-socket PATH   patd-enroll (default /run/patd-auth/enroll.sock)\n"
    "  --master-key FILE      master key where no credential is passed\n"
    "                         (default /etc/patd/master.key)\n"
    "  --bus-address ADDRESS  system (default), none, or a D-Bus address\n"
    "  --no-accept-store      do not keep what git stores of its own, as AcceptStore=no\n"
    "  --config-root DIR      look for the configuration below DIR instead of /\n"
    "  --check-config         print the configuration in force, or what is wrong in it, and end\n"
    "  --help, --version\n";

enum Option {
    kStateDir = 256,
    kSocket,
    kAuth,
    kEnroll,
    kKey,
    kBus,
    kNoStore,
    kConfigRoot,
    kCheck,
    kHelpText,
    kVersion
};

constexpr std::array kOptions = {
    option{"state-dir", required_argument, nullptr, kStateDir},
    option{"socket", required_argument, nullptr, kSocket},
    option{"auth-socket", required_argument, nullptr, kAuth},
    option{"enroll-socket", required_argument, nullptr, kEnroll},
    option{"master-key", required_argument, nullptr, kKey},
    option{"bus-address", required_argument, nullptr, kBus},
    option{"no-accept-store", no_argument, nullptr, kNoStore},
    option{"config-root", required_argument, nullptr, kConfigRoot},
    option{"check-config", no_argument, nullptr, kCheck},
    option{"help", no_argument, nullptr, kHelpText},
    option{"version", no_argument, nullptr, kVersion},
    option{nullptr, 0, nullptr, 0},
};

bool apply(int code, CommandLine& line) {
    DaemonOptions& options = line.options;
    switch (code) {
        case kStateDir:
            options.state_directory = optarg;
            return true;
        case kSocket:
            options.line_socket = optarg;
            return true;
        case kAuth:
            options.step_up.auth = optarg;
            return true;
        case kEnroll:
            options.step_up.enroll = optarg;
            return true;
        case kKey:
            options.master_key_file = optarg;
            return true;
        case kBus:
            options.bus_address = optarg;
            return true;
        case kNoStore:
            options.accept_store = false;
            return true;
        case kConfigRoot:
            options.config_root = optarg;
            return true;
        case kCheck:
            line.check_config = true;
            return true;
        case kHelpText:
            std::fputs(kHelp, stdout);
            line.exit_status = EXIT_SUCCESS;
            return true;
        case kVersion:
            std::puts("patd " PATD_VERSION);
            line.exit_status = EXIT_SUCCESS;
            return true;
        default:
            return false;
    }
}

}  // namespace

Result<CommandLine> parse_command_line(int argc, char** argv) {
    CommandLine line;
    line.options.state_directory = names::kStateDirectory;
    line.options.line_socket = names::kLineSocket;
    line.options.step_up = {names::kAuthSocket, names::kEnrollSocket};
    line.options.master_key_file = names::kMasterKeyFile;
    optind = 0;
    int code = 0;
    while ((code = getopt_long(argc, argv, "", kOptions.data(), nullptr)) != -1) {
        if (!apply(code, line))
            return Errc::UnknownOption;
    }
    if (optind < argc) {
        std::fputs("patd: it takes no arguments; see patd --help\n", stderr);
        return Errc::UnknownOption;
    }
    return line;
}

}  // namespace patd
