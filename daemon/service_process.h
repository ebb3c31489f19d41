// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/command_line.h"
#include "daemon/daemon.h"

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

namespace patd {

// What the processes of the system service and of per-user mode have in common. Call all but
// serve() before any thread is made.

// No other process of this uid may read our memory, and no core dump may hold it; the signals of
// serve() wait for its loop.
void protect_process();
// The few threads take turns anyway; separate heaps would be most of the memory that they use.
void use_one_heap();

// Makes this process, while it is root's and has one thread, one of `account`: what root may read,
// the service may not always. Nothing happens where there is no such account. Unavailable: the
// system does not let it.
Result<void> become(const char* account);

// What is asked instead of serving, done: --check-config (0, EX_CONFIG or EX_TEMPFAIL) or --refuse,
// with `why`. Nothing: to be served.
std::optional<int> run_other_task(const CommandLine& line, const Config& config,
                                  std::string_view why);

// Serves until a signal ends it, and gives the exit status: EX_CONFIG of sysexits.h for what stays
// as it is until somebody fixes it, which the units do not start again; EX_TEMPFAIL where the
// configuration could not be read now. `make_gate` is empty for
// the system service.
using MakeGate = std::function<Result<std::unique_ptr<StoreGate>>()>;
int serve(const DaemonOptions& options, const Config& config, const MakeGate& make_gate = {});

}  // namespace patd
