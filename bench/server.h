// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "bench/seed.h"
#include "bench/spawn.h"

#include <memory>
#include <string>
#include <string_view>

namespace patd::bench {

// Private directories of one bench run, 0700 and removed at its end: `disk` on a disk, because patd
// syncs, and `scratch` in memory. The process's working directory is `disk`, where the bench's
// helper looks for `./socket`.
class Workspace {
  public:
    Workspace();
    ~Workspace();
    Workspace(const Workspace&) = delete;
    Workspace& operator=(const Workspace&) = delete;

    std::string disk(std::string_view name) const { return disk_ + "/" + std::string(name); }
    const std::string& scratch() const { return scratch_; }
    // Lets every user reach files in `disk` that are themselves open to them, as sockets are.
    void let_others_in() const;

  private:
    std::string disk_;
    std::string scratch_;
};

// Programs of the same build, found next to the bench's own.
std::string built_program(const std::string& path_in_build);

// The server that a bench talks to: patd on a store that was filled for it, or a stand-in with a
// fixed answer, to try the bench itself.
struct LineServer {
    std::string socket;
    Seeded seeded;
    std::unique_ptr<Background> process;
};

struct ServerOptions {
    std::string name = "patd";  // of its directory and socket below the workspace
    Seed seed;
    std::string bus_address = "none";
    std::string auth_socket = "no-auth";  // nobody listens there
};

LineServer start_patd(const Workspace& workspace, const ServerOptions& options);

// One thread, epoll: `reply` is its answer; "" echoes the request.
LineServer start_echo(const Workspace& workspace, const std::string& name,
                      const std::string& reply);

// `patd=1`, `op=get`, ... as git-credential-pat sends it.
std::string get_request(const std::string& host, const std::string& path = "");

}  // namespace patd::bench
