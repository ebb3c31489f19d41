// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "bench/seed.h"
#include "bench/spawn.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

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

// Programs of the same build, found next to the bench's own, or of another one.
std::string built_program(const std::string& path_in_build, const std::string& build = "");
// Of the other build, or of this one if it lacks that.
std::string either_program(const std::string& path_in_build, const std::string& build);

// A message bus on which everybody may send everything; no limits are named, so those of the
// system's bus apply.
Command open_bus(const std::string& socket, const std::string& config_file);
// patd-auth, started for each connection to `socket`, with PAM's configuration in `pam_directory`.
Command auth_command(const std::string& socket, const std::string& state_directory,
                     const std::string& pam_directory, const std::string& build);
// <config_root>/etc/patd/permissions.d/bench.conf, with these.
void write_catalogue(const std::string& config_root, const std::vector<std::string>& permissions);

// The server that a bench talks to: patd on a store that was filled for it, or a stand-in with a
// fixed answer, to try the bench itself.
struct LineServer {
    std::string socket;
    Seeded seeded;
    std::unique_ptr<Background> process;
};

struct ServerOptions {
    std::string name = "patd";  // of its directory and socket below the workspace
    Seed seed = {};
    std::string bus_address = "none";
    std::string auth_socket = "no-auth";  // nobody listens there
    std::string build = "";               // the directory of another build, whose patd it is
};

// How patd is started on a store in `state`, with its key in `key`.
struct PatdFiles {
    std::string state;
    std::string key;
    std::string socket;
};
Command patd_command(const PatdFiles& files, const ServerOptions& options);
LineServer start_patd(const Workspace& workspace, const ServerOptions& options);

// One thread, epoll: `reply` is its answer; "" echoes the request.
LineServer start_echo(const Workspace& workspace, const std::string& name,
                      const std::string& reply);

// `patd=1`, `op=get`, ... as git-credential-pat sends it.
std::string get_request(const std::string& host, const std::string& path = "");

}  // namespace patd::bench
