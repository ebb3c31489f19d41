// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// `verify` on the line socket, compared with an echo server on the same kind of socket and a redis
// GET of a record of that size: 1 and 8 clients, each sending its next request when it has the
// answer.
#include "bench/connection.h"
#include "bench/placement.h"
#include "bench/redis.h"
#include "bench/report.h"
#include "bench/server.h"

#include <CLI/CLI.hpp>

#include <atomic>
#include <chrono>
#include <thread>

namespace patd::bench {
namespace {

struct VerifyOptions : Options {
    bool stand_in = false;
    Placement placement = Placement::Free;
};

// A server with its requests, and the form of its answers.
struct Subject {
    std::string name;
    std::string socket;
    std::vector<std::string> requests;
    std::string end;       // at the end of every answer
    std::string expected;  // inside every answer; "" for the request itself
};

void call_repeatedly(const Subject& subject, std::size_t client, std::size_t calls) {
    Connection connection(subject.socket);
    for (std::size_t call = 0; call < calls; ++call) {
        const std::string& request =
            subject.requests[(client * 37 + call) % subject.requests.size()];
        const std::string_view answer = connection.call(request, subject.end);
        const std::string_view expected = subject.expected.empty() ? request : subject.expected;
        if (answer.find(expected) == std::string_view::npos)
            throw std::runtime_error(subject.name + " gave a wrong answer");
    }
}

// Calls per second of `clients` closed loops.
Contender closed_loop(const Subject& subject, std::size_t clients, std::size_t calls) {
    const std::string crowd = clients == 1 ? "1 client" : std::to_string(clients) + " clients";
    return {subject.name + ", " + crowd, "calls/s", [&subject, clients, calls] {
                std::atomic<bool> failed = false;
                const auto start = std::chrono::steady_clock::now();
                {
                    std::vector<std::jthread> threads;
                    for (std::size_t client = 0; client < clients; ++client) {
                        threads.emplace_back([&subject, &failed, client, calls] {
                            try {
                                call_repeatedly(subject, client, calls);
                            } catch (const std::exception&) {
                                failed = true;
                            }
                        });
                    }
                }
                const std::chrono::duration<double> elapsed =
                    std::chrono::steady_clock::now() - start;
                if (failed)
                    throw std::runtime_error(subject.name + " failed");
                return static_cast<double>(clients * calls) / elapsed.count();
            }};
}

void add_ratios(Report& report, const std::vector<Series>& series) {
    constexpr Target kEcho{Bound::AtLeast, 0.7};
    constexpr Target kRedis{Bound::AtLeast, 1.0};
    for (std::size_t first = 0; first < series.size(); first += 3) {
        report.add_ratio(series[first].name + " / " + series[first + 1].name,
                         paired_ratio(series[first], series[first + 1]), kEcho);
        report.add_ratio(series[first].name + " / " + series[first + 2].name,
                         paired_ratio(series[first], series[first + 2]), kRedis);
    }
}

Report run(const VerifyOptions& options) {
    place_servers(options.placement);
    const Workspace workspace;
    const LineServer server = options.stand_in
                                  ? start_echo(workspace, "stand-in", "valid=1\nid=x\n\n")
                                  : start_patd(workspace, {"patd", {10, 100}, "none"});
    const LineServer echo_server = start_echo(workspace, "echo", "");
    Subject verify{"verify", server.socket, server.seeded.verifications, "\n\n", "valid=1\n"};
    if (options.stand_in)
        verify.requests = {"patd=1\nop=verify\ntoken=x\npermission=vcs:repository:ro\n\n"};
    const Subject echo{"echo", echo_server.socket, verify.requests, "\n\n", ""};
    const RedisServer redis_server = start_redis(workspace);
    const Subject redis{"redis GET", redis_server.socket, redis_server.requests,
                        redis_server.value + "\r\n", redis_server.value};

    place_clients(options.placement);

    std::vector<Contender> contenders;
    for (const auto& [clients, calls] : {std::pair<std::size_t, std::size_t>{1, 4000}, {8, 2000}}) {
        for (const Subject* subject :
             {static_cast<const Subject*>(&verify), &echo, static_cast<const Subject*>(&redis)})
            contenders.push_back(closed_loop(*subject, clients, calls));
    }
    const std::vector<Series> series = measure_rounds(contenders, options.rounds);
    Report report("verify on the line socket");
    report.add_note(std::string("Server: ") + (options.stand_in ? "stand-in" : "patd") + ", " +
                    "1,000 tokens. " + std::to_string(options.rounds) + " rounds. " +
                    placement_text(options.placement));
    for (const Series& one : series)
        report.add(one);
    add_ratios(report, series);
    return report;
}

}  // namespace
}  // namespace patd::bench

int main(int argc, char** argv) {
    return patd::bench::guarded([&] {
        patd::bench::VerifyOptions options;
        options.rounds = 25;
        CLI::App app("verify beside an echo server and redis");
        app.add_flag("--json", options.json, "print JSON");
        app.add_option("--rounds", options.rounds, "rounds that are counted");
        app.add_flag("--stand-in", options.stand_in,
                     "a server that gives a fixed answer, not patd");
        patd::bench::add_placement(app, options.placement);
        CLI11_PARSE(app, argc, argv);
        return patd::bench::print_report(options, [&] { return patd::bench::run(options); });
    });
}
