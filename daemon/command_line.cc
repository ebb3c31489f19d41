// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/command_line.h"

#include "common/base/names.h"

#include <getopt.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <utility>
#include <vector>

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
    "  --counter-socket PATH  patd-counter (default /run/patd-auth/counter.sock)\n"
    "  --master-key FILE      master key where no credential is passed\n"
    "                         (default /etc/patd/master.key)\n"
    "  --bus-address ADDRESS  system (default), none, or a D-Bus address\n"
    "  --no-accept-store      do not keep what git stores of its own, as AcceptStore=no\n"
    "  --config-root DIR      look for the configuration below DIR instead of /\n"
    "  --check-config         print the configuration in force, or what is wrong in it, and end\n"
    "  --quiet                with --check-config: print nothing, the exit status says it\n"
    "  --refuse               tell everybody who waits at the passed socket why patd does not\n"
    "                         start, and end\n"
    "  --help, --version\n";

constexpr std::array kEverywhere = {
    CommandOption{
        "state-dir", true,
        [](CommandLine& line, const char* value) { line.options.state_directory = value; }},
    CommandOption{"socket", true,
                  [](CommandLine& line, const char* value) { line.options.line_socket = value; }},
    CommandOption{"auth-socket", true,
                  [](CommandLine& line, const char* value) { line.options.step_up.auth = value; }},
    CommandOption{"bus-address", true,
                  [](CommandLine& line, const char* value) { line.options.bus_address = value; }},
    CommandOption{"no-accept-store", false,
                  [](CommandLine& line, const char*) { line.options.accept_store = false; }},
    CommandOption{"config-root", true,
                  [](CommandLine& line, const char* value) { line.options.config_root = value; }},
    CommandOption{"check-config", false,
                  [](CommandLine& line, const char*) { line.check_config = true; }},
    CommandOption{"quiet", false, [](CommandLine& line, const char*) { line.quiet = true; }},
    CommandOption{"refuse", false, [](CommandLine& line, const char*) { line.refuse = true; }},
};

constexpr std::array kSystemOnly = {
    CommandOption{
        "enroll-socket", true,
        [](CommandLine& line, const char* value) { line.options.step_up.enroll = value; }},
    CommandOption{
        "counter-socket", true,
        [](CommandLine& line, const char* value) { line.options.counter_socket = value; }},
    CommandOption{
        "master-key", true,
        [](CommandLine& line, const char* value) { line.options.master_key_file = value; }},
};

// Higher than those of the tables.
constexpr int kHelpText = 1000;
constexpr int kVersionOption = 1001;

std::vector<option> long_options(const std::vector<CommandOption>& known) {
    std::vector<option> all;
    all.reserve(known.size() + 3);
    for (const CommandOption& one : known)
        all.push_back({one.name, one.has_value ? required_argument : no_argument, nullptr,
                       static_cast<int>(all.size())});
    all.push_back({"help", no_argument, nullptr, kHelpText});
    all.push_back({"version", no_argument, nullptr, kVersionOption});
    all.push_back({nullptr, 0, nullptr, 0});
    return all;
}

}  // namespace

Result<CommandLine> parse_arguments(const Program& program, DaemonOptions defaults, int argc,
                                    char** argv) {
    std::vector<CommandOption> known(kEverywhere.begin(), kEverywhere.end());
    known.insert(known.end(), program.options.begin(), program.options.end());
    const std::vector<option> all = long_options(known);
    CommandLine line;
    line.options = std::move(defaults);
    optind = 0;
    int code = 0;
    while ((code = getopt_long(argc, argv, "", all.data(), nullptr)) != -1) {
        if (code == '?')
            return Errc::UnknownOption;
        if (code < kHelpText) {
            known[static_cast<std::size_t>(code)].apply(line, optarg);
            continue;
        }
        if (code == kHelpText)
            std::fputs(program.help, stdout);
        else
            std::printf("%s " PATD_VERSION "\n", program.name);
        line.exit_status = EXIT_SUCCESS;
    }
    if (optind < argc) {
        std::fprintf(stderr, "%s: it takes no arguments; see %s --help\n", program.name,
                     program.name);
        return Errc::UnknownOption;
    }
    return line;
}

Result<CommandLine> parse_command_line(int argc, char** argv) {
    DaemonOptions defaults;
    defaults.state_directory = names::kStateDirectory;
    defaults.line_socket = names::kLineSocket;
    defaults.step_up = {names::kAuthSocket, names::kEnrollSocket};
    defaults.counter_socket = names::kCounterSocket;
    defaults.master_key_file = names::kMasterKeyFile;
    return parse_arguments({"patd", kHelp, kSystemOnly}, std::move(defaults), argc, argv);
}

}  // namespace patd
