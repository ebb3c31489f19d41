// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/bus/handles.h"
#include "tests/support/bus_pair.h"
#include "tests/support/temporary_directory.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <array>
#include <fstream>
#include <stdexcept>
#include <string>

namespace patd::support {

// A dbus-daemon of the test's own, of the type of a system bus, on which every user may say
// everything to everybody: the worst case for a service. It ends with the object, and nothing else
// does.
class SystemBus {
  public:
    SystemBus() {
        std::filesystem::permissions(directory_.path(), std::filesystem::perms(0755));
        const std::string config = directory_.file("bus.conf");
        std::ofstream(config) << R"(<busconfig><type>system</type><listen>unix:path=)"
                              << directory_.file("bus") << R"(</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_type="method_call"/>
<allow send_type="signal"/><allow send_requested_reply="true" send_type="method_return"/>
<allow send_requested_reply="true" send_type="error"/><allow receive_type="method_call"/>
<allow receive_type="signal"/><allow receive_type="method_return"/><allow receive_type="error"/>
</policy></busconfig>)";
        start(config);
    }
    ~SystemBus() {
        ::kill(pid_, SIGTERM);
        ::waitpid(pid_, nullptr, 0);
    }
    SystemBus(const SystemBus&) = delete;
    SystemBus& operator=(const SystemBus&) = delete;

    const std::string& address() const { return address_; }
    pid_t pid() const { return pid_; }

    // A new connection of this thread's user; it works without a loop.
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
    void start(const std::string& config) {
        std::array<int, 2> pipe{};
        must(::pipe2(pipe.data(), O_CLOEXEC), "pipe2");
        const UniqueFd reader(pipe[0]);
        UniqueFd writer(pipe[1]);
        posix_spawn_file_actions_t actions;
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_adddup2(&actions, writer.get(), STDOUT_FILENO);
        std::string program = "dbus-daemon";
        std::string option = "--config-file=" + config;
        std::string nofork = "--nofork";
        std::string print = "--print-address=1";
        std::array<char*, 5> arguments = {program.data(), option.data(), nofork.data(),
                                          print.data(), nullptr};
        const int error =
            ::posix_spawnp(&pid_, program.c_str(), &actions, nullptr, arguments.data(), environ);
        ::posix_spawn_file_actions_destroy(&actions);
        if (error != 0)
            throw std::runtime_error("cannot start dbus-daemon");
        writer.reset();
        char byte = 0;
        while (::read(reader.get(), &byte, 1) == 1 && byte != '\n')
            address_ += byte;
        if (address_.empty())
            throw std::runtime_error("dbus-daemon does not start");
    }

    TemporaryDirectory directory_;
    std::string address_;
    pid_t pid_ = -1;
};

}  // namespace patd::support
