// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// What the first git-credential-pat get costs that finds no patd, only its socket: it waits until
// patd has started. systemd-socket-activate(1) holds the socket and becomes patd, as systemd does.
#include "bench/report.h"
#include "bench/server.h"

#include <CLI/CLI.hpp>
#include <poll.h>

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

Report run(const Options& options) {
    const Workspace workspace;
    const PatdFiles files{workspace.disk("state"), workspace.disk("key"), workspace.disk("socket")};
    const Seeded seeded = seed_store({1, 100}, files.state, files.key, workspace.scratch());
    Command patd = patd_command(files, {});
    const std::string holder = "/usr/bin/systemd-socket-activate";
    patd.arguments.insert(patd.arguments.begin(), {holder, "--listen=" + files.socket});
    const Command get{{built_program("bench/git-credential-pat-bench"), "get"},
                      {"PATH=/usr/bin:/bin"},
                      "protocol=https\nhost=" + seeded.hosts.front() + "\n",
                      "password="};
    Series first{"first get, which starts patd", "us", {}};
    Series warm{"a get after it", "us", {}};
    // The first round reads the program from the disk, and does not count.
    for (std::size_t round = 0; round <= options.rounds; ++round) {
        const Background process(patd);
        wait_until_held(files.socket);
        const double started = run_timed(get) * 1e6;
        run_timed(get);
        const double next = run_timed(get) * 1e6;
        if (round == 0)
            continue;
        first.values.push_back(started);
        warm.values.push_back(next);
    }
    Report report("The first get after activation by the socket");
    report.add_note(std::to_string(options.rounds) + " rounds, whole processes.");
    report.add(first);
    report.add(warm);
    report.add_ratio(first.name + " / " + warm.name, paired_ratio(first, warm),
                     Target{Bound::AtMost, 4.5});
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
