// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// How the size of the store affects `get` and `verify`: three patd side by side, with 100, 10,000
// and 1,000,000 tokens. Every owner has 100, so that nothing else differs.
#include "bench/connection.h"
#include "bench/placement.h"
#include "bench/report.h"
#include "bench/server.h"

#include <CLI/CLI.hpp>

#include <array>
#include <chrono>
#include <deque>
#include <random>

namespace patd::bench {
namespace {

constexpr std::size_t kTokensPerOwner = 100;
constexpr std::size_t kCalls = 500;

struct ScaleOptions : Options {
    std::size_t largest = 1'000'000;
    Placement placement = Placement::Free;
};

// Microseconds per call, over one connection, each for a request picked at random.
Contender calls(const std::string& name, const LineServer& server,
                const std::vector<std::string>& requests, const std::string& expected) {
    return {name, "us", [&server, requests, expected] {
                static std::mt19937_64 generator(1);
                std::uniform_int_distribution<std::size_t> pick(0, requests.size() - 1);
                Connection connection(server.socket);
                const auto start = std::chrono::steady_clock::now();
                for (std::size_t call = 0; call < kCalls; ++call) {
                    const std::string_view answer =
                        connection.call(requests[pick(generator)], "\n\n");
                    if (answer.find(expected) == std::string_view::npos)
                        throw std::runtime_error("patd gave a wrong answer");
                }
                const std::chrono::duration<double, std::micro> elapsed =
                    std::chrono::steady_clock::now() - start;
                return elapsed.count() / static_cast<double>(kCalls);
            }};
}

std::vector<std::string> get_requests(const LineServer& server) {
    std::vector<std::string> requests;
    requests.reserve(server.seeded.hosts.size());
    for (const std::string& host : server.seeded.hosts)
        requests.push_back(get_request(host));
    return requests;
}

Report run(const ScaleOptions& options) {
    if (options.largest <= 10'000)
        throw std::runtime_error("--largest must be above 10,000");
    place_servers(options.placement);
    const Workspace workspace;
    const std::array<std::size_t, 3> sizes = {100, 10'000, options.largest};
    std::deque<LineServer> servers;
    std::vector<Contender> contenders;
    for (const std::size_t size : sizes) {
        const std::string count = std::to_string(size);
        servers.push_back(start_patd(
            workspace, {"patd" + count, {size / kTokensPerOwner, kTokensPerOwner}, "none"}));
        const LineServer& server = servers.back();
        contenders.push_back(
            calls("get, " + count + " tokens", server, get_requests(server), "password=patc1_"));
        contenders.push_back(calls("verify, " + count + " tokens", server,
                                   server.seeded.verifications, "valid=1\n"));
    }
    place_clients(options.placement);
    const std::vector<Series> series = measure_rounds(contenders, options.rounds);
    Report report("get and verify by the size of the store");
    report.add_note(std::to_string(options.rounds) + " rounds of " + std::to_string(kCalls) +
                    " calls on one connection. " + placement_text(options.placement));
    for (const Series& one : series)
        report.add(one);
    for (std::size_t i = 2; i < series.size(); ++i) {
        const bool is_largest = i >= series.size() - 2;
        const Target target{Bound::AtMost, i % 2 == 0 ? 1.05 : 1.2};  // a get, a verify
        report.add_ratio(series[i].name + " / " + series[i % 2].name,
                         paired_ratio(series[i], series[i % 2]),
                         is_largest ? std::optional(target) : std::nullopt);
    }
    return report;
}

}  // namespace
}  // namespace patd::bench

int main(int argc, char** argv) {
    return patd::bench::guarded([&] {
        patd::bench::ScaleOptions options;
        options.rounds = 40;
        CLI::App app("get and verify by the size of the store");
        app.add_flag("--json", options.json, "print JSON");
        app.add_option("--rounds", options.rounds, "rounds that are counted");
        app.add_option("--largest", options.largest, "tokens in the largest store");
        patd::bench::add_placement(app, options.placement);
        CLI11_PARSE(app, argc, argv);
        return patd::bench::print_report(options, [&] { return patd::bench::run(options); });
    });
}
