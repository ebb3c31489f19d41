// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "bench/message_broker.h"
#include "common/bus/handles.h"
#include "tests/support/bus_pair.h"
#include "tests/support/temporary_directory.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace patd::support {

// A message bus for the test, configured like a system bus with its program's own limits, on which
// every user may send everything to everybody: the worst case for a service. It ends with the
// object, and only then.
class SystemBus {
  public:
    enum class Program { DbusDaemon, DbusBroker };

    explicit SystemBus(Program program = Program::DbusDaemon) {
        std::filesystem::permissions(directory_.path(), std::filesystem::perms(0755));
        if (program == Program::DbusDaemon) {
            start_daemon();
        } else {
            address_ = "unix:path=" + directory_.file("bus");
            broker_.emplace(directory_.file("bus"));
        }
    }
    ~SystemBus() {
        if (broker_)
            return;
        ::kill(pid_, SIGTERM);
        ::waitpid(pid_, nullptr, 0);
    }
    SystemBus(const SystemBus&) = delete;
    SystemBus& operator=(const SystemBus&) = delete;

    const std::string& address() const { return address_; }
    pid_t pid() const { return broker_ ? broker_->pid() : pid_; }

    // A new connection as this thread's user; it works without a loop.
    bus::BusPtr connect() const {
        sd_bus* raw = nullptr;
        must(sd_bus_new(&raw), "sd_bus_new");
        bus::BusPtr bus(raw);
        must(sd_bus_set_address(raw, address_.c_str()), "sd_bus_set_address");
        must(sd_bus_set_bus_client(raw, 1), "sd_bus_set_bus_client");
        must(sd_bus_negotiate_fds(raw, 1), "sd_bus_negotiate_fds");
        must(sd_bus_start(raw), "sd_bus_start");
        const char* name = nullptr;
        must(sd_bus_get_unique_name(raw, &name), "sd_bus_get_unique_name");
        return bus;
    }
    bus::BusPtr connect(bus::EventLoop& loop) const {
        bus::BusPtr bus = connect();
        must(sd_bus_attach_event(bus.get(), loop.get(), 0), "sd_bus_attach_event");
        return bus;
    }

  private:
    // Starts `arguments` with `fd` as descriptor number `as`.
    void spawn(std::vector<std::string> arguments, int fd, int as) {
        posix_spawn_file_actions_t actions;
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_adddup2(&actions, fd, as);
        std::vector<char*> argv;
        for (std::string& argument : arguments)
            argv.push_back(argument.data());
        argv.push_back(nullptr);
        const int error = ::posix_spawnp(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
        ::posix_spawn_file_actions_destroy(&actions);
        if (error != 0)
            throw std::runtime_error("cannot start " + arguments[0]);
    }

    void start_daemon() {
        const std::string config = directory_.file("bus.conf");
        std::ofstream(config) << R"(<busconfig><type>system</type><listen>unix:path=)"
                              << directory_.file("bus") << R"(</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_type="method_call"/>
<allow send_type="signal"/><allow send_requested_reply="false" send_type="method_return"/>
<allow send_requested_reply="false" send_type="error"/><allow receive_type="method_call"/>
<allow receive_type="signal"/>
<allow receive_requested_reply="false" receive_type="method_return"/>
<allow receive_requested_reply="false" receive_type="error"/>
</policy></busconfig>)";
        std::array<int, 2> pipe{};
        must(::pipe2(pipe.data(), O_CLOEXEC), "pipe2");
        const UniqueFd reader(pipe[0]);
        UniqueFd writer(pipe[1]);
        spawn({"dbus-daemon", "--config-file=" + config, "--nofork", "--print-address=1"},
              writer.get(), STDOUT_FILENO);
        writer.reset();
        char byte = 0;
        while (::read(reader.get(), &byte, 1) == 1 && byte != '\n')
            address_ += byte;
        if (address_.empty())
            throw std::runtime_error("dbus-daemon does not start");
    }

    TemporaryDirectory directory_;
    std::optional<bench::MessageBroker> broker_;
    std::string address_;
    pid_t pid_ = -1;  // of dbus-daemon
};

}  // namespace patd::support
