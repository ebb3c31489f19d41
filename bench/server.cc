// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "bench/server.h"

#include "bench/other_build.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
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

std::string built_program(const std::string& path_in_build, const std::string& build) {
    // This program is BUILD/bench/NAME.
    const std::filesystem::path own = std::filesystem::read_symlink("/proc/self/exe");
    const std::filesystem::path from =
        build.empty() ? own.parent_path().parent_path() : std::filesystem::path(build);
    std::string program = from / path_in_build;
    if (::access(program.c_str(), X_OK) != 0)
        throw std::runtime_error("build " + program + " first");
    return program;
}

std::string either_program(const std::string& path_in_build, const std::string& build) {
    const bool has = !build.empty() && std::filesystem::exists(build + "/" + path_in_build);
    return built_program(path_in_build, has ? build : "");
}

Command open_bus(const std::string& socket, const std::string& config_file) {
    std::ofstream(config_file) << "<busconfig><type>system</type><listen>unix:path=" << socket
                               << R"(</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_type="method_call"/>
<allow send_type="signal"/><allow send_requested_reply="true" send_type="method_return"/>
<allow send_requested_reply="true" send_type="error"/><allow receive_type="method_call"/>
<allow receive_type="signal"/><allow receive_type="method_return"/><allow receive_type="error"/>
</policy></busconfig>)";
    Command command;
    command.arguments = {"/usr/bin/dbus-daemon", "--nofork", "--nopidfile",
                         "--config-file=" + config_file};
    command.environment = {"PATH=/usr/bin:/bin"};
    command.silent = true;  // it reports every limit that a storm hits
    return command;
}

Command auth_command(const std::string& socket, const std::string& state_directory,
                     const std::string& pam_directory, const std::string& build) {
    Command command;
    command.arguments = {"/usr/bin/systemd-socket-activate",
                         "--accept",
                         "--inetd",
                         "--listen=" + socket,
                         either_program("auth/patd-auth", build),
                         "--state-dir",
                         state_directory,
                         "--pam-confdir",
                         pam_directory};
    command.environment = {"PATH=/usr/bin:/bin"};
    command.silent = true;  // both print a line for every conversation
    return command;
}

void write_catalogue(const std::string& config_root, const std::vector<std::string>& permissions) {
    const std::string directory = config_root + "/etc/patd/permissions.d";
    std::filesystem::create_directories(directory);
    std::ofstream file(directory + "/bench.conf");
    std::set<std::string> areas;
    for (const std::string& permission : permissions) {
        const std::string area = permission.substr(0, permission.find(':'));
        if (areas.insert(area).second)
            file << "[" << area << "]\nDescription=An area\n";
    }
    for (const std::string& permission : permissions)
        file << "[" << permission << "]\nAccess=ro rw\nDescription=A thing\n";
}

Command patd_command(const PatdFiles& files, const ServerOptions& options) {
    Command command;
    command.arguments = {built_program("daemon/patd", options.build),
                         "--state-dir",
                         files.state,
                         "--socket",
                         files.socket,
                         "--auth-socket",
                         options.auth_socket,
                         "--enroll-socket",
                         files.socket + ".no-enroll",
                         "--master-key",
                         files.key,
                         "--bus-address",
                         options.bus_address};
    // The machine's own counts for another store. Another build may not know it.
    if (options.build.empty()) {
        for (const std::string& word : {std::string("--counter-socket"), files.socket + ".no-one"})
            command.arguments.push_back(word);
    }
    command.environment = {"PATH=/usr/bin:/bin"};
    return command;
}

LineServer start_patd(const Workspace& workspace, const ServerOptions& options) {
    const PatdFiles files{workspace.disk(options.name + ".state"),
                          workspace.disk(options.name + ".key"), workspace.disk(options.name)};
    LineServer server;
    server.socket = files.socket;
    server.seeded =
        options.build.empty()
            ? seed_store(options.seed, files.state, files.key, workspace.scratch())
            : seed_by_patd(options.seed, files, options.build, files.state + ".filling");
    server.process = std::make_unique<Background>(patd_command(files, options));
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
