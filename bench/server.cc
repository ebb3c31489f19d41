// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "bench/server.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace patd::bench {
namespace {

std::string make_directory(std::string name) {
    if (::mkdtemp(name.data()) == nullptr)
        throw std::runtime_error("cannot make " + name);
    return name;
}

}  // namespace

Workspace::Workspace()
    : disk_(make_directory("/var/tmp/patd-bench-XXXXXX")),
      scratch_(make_directory("/dev/shm/patd-bench-XXXXXX")) {
    if (::chdir(disk_.c_str()) != 0)
        throw std::runtime_error("chdir");
}

Workspace::~Workspace() {
    std::error_code ignored;
    std::filesystem::remove_all(disk_, ignored);
    std::filesystem::remove_all(scratch_, ignored);
}

void Workspace::let_others_in() const {
    std::filesystem::permissions(disk_, std::filesystem::perms(0711));
}

std::string built_program(const std::string& path_in_build) {
    // This program is BUILD/bench/NAME.
    const std::filesystem::path own = std::filesystem::read_symlink("/proc/self/exe");
    std::string program = own.parent_path().parent_path() / path_in_build;
    if (::access(program.c_str(), X_OK) != 0)
        throw std::runtime_error("build " + program + " first");
    return program;
}

LineServer start_patd(const Workspace& workspace, const ServerOptions& options) {
    const std::string state = workspace.disk(options.name + ".state");
    const std::string key = workspace.disk(options.name + ".key");
    LineServer server;
    server.socket = workspace.disk(options.name);
    server.seeded = seed_store(options.seed, state, key, workspace.scratch());
    Command command;
    command.arguments = {built_program("daemon/patd"),
                         "--state-dir",
                         state,
                         "--socket",
                         server.socket,
                         "--auth-socket",
                         options.auth_socket,
                         "--enroll-socket",
                         workspace.disk("no-enroll"),
                         "--master-key",
                         key,
                         "--bus-address",
                         options.bus_address};
    command.environment = {"PATH=/usr/bin:/bin"};
    server.process = std::make_unique<Background>(command);
    server.process->wait_until_listening(server.socket);
    return server;
}

LineServer start_echo(const Workspace& workspace, const std::string& name,
                      const std::string& reply) {
    LineServer server;
    server.socket = workspace.disk(name);
    Command command;
    command.arguments = {built_program("bench/echo_server"), server.socket};
    if (!reply.empty()) {
        std::ofstream(server.socket + ".reply") << reply;
        command.arguments.push_back(server.socket + ".reply");
    }
    server.process = std::make_unique<Background>(command);
    server.process->wait_until_listening(server.socket);
    return server;
}

std::string get_request(const std::string& host, const std::string& path) {
    const std::string where = path.empty() ? "" : "path=" + path + "\n";
    return "patd=1\nop=get\nprotocol=https\nhost=" + host + "\n" + where + "\n";
}

}  // namespace patd::bench
