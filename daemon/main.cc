// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/log_messages.h"
#include "common/bus/firewall.h"
#include "daemon/command_line.h"
#include "daemon/daemon.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <systemd/sd-daemon.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

namespace patd {
namespace {

// As in systemd.exec(5), "Process exit codes": CONFIG.
constexpr int kConfigStatus = 78;

// No other process of this uid may read our memory, and no core dump may hold it.
void protect_process() {
    (void)prctl(PR_SET_DUMPABLE, 0);
    const rlimit none{0, 0};
    (void)setrlimit(RLIMIT_CORE, &none);
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    (void)sigprocmask(SIG_BLOCK, &signals, nullptr);
    (void)signal(SIGPIPE, SIG_IGN);
}

Result<int> run(const DaemonOptions& options, const Config& config) {
    const std::unique_ptr<bus::EventLoop> loop = TRY(bus::EventLoop::create());
    TRY(loop->stop_on_signals());
    const std::unique_ptr<Daemon> daemon = TRY(Daemon::create(*loop, options, config));
    const bus::EventLoop::Source hang_up = TRY(loop->on_signal(SIGHUP, [&] { daemon->reload(); }));
    loop->feed_watchdog();
    (void)sd_notify(0, "READY=1\nSTATUS=Serving.");
    log(messages::kServing, {{"FILES", std::to_string(config.files.size())}});
    const int status = loop->run();
    (void)sd_notify(0, "STOPPING=1");
    return status;
}

// --check-config: the faults, or else the options in force.
int print_check(const Config& config) {
    for (const ConfigFault& fault : config.faults)
        std::fprintf(stderr, "%s\n", format_fault(fault).c_str());
    if (!config.faults.empty())
        return kConfigStatus;
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
    if (!config.faults.empty()) {
        log_faults(config);
        log(messages::kCannotServe,
            Error{Errc::UnknownOption, "the configuration is wrong; run: patd --check-config"});
        return kConfigStatus;
    }
    const Result<int> status = run(command_line->options, config);
    if (!status) {
        log(messages::kCannotServe, status.error());
        return EXIT_FAILURE;
    }
    return *status == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace patd

int main(int argc, char** argv) {
    patd::protect_process();
    int status = EXIT_FAILURE;
    patd::bus::guarded("main", [&] { status = patd::run_and_report(argc, argv); });
    return status;
}
