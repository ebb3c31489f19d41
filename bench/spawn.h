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
    std::string input = {};      // standard input: a pipe that holds this and is then closed
    std::string expected = {};   // what standard output must contain
    bool silent = false;         // standard error is discarded
    std::string directory = {};  // where it runs; "": where the bench does
};

// Runs the command as git would: one posix_spawn, standard output read to its end, reaped. Returns
// the seconds from before the spawn to after the reap. Throws std::runtime_error if the exit status
// is not 0 or the output is wrong. Safe from several threads.
double run_timed(const Command& command);

struct Finished {
    double seconds;
    std::string output;
};
// The same, with what it wrote to standard output.
Finished run_to_end(const Command& command);

// A process in the background, which ends with this object. Its complaints go to standard error.
class Background {
  public:
    explicit Background(const Command& command);
    ~Background();
    Background(const Background&) = delete;
    Background& operator=(const Background&) = delete;

    pid_t pid() const { return pid_; }
    // For a process that may not react to SIGTERM: the end of this object then only reaps it.
    void kill_now() const;
    // Waits until a connect(2) to the socket succeeds. Throws if the process ends first, or ten
    // seconds pass.
    void wait_until_listening(const std::string& socket_path) const;

  private:
    pid_t pid_ = -1;
};

// Our own environment, with `changes` (KEY=VALUE) applied.
std::vector<std::string> environment_with(const std::vector<std::string>& changes);

}  // namespace patd::bench
