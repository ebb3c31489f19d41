// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/user/command_line.h"

#include "common/base/names.h"

#include <getopt.h>
#include <pwd.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>

namespace patd::user {
namespace {

constexpr char kHelp[] =
    "Usage: patd-user [OPTION]...\n"
    "The personal access token service of one user, whose secrets lie in the desktop's keyring;\n"
    "started by the user's systemd.\n"
    "\n"
    "  --state-dir DIR        index and audit log (default ~/.local/state/patd)\n"
    "  --socket PATH          line socket, unless one is passed\n"
    "                         (default /run/user/UID/patd/socket)\n"
    "  --auth-socket PATH     patd-user-auth (default /run/user/UID/patd/auth.sock)\n"
    "  --bus-address ADDRESS  session (default), none, or a D-Bus address\n"
    "  --no-accept-store      do not keep what git stores of its own, as AcceptStore=no\n"
    "  --config-root DIR      look for the configuration below DIR instead of /\n"
    "  --help, --version\n";

enum Option { kStateDir = 256, kSocket, kAuth, kBus, kNoStore, kConfigRoot, kHelpText, kVersion };

constexpr std::array kOptions = {
    option{"state-dir", required_argument, nullptr, kStateDir},
    option{"socket", required_argument, nullptr, kSocket},
    option{"auth-socket", required_argument, nullptr, kAuth},
    option{"bus-address", required_argument, nullptr, kBus},
    option{"no-accept-store", no_argument, nullptr, kNoStore},
    option{"config-root", required_argument, nullptr, kConfigRoot},
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
        case kBus:
            options.bus_address = optarg;
            return true;
        case kNoStore:
            options.accept_store = false;
            return true;
        case kConfigRoot:
            options.config_root = optarg;
            return true;
        case kHelpText:
            std::fputs(kHelp, stdout);
            line.exit_status = EXIT_SUCCESS;
            return true;
        case kVersion:
            std::puts("patd-user " PATD_VERSION);
            line.exit_status = EXIT_SUCCESS;
            return true;
        default:
            return false;
    }
}

// Not what the environment says: these name whose secrets are opened.
Result<DaemonOptions> default_options() {
    const passwd* account = getpwuid(getuid());
    if (account == nullptr)
        return Error{Errc::AccessDenied, "this uid has no account"};
    const std::string runtime = "/run/user/" + std::to_string(getuid());
    DaemonOptions options;
    options.state_directory = std::string(account->pw_dir) + names::kUserStateDirectory;
    options.line_socket = runtime + names::kUserLineSocket;
    // Its service password is the system service's, or the login password: nothing to enrol here.
    options.step_up = {runtime + names::kUserAuthSocket, ""};
    options.bus_address = "session";
    return options;
}

}  // namespace

Result<CommandLine> parse_command_line(int argc, char** argv) {
    CommandLine line;
    line.options = TRY(default_options());
    optind = 0;
    int code = 0;
    while ((code = getopt_long(argc, argv, "", kOptions.data(), nullptr)) != -1) {
        if (!apply(code, line))
            return Errc::UnknownOption;
    }
    if (optind < argc) {
        std::fputs("patd-user: it takes no arguments; see patd-user --help\n", stderr);
        return Errc::UnknownOption;
    }
    return line;
}

}  // namespace patd::user
