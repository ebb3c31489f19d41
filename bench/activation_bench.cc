// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// What the first git-credential-pat get costs that finds no patd, only its socket: it waits until
// patd has started. systemd-socket-activate(1) holds the socket and becomes patd, as systemd does.
// In turn with it start two programs that only answer: alone, and with patd's libraries loaded.
#include "bench/report.h"
#include "bench/server.h"

#include <CLI/CLI.hpp>
#include <poll.h>

#include <array>
#include <chrono>
#include <fstream>
#include <stdexcept>

namespace patd::bench {
namespace {

// Not by a connection, which would start patd: as the kernel tells.
void wait_until_held(const std::string& socket) {
    constexpr char kListens[] = " 00010000 ";
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (std::chrono::steady_clock::now() < end) {
        std::ifstream sockets("/proc/net/unix");
        for (std::string line; std::getline(sockets, line);) {
            if (line.ends_with(" " + socket) && line.find(kListens) != std::string::npos)
                return;
        }
        ::poll(nullptr, 0, 1);
    }
    throw std::runtime_error("nobody holds " + socket);
}

struct Started {
    double first;
    double warm;
};

// `server` starts when the first get connects, and has ended when this returns.
Started start_once(Command server, const std::string& socket, const Command& get) {
    server.arguments.insert(server.arguments.begin(),
                            {"/usr/bin/systemd-socket-activate", "--listen=" + socket});
    server.silent = true;  // each start would be told
    const Background process(server);
    wait_until_held(socket);
    const double first = run_timed(get) * 1e6;
    run_timed(get);
    return {first, run_timed(get) * 1e6};
}

Report run(const Options& options) {
    const Workspace workspace;
    const PatdFiles files{workspace.disk("state"), workspace.disk("key"), workspace.disk("socket")};
    const Seeded seeded = seed_store({1, 100}, files.state, files.key, workspace.scratch());
    const std::string reply = workspace.disk("reply");
    std::ofstream(reply) << "username=root\npassword=fixed\n\n";
    const auto floor = [&](const char* program) {
        return Command{{built_program(program), files.socket, reply}, {"PATH=/usr/bin:/bin"}};
    };
    const Command get{{built_program("bench/git-credential-pat-bench"), "get"},
                      {"PATH=/usr/bin:/bin"},
                      "protocol=https\nhost=" + seeded.hosts.front() + "\n",
                      "password="};
    const std::array<Command, 3> servers = {
        patd_command(files, {}), floor("bench/echo_server_libraries"), floor("bench/echo_server")};
    std::array<Series, 3> first = {
        Series{"first get, which starts patd", "us", {}},
        Series{"the same, a program that only answers, with its libraries", "us", {}},
        Series{"the same, a program that only answers", "us", {}}};
    Series warm{"a get after it", "us", {}};
    // The first round reads the programs from the disk, and does not count.
    for (std::size_t round = 0; round <= options.rounds; ++round) {
        for (std::size_t i = 0; i < servers.size(); ++i) {
            const Started started = start_once(servers[i], files.socket, get);
            if (round == 0)
                continue;
            first[i].values.push_back(started.first);
            if (i == 0)
                warm.values.push_back(started.warm);
        }
    }
    Report report("The first get after activation by the socket");
    report.add_note(std::to_string(options.rounds) + " rounds, whole processes.");
    for (const Series& series : first)
        report.add(series);
    report.add(warm);
    report.add_ratio(first[0].name + " / " + warm.name, paired_ratio(first[0], warm),
                     Target{Bound::AtMost, 4.5});
    report.add_ratio("a program that only answers, with patd's libraries / " + warm.name,
                     paired_ratio(first[1], warm));
    report.add_ratio("a program that only answers / " + warm.name, paired_ratio(first[2], warm));
    report.add_ratio(first[0].name + " / a program that only answers, with its libraries",
                     paired_ratio(first[0], first[1]));
    return report;
}

}  // namespace
}  // namespace patd::bench

int main(int argc, char** argv) {
    return patd::bench::guarded([&] {
        patd::bench::Options options;
        options.rounds = 40;
        CLI::App app("the first get after activation by the socket");
        app.add_flag("--json", options.json, "print JSON");
        app.add_option("--rounds", options.rounds, "rounds that are counted");
        CLI11_PARSE(app, argc, argv);
        return patd::bench::print_report(options, [&] { return patd::bench::run(options); });
    });
}
