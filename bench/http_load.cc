// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// http_load SOCKET CLIENTS CALLS END REQUEST...: clients on kept connections, each of which sends
// its next request when it has the answer, which ends with END and says 200. A REQUEST is a file.
// Prints the requests a second of all of them.
#include "bench/connection.h"
#include "bench/report.h"
#include "common/base/parse_number.h"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <vector>

namespace patd::bench {
namespace {

struct Load {
    std::string socket;
    std::size_t clients = 0;
    std::size_t calls = 0;
    std::string end;
    std::vector<std::string> requests;
};

std::string read_file(const char* path) {
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
}

void call_repeatedly(const Load& load, std::size_t client) {
    Connection connection(load.socket);
    const std::string& request = load.requests[client % load.requests.size()];
    for (std::size_t call = 0; call < load.calls; ++call) {
        if (!connection.call(request, load.end).starts_with("HTTP/1.1 200 "))
            throw std::runtime_error("a wrong answer");
    }
}

double measure(const Load& load) {
    std::atomic<bool> failed = false;
    const auto start = std::chrono::steady_clock::now();
    {
        std::vector<std::jthread> threads;
        for (std::size_t client = 0; client < load.clients; ++client) {
            threads.emplace_back([&load, &failed, client] {
                try {
                    call_repeatedly(load, client);
                } catch (const std::exception&) {
                    failed = true;
                }
            });
        }
    }
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    if (failed)
        throw std::runtime_error(load.socket + " failed");
    return static_cast<double>(load.clients * load.calls) / elapsed.count();
}

int run(int argc, char** argv) {
    if (argc < 6)
        throw std::runtime_error("SOCKET CLIENTS CALLS END REQUEST...");
    Load load{argv[1],
              parse_number<std::size_t>(argv[2]).value_or(0),
              parse_number<std::size_t>(argv[3]).value_or(0),
              argv[4],
              {}};
    for (int i = 5; i < argc; ++i)
        load.requests.push_back(read_file(argv[i]));
    std::printf("%.1f\n", measure(load));
    return 0;
}

}  // namespace
}  // namespace patd::bench

int main(int argc, char** argv) {
    return patd::bench::guarded([&] { return patd::bench::run(argc, argv); });
}
