// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <CLI/CLI.hpp>

namespace patd::bench {

// Which CPUs a bench's clients and servers run on. One client's call costs 9 to 15 us if the
// scheduler has put both ends on one CPU, and two to five times that across two, where each end is
// woken on the other CPU; a bench that pins neither measures now one, now the other.
enum class Placement { Free, OneCpu, TwoCpus };

// --one-cpu and --two-cpus.
void add_placement(CLI::App& app, Placement& placement);

// Call before the servers start, which inherit it. Throws std::runtime_error if the machine does
// not have the CPUs.
void place_servers(Placement placement);
// Call after they have started.
void place_clients(Placement placement);

// The words for a note in the report.
const char* placement_text(Placement placement);

}  // namespace patd::bench
