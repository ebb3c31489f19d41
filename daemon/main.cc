// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/names.h"
#include "common/bus/firewall.h"
#include "daemon/command_line.h"
#include "daemon/line/refusal.h"
#include "daemon/service_process.h"

#include <sysexits.h>
#include <unistd.h>

#include <cstdlib>

namespace patd {
namespace {

int run_and_report(int argc, char** argv) {
    const Result<CommandLine> line = parse_command_line(argc, argv);
    if (!line)
        return EXIT_FAILURE;
    if (line->exit_status)
        return *line->exit_status;
    // Root asks what the service would see.
    const bool as_service =
        line->check_config && line->options.config_root.empty() && geteuid() == 0;
    if (as_service && !become(names::kDaemonUser))
        return EX_OSERR;
    const Config config = load_config(line->options.config_root);
    const std::string_view why = why_not_started(!config.faults.empty(), line->options.config_root);
    if (const std::optional<int> status = run_other_task(*line, config, why))
        return *status;
    return serve(line->options, config);
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
