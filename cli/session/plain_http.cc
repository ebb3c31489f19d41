// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/session/plain_http.h"

#include <arpa/inet.h>

namespace patd::cli {
namespace {

constexpr std::uint32_t kLoopbackNet = 127;

bool is_this_machine(const std::string& host) {
    if (host == "localhost" || host.ends_with(".localhost") || host == "[::1]")
        return true;
    in_addr address{};
    return inet_pton(AF_INET, host.c_str(), &address) == 1 &&
           ntohl(address.s_addr) >> 24 == kLoopbackNet;
}

}  // namespace

bool is_plain_http(const Target& target) {
    return target.origin().protocol() == "http" &&
           !is_this_machine(std::string(target.origin().host()));
}

std::vector<std::string> plain_http_targets(const std::vector<std::string>& targets) {
    std::vector<std::string> plain;
    for (const std::string& text : targets) {
        const Result<Target> target = Target::parse(text);
        if (target && is_plain_http(*target))
            plain.push_back(target->url());
    }
    return plain;
}

Result<void> refuse_plain_http(const std::vector<std::string>& targets) {
    const std::vector<std::string> plain = plain_http_targets(targets);
    if (plain.empty())
        return {};
    return Error{Errc::InvalidTarget,
                 plain.front() +
                     ": http sends the token unencrypted, for everybody on the way to read; write "
                     "https, or add --insecure-http"};
}

}  // namespace patd::cli
