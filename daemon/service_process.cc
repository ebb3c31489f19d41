// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/service_process.h"

#include "common/base/log_messages.h"
#include "common/base/memory_lock.h"
#include "common/base/no_core.h"
#include "common/base/service_limits.h"
#include "daemon/context/idle_memory.h"
#include "daemon/line/refusal.h"

#include <fcntl.h>
#include <grp.h>
#include <malloc.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <systemd/sd-daemon.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

namespace patd {
namespace {

constexpr std::chrono::milliseconds kStartTakes{1000};

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

// Secrets are still kept, but may reach a swap partition.
void log_unlocked_memory() {
    if (const Result<void> locked = check_memory_lock(limits::kLockedBytes); !locked)
        log(messages::kMemoryNotLocked, locked.error(),
            {{"BYTES", std::to_string(limits::kLockedBytes)}});
}

Result<int> run(const DaemonOptions& options, const Config& config, const MakeGate& make_gate) {
    log_unlocked_memory();
    const std::unique_ptr<bus::EventLoop> loop = TRY(bus::EventLoop::create());
    std::unique_ptr<StoreGate> gate = make_gate ? TRY(make_gate()) : nullptr;
    const std::unique_ptr<Daemon> daemon =
        TRY(Daemon::create(*loop, options, config, std::move(gate)));
    const auto wind_down = [&daemon] {
        (void)sd_notify(0, "STOPPING=1");
        daemon->wind_down();
    };
    const auto on_term = TRY(loop->on_signal(SIGTERM, wind_down));
    const auto on_int = TRY(loop->on_signal(SIGINT, wind_down));
    const auto on_hang_up = TRY(loop->on_signal(SIGHUP, [&daemon] { daemon->reload(); }));
    loop->feed_watchdog();
    // If systemd does not learn of it, it ends this process after minutes of service.
    if (sd_notify(0, "READY=1\nSTATUS=Serving.") < 0)
        return Error{Errc::Unavailable, "systemd cannot be told that patd serves"};
    // Memory that only the start needed, and the first look at accounts and clock.
    const auto started = loop->after(kStartTakes, give_back_idle_memory);
    log(messages::kServing, {{"FILES", std::to_string(config.files.size())}});
    return loop->run();
}

// --refuse, at the socket that systemd passed.
Result<void> refuse_at_passed_socket(std::string_view why) {
    const int fd = SD_LISTEN_FDS_START;
    if (sd_listen_fds(1) != 1 || sd_is_socket_unix(fd, SOCK_STREAM, 1, nullptr, 0) <= 0 ||
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) < 0)
        return Error{Errc::Unavailable, "systemd passed no listening UNIX stream socket"};
    turn_away(fd, why, limits::kRefusalLasts);
    return {};
}

// --check-config: the faults, or else the options in force.
int print_check(const Config& config, bool quiet) {
    for (const ConfigFault& fault : config.faults) {
        if (!quiet)
            std::fprintf(stderr, "%s\n", format_fault(fault).c_str());
    }
    if (!config.faults.empty())
        return config.may_pass() ? EX_TEMPFAIL : EX_CONFIG;
    if (!quiet)
        std::fputs(format_config(config).c_str(), stdout);
    return EXIT_SUCCESS;
}

}  // namespace

Result<void> become(const char* account) {
    const struct passwd* entry = getpwnam(account);
    if (entry == nullptr)
        return {};
    if (setgroups(0, nullptr) != 0 || setresgid(entry->pw_gid, entry->pw_gid, entry->pw_gid) != 0 ||
        setresuid(entry->pw_uid, entry->pw_uid, entry->pw_uid) != 0)
        return Error{Errc::Unavailable, "setresuid"};
    return {};
}

std::optional<int> run_other_task(const CommandLine& line, const Config& config,
                                  std::string_view why) {
    if (line.check_config)
        return print_check(config, line.quiet);
    if (!line.refuse)
        return std::nullopt;
    const Result<void> told = refuse_at_passed_socket(why);
    if (!told)
        log(messages::kCannotServe, told.error());
    return told ? EXIT_SUCCESS : EXIT_FAILURE;
}

void protect_process() {
    leave_no_core();
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    (void)sigprocmask(SIG_BLOCK, &signals, nullptr);
    (void)signal(SIGPIPE, SIG_IGN);
}

void use_one_heap() {
    (void)mallopt(M_ARENA_MAX, 1);
}

int serve(const DaemonOptions& options, const Config& config, const MakeGate& make_gate) {
    if (!config.faults.empty()) {
        log_faults(config);
        if (config.may_pass()) {
            log(messages::kCannotServe,
                Error{Errc::Unavailable, "a configuration file cannot be read at the moment"});
            return EX_TEMPFAIL;
        }
        log(messages::kCannotServe,
            Error{Errc::UnknownOption,
                  "the configuration is wrong; run: patctl admin check-config"});
        return EX_CONFIG;
    }
    const Result<int> status = run(options, config, make_gate);
    if (!status) {
        log(messages::kCannotServe, status.error());
        return exit_status_of(status.error());
    }
    return *status == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace patd
