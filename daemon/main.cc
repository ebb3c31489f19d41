// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/bus/firewall.h"
#include "daemon/command_line.h"
#include "daemon/service_process.h"

#include <sysexits.h>

#include <cstdio>
#include <cstdlib>

namespace patd {
namespace {

// --check-config: the faults, or else the options in force.
int print_check(const Config& config) {
    for (const ConfigFault& fault : config.faults)
        std::fprintf(stderr, "%s\n", format_fault(fault).c_str());
    if (!config.faults.empty())
        return config.may_pass() ? EX_TEMPFAIL : EX_CONFIG;
    std::fputs(format_config(config).c_str(), stdout);
    return EXIT_SUCCESS;
}

int run_and_report(int argc, char** argv) {
    const Result<CommandLine> command_line = parse_command_line(argc, argv);
    if (!command_line)
        return EXIT_FAILURE;
    if (command_line->exit_status)
        return *command_line->exit_status;
    const Config config = load_config(command_line->options.config_root);
    if (command_line->check_config)
        return print_check(config);
    return serve(command_line->options, config);
}

}  // namespace
}  // namespace patd

int main(int argc, char** argv) {
    patd::protect_process();
    patd::use_one_heap();
    int status = EXIT_FAILURE;
    patd::bus::guarded("main", [&] { status = patd::run_and_report(argc, argv); });
    return status;
}
