// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// fill_store DIRECTORY: makes DIRECTORY/state and DIRECTORY/key, a store with 100 tokens of root's,
// and prints a `get` and a `verify` for the line socket, as JSON. For tests/performance.
#include "bench/report.h"
#include "bench/server.h"

#include <nlohmann/json.hpp>

#include <cstdio>
#include <stdexcept>

int main(int argc, char** argv) {
    return patd::bench::guarded([&] {
        if (argc != 2)
            throw std::runtime_error("usage: fill_store DIRECTORY");
        const std::string directory = argv[1];
        const patd::bench::Seeded seeded =
            patd::bench::seed_store({}, directory + "/state", directory + "/key", directory);
        const nlohmann::json requests = {
            {"host", seeded.hosts.front()},
            {"get", patd::bench::get_request(seeded.hosts.front())},
            {"verify", seeded.verifications.front()},
        };
        return std::puts(requests.dump().c_str()) < 0 ? 1 : 0;
    });
}
