// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <CLI/CLI.hpp>

namespace patd::bench {

// Which CPUs the clients and the servers of a bench run on. A call of one client costs 9 to 15 us
// where the scheduler has put both ends on one CPU, and two to five times that across two, where
// each end is woken on the other CPU; a bench that places neither measures now one, now the other.
enum class Placement { Free, OneCpu, TwoCpus };

// --one-cpu and --two-cpus.
void add_placement(CLI::App& app, Placement& placement);

// Before the servers start, which inherit it. Throws std::runtime_error where the machine has not
// got the CPUs.
void place_servers(Placement placement);
// After they have started.
void place_clients(Placement placement);

// How a note of the report says it.
const char* placement_text(Placement placement);

}  // namespace patd::bench
