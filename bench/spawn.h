// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace patd::bench {

struct Command {
    std::vector<std::string> arguments;    // the program's path first
    std::vector<std::string> environment;  // KEY=VALUE, and nothing else
    std::string input = {};                // standard input: a pipe that holds this and is closed
    std::string expected = {};             // what standard output must contain
    bool silent = false;                   // standard error goes nowhere
};

// Runs the command as git would: one posix_spawn, standard output read to its end, reaped. Gives
// the seconds from before the spawn to after the reap. Throws std::runtime_error when the exit
// status is not 0 or the output is not the right one. Safe from several threads.
double run_timed(const Command& command);

// A process that goes on in the background and is ended with this object. What it complains of goes
// to standard error.
class Background {
  public:
    explicit Background(const Command& command);
    ~Background();
    Background(const Background&) = delete;
    Background& operator=(const Background&) = delete;

    pid_t pid() const { return pid_; }
    // For one that may not hear SIGTERM: the end of this object only reaps it then.
    void kill_now() const;
    // Waits until a connect(2) to the socket succeeds. Throws when the process ends before, or ten
    // seconds pass.
    void wait_until_listening(const std::string& socket_path) const;

  private:
    pid_t pid_ = -1;
};

// The own environment, with `changes` (KEY=VALUE) put in.
std::vector<std::string> environment_with(const std::vector<std::string>& changes);

}  // namespace patd::bench
