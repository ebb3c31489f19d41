// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/doctor/gateway.h"

#include "cli/doctor/config.h"
#include "cli/doctor/units.h"
#include "cli/git/git_chain.h"
#include "cli/git/git_config.h"
#include "cli/git/git_gateway.h"
#include "cli/text/table.h"
#include "common/base/unique_fd.h"
#include "common/token/target.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace patd::cli::doctor {
namespace {

constexpr ConfigProgram kHttpProgram = {"/usr/libexec/patd/patd-http", "patd-http"};
constexpr char kInstall[] =
    "sudo apt install patd-gateway && sudo systemctl enable --now patd-gateway.socket";
constexpr int kConnectMilliseconds = 2000;  // a gateway is on the loopback, or near

const PackageUnits& http_units() {
    static const PackageUnits units{
        "patd-http", "patd-http.socket", {"patd-http.socket", "patd-http.service"}};
    return units;
}

const PackageUnits& gateway_units() {
    static const PackageUnits units{"patd-gateway",
                                    "patd-gateway.socket",
                                    {"patd-gateway.socket", "patd-gateway.service",
                                     "patd-http-gateway.socket", "patd-http-gateway.service"}};
    return units;
}

bool connects(const addrinfo& address) {
    const UniqueFd fd(socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd)
        return false;
    if (connect(fd.get(), address.ai_addr, address.ai_addrlen) == 0)
        return true;
    pollfd wait{fd.get(), POLLOUT, 0};
    int failed = 0;
    socklen_t size = sizeof failed;
    return errno == EINPROGRESS && poll(&wait, 1, kConnectMilliseconds) == 1 &&
           getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &failed, &size) == 0 && failed == 0;
}

// Whether something listens there. Blocks (NSS, network).
bool answers(const Origin& origin) {
    std::string host(origin.host());
    const std::string_view rest = origin.host_and_port().substr(host.size());
    const std::string port(rest.empty() ? origin.protocol() : rest.substr(1));
    if (host.starts_with('['))
        host = host.substr(1, host.size() - 2);
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* raw = nullptr;
    if (getaddrinfo(host.c_str(), port.c_str(), &hints, &raw) != 0)
        return false;
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses(raw, freeaddrinfo);
    for (const addrinfo* address = raw; address != nullptr; address = address->ai_next) {
        if (connects(*address))
            return true;
    }
    return false;
}

std::string names_of(const std::set<std::string>& forges) {
    std::string names;
    for (const std::string& forge : forges)
        names += (names.empty() ? "" : ", ") + printable(forge);
    return names;
}

void check_answer(const Machine& machine, const std::string& gateway, bool is_needed,
                  Findings& findings) {
    const std::size_t before = findings.all().size();
    const std::optional<bool> is_installed = check_package(machine, gateway_units(), findings);
    const Result<Origin> origin = Origin::parse(gateway);
    if (findings.all().size() != before || !origin || answers(*origin))
        return;
    const std::string text =
        "nothing answers at " + printable(gateway) +
        ", which is GatewayOrigin=" + (is_needed ? ", and your tokens go through it" : "");
    const char* fix =
        is_installed.value_or(false) ? "sudo systemctl restart patd-gateway.socket" : kInstall;
    is_needed ? findings.error(text, fix) : findings.warn(text, fix);
}

// What git was told for tokens that are gone, or no longer go through the gateway.
void check_left_lines(const std::string& gateway, const std::set<std::string>& forges,
                      Findings& findings) {
    std::set<std::string> set_up = forges_set_up();
    for (const std::string& forge : forges)
        set_up.erase(forge);
    if (!set_up.empty())
        findings.warn("git still goes to the gateway for " + names_of(set_up) +
                          ", and no token of yours for it goes through the gateway",
                      forges.empty() || gateway.empty() ? "patctl setup gateway --undo"
                                                        : "patctl setup gateway");
}

void check_ways(const std::string& gateway, const std::set<std::string>& forges,
                Findings& findings) {
    const std::size_t before = findings.all().size();
    for (const std::string& forge : forges) {
        const Result<std::string> goes_to = git_goes_to(forge);
        if (!goes_to)
            return;  // the check of git says why
        if (!goes_to->starts_with(gateway_url(gateway, forge)))
            findings.warn("git does not reach " + printable(forge) +
                              " through the gateway, where its token would be released",
                          "patctl setup gateway");
    }
    if (!forges.empty() && findings.all().size() == before && !sends_path(gateway))
        findings.warn("git does not tell patd the path at the gateway, so it gets no token there",
                      "patctl setup gateway");
}

}  // namespace

void check_http(const Machine& machine, Findings& findings) {
    (void)check_package(machine, http_units(), findings);
    const Result<ConfigCheck> check = ask_config(machine.root, kHttpProgram);
    if (!check) {
        if (check.error().code != Errc::Unavailable)
            findings.hide("the configuration of patd-http");
        return;
    }
    const auto fix = [](const ConfigCheck::Fault& fault) {
        return "sudoedit " + quote_for_shell(fault.file) +
               " && sudo systemctl restart patd-http.service";
    };
    for (const ConfigCheck::Fault& fault : check->faults)
        findings.error(format_fault(fault), fix(fault));
    for (const ConfigCheck::Fault& unknown : parse_faults(check->options))
        findings.warn(format_fault(unknown), fix(unknown));
}

void check_gateway(const Machine& machine, const client::Dictionary& status,
                   const std::vector<client::Dictionary>& tokens, Findings& findings) {
    constexpr char kSetOrigin[] =
        "sudo systemctl enable --now patd-gateway.socket && "
        "sudo mkdir -p /etc/patd/patd.conf.d && printf "
        "'[Patd]\\nGatewayOrigin=http://127.0.0.1:9200\\n' | sudo tee "
        "/etc/patd/patd.conf.d/60-gateway-origin.conf && sudo systemctl reload patd.service";
    const std::set<std::string> forges = gateway_forges(tokens);
    const std::string gateway = status.text("gateway");
    check_left_lines(gateway, forges, findings);
    if (!gateway.empty()) {
        check_answer(machine, gateway, !forges.empty(), findings);
        return check_ways(gateway, forges, findings);
    }
    const std::optional<bool> is_installed = check_package(machine, gateway_units(), findings);
    if (!forges.empty())
        findings.error("tokens for " + names_of(forges) +
                           " go through the gateway, and GatewayOrigin= is not set, so nobody gets "
                           "them; patd-gateway(8)",
                       is_installed.value_or(true) ? kSetOrigin : kInstall);
}

}  // namespace patd::cli::doctor
