// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/http_limits.h"
#include "common/base/log_messages.h"
#include "common/base/names.h"
#include "common/base/no_core.h"
#include "common/bus/firewall.h"
#include "http/server.h"

#include <sysexits.h>
#include <systemd/sd-daemon.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string_view>

// patd-http: patd for servers that speak HTTP (patd-http(8)), at the sockets that systemd passes.
// With --gateway it is the gateway's instance (patd-gateway(8)), which exchanges and nothing else.
namespace patd::web {
namespace {

void block_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    (void)sigprocmask(SIG_BLOCK, &signals, nullptr);
}

Result<void> take_sockets(Server& server) {
    const int count = sd_listen_fds(1);
    if (count <= 0)
        return Error{Errc::Unavailable, "systemd passed no socket"};
    for (int i = 0; i < count; ++i)
        TRY(server.listen(UniqueFd(SD_LISTEN_FDS_START + i)));
    return {};
}

Result<int> serve(const HttpSettings& settings) {
    const std::unique_ptr<bus::EventLoop> loop = TRY(bus::EventLoop::create());
    Sockets sockets(*loop);
    PatdLink patd(*loop, sockets, names::kLineSocket);
    Endpoints endpoints(patd, settings.issuer);
    Server server(*loop, sockets, settings, endpoints);
    TRY(take_sockets(server));
    const auto wind_down = [&] {
        (void)sd_notify(0, "STOPPING=1");
        server.wind_down([&loop] { loop->stop(EXIT_SUCCESS); });
    };
    const auto on_term = TRY(loop->on_signal(SIGTERM, wind_down));
    const auto on_int = TRY(loop->on_signal(SIGINT, wind_down));
    loop->feed_watchdog();
    (void)sd_notify(0, "READY=1\nSTATUS=Serving.");
    return loop->run();
}

int run_and_report(std::string_view option, std::string_view place) {
    constexpr std::string_view kRoot = "--config-root=";
    const bool checks = option == "--check-config";
    const bool is_for_gateway = option == "--gateway";
    if ((!option.empty() && !checks && !is_for_gateway) ||
        (!place.empty() && (!checks || !place.starts_with(kRoot)))) {
        std::fputs("usage: patd-http [--check-config [--config-root=DIR] | --gateway]\n", stderr);
        return EX_USAGE;
    }
    const std::string root(place.empty() ? place : place.substr(kRoot.size()));
    std::vector<ConfigFault> faults;
    const HttpSettings settings =
        is_for_gateway ? gateway_settings() : read_http_settings(root, faults);
    for (const ConfigFault& fault : faults) {
        if (checks)
            std::fprintf(stderr, "%s\n", format_fault(fault).c_str());
        else
            log(messages::kConfigFault, {{"FAULT", fault.text},
                                         {"FILE", fault.file},
                                         {"LINE", std::to_string(fault.line)}});
    }
    for (const ConfigFault& unknown : settings.unknown_accounts) {
        if (checks)
            std::printf("%s\n", format_fault(unknown).c_str());
        else
            log(messages::kAccountUnknown, {{"FAULT", unknown.text},
                                            {"FILE", unknown.file},
                                            {"LINE", std::to_string(unknown.line)}});
    }
    if (!faults.empty())
        return EX_CONFIG;
    if (checks)
        return EXIT_SUCCESS;
    const Result<int> status = serve(settings);
    if (status)
        return *status;
    log(messages::kCannotServe, status.error());
    return status.error().code == Errc::Unavailable ? EX_CONFIG : EXIT_FAILURE;
}

}  // namespace
}  // namespace patd::web

int main(int argc, char** argv) {
    patd::leave_no_core();
    patd::web::block_signals();
    int status = EXIT_FAILURE;
    patd::bus::guarded("main", [&] {
        status = patd::web::run_and_report(argc > 1 ? argv[1] : "", argc > 2 ? argv[2] : "");
    });
    return status;
}
