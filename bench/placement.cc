// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "bench/placement.h"

#include <sched.h>

#include <stdexcept>

namespace patd::bench {
namespace {

void run_on(unsigned cpu) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    if (::sched_setaffinity(0, sizeof(set), &set) != 0)
        throw std::runtime_error("sched_setaffinity");
}

}  // namespace

void add_placement(CLI::App& app, Placement& placement) {
    CLI::Option* one = app.add_flag_callback(
        "--one-cpu", [&placement] { placement = Placement::OneCpu; },
        "clients and servers on one CPU");
    app.add_flag_callback(
           "--two-cpus", [&placement] { placement = Placement::TwoCpus; },
           "clients on one CPU, servers on another")
        ->excludes(one);
}

void place_servers(Placement placement) {
    if (placement != Placement::Free)
        run_on(0);
}

void place_clients(Placement placement) {
    if (placement == Placement::TwoCpus)
        run_on(1);
}

const char* placement_text(Placement placement) {
    switch (placement) {
        case Placement::Free:
            break;
        case Placement::OneCpu:
            return "All on one CPU.";
        case Placement::TwoCpus:
            return "Clients on one CPU, servers on another.";
    }
    return "Clients and servers where the scheduler puts them.";
}

}  // namespace patd::bench
