// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/log_messages.h"
#include "common/bus/firewall.h"
#include "daemon/command_line.h"
#include "daemon/daemon.h"
#include "daemon/idle_memory.h"

#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <systemd/sd-daemon.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

namespace patd {
namespace {

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

// The few threads take turns anyway; a heap for each would be most of what they use.
void use_one_heap() {
    (void)mallopt(M_ARENA_MAX, 1);
}

constexpr std::chrono::milliseconds kStartTakes{1000};

// EX_CONFIG of sysexits.h for what stays as it is until somebody mends it: patd.service does not
// try again then.
int exit_status_of(const Error& error) {
    switch (error.code) {
        case Errc::AccessDenied:
        case Errc::Corrupt:
        case Errc::NotFound:
            return EX_CONFIG;
        default:
            return EXIT_FAILURE;
    }
}

Result<int> run(const DaemonOptions& options, const Config& config) {
    const std::unique_ptr<bus::EventLoop> loop = TRY(bus::EventLoop::create());
    const std::unique_ptr<Daemon> daemon = TRY(Daemon::create(*loop, options, config));
    const auto wind_down = [&daemon] {
        (void)sd_notify(0, "STOPPING=1");
        daemon->wind_down();
    };
    const auto on_term = TRY(loop->on_signal(SIGTERM, wind_down));
    const auto on_int = TRY(loop->on_signal(SIGINT, wind_down));
    const auto on_hang_up = TRY(loop->on_signal(SIGHUP, [&daemon] { daemon->reload(); }));
    loop->feed_watchdog();
    (void)sd_notify(0, "READY=1\nSTATUS=Serving.");
    // What only the start needed, and the first look at accounts and clock.
    const auto started = loop->after(kStartTakes, give_back_idle_memory);
    log(messages::kServing, {{"FILES", std::to_string(config.files.size())}});
    return loop->run();
}

// --check-config: the faults, or else the options in force.
int print_check(const Config& config) {
    for (const ConfigFault& fault : config.faults)
        std::fprintf(stderr, "%s\n", format_fault(fault).c_str());
    if (!config.faults.empty())
        return EX_CONFIG;
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
        return EX_CONFIG;
    }
    const Result<int> status = run(command_line->options, config);
    if (!status) {
        log(messages::kCannotServe, status.error());
        return exit_status_of(status.error());
    }
    return *status == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
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
