// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/user/command_line.h"

#include "common/base/names.h"

#include <pwd.h>
#include <unistd.h>

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
    "  --check-config         print the configuration in force, or what is wrong in it, and end\n"
    "  --quiet                with --check-config: print nothing, the exit status says it\n"
    "  --refuse               tell everybody who waits at the passed socket why patd-user does\n"
    "                         not start, and end\n"
    "  --help, --version\n";

// Not from the environment: these decide whose secrets are opened.
Result<DaemonOptions> default_options() {
    const passwd* account = getpwuid(getuid());
    if (account == nullptr)
        return Error{Errc::AccessDenied, "this uid has no account"};
    const std::string runtime = "/run/user/" + std::to_string(getuid());
    DaemonOptions options;
    options.state_directory = std::string(account->pw_dir) + names::kUserStateDirectory;
    options.line_socket = runtime + names::kUserLineSocket;
    // Its service password is the system service's, or the login password: no enrolment here.
    options.step_up = {runtime + names::kUserAuthSocket, ""};
    options.bus_address = "session";
    return options;
}

}  // namespace

Result<CommandLine> parse_command_line(int argc, char** argv) {
    return parse_arguments({"patd-user", kHelp}, TRY(default_options()), argc, argv);
}

}  // namespace patd::user
