// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/bus/handles.h"
#include "tests/support/bus_pair.h"
#include "tests/support/temporary_directory.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <array>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace patd::support {

// A message bus of the test's own, of the type of a system bus with its program's own limits, on
// which every user may say everything to everybody: the worst case for a service. It ends with the
// object, and nothing else does.
class SystemBus {
  public:
    enum class Program { DbusDaemon, DbusBroker };

    explicit SystemBus(Program program = Program::DbusDaemon) {
        std::filesystem::permissions(directory_.path(), std::filesystem::perms(0755));
        if (program == Program::DbusBroker)
            start_broker();
        else
            start_daemon();
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
    // Starts `arguments` with `fd` as its descriptor number `as`.
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
<allow send_type="signal"/><allow send_requested_reply="true" send_type="method_return"/>
<allow send_requested_reply="true" send_type="error"/><allow receive_type="method_call"/>
<allow receive_type="signal"/><allow receive_type="method_return"/><allow receive_type="error"/>
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

    // dbus-broker(1) is told by its controller where to listen; the controller is this object and
    // not dbus-broker-launch(1), which needs systemd. The limits are those that one gives it.
    void start_broker() {
        std::array<int, 2> ends{};
        must(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), "socketpair");
        UniqueFd brokers(ends[1]);
        spawn({"dbus-broker", "--controller", "3", "--machine-id", std::string(32, '1'),
               "--max-bytes", "536870912", "--max-fds", "4096", "--max-matches", "16384"},
              brokers.get(), 3);
        brokers.reset();
        sd_bus* raw = nullptr;
        must(sd_bus_new(&raw), "sd_bus_new");
        controller_.reset(raw);
        must(sd_bus_set_fd(raw, ends[0], ends[0]), "sd_bus_set_fd");
        must(sd_bus_negotiate_fds(raw, 1), "sd_bus_negotiate_fds");
        must(sd_bus_start(raw), "sd_bus_start");
        add_listener(directory_.file("bus"));
    }
    void add_listener(const std::string& path) {
        const UniqueFd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
        must(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), "bind");
        must(::listen(listener.get(), 64), "listen");
        std::filesystem::permissions(path, std::filesystem::perms(0666));
        sd_bus_message* raw = nullptr;
        must(sd_bus_message_new_method_call(controller_.get(), &raw, nullptr,
                                            "/org/bus1/DBus/Broker", "org.bus1.DBus.Broker",
                                            "AddListener"),
             "new_method_call");
        const bus::MessagePtr call(raw);
        must(sd_bus_message_append(raw, "oh", "/org/bus1/DBus/Listener/0", listener.get()),
             "append listener");
        append_policy(raw);
        must(sd_bus_call(controller_.get(), raw, 0, nullptr, nullptr), "AddListener");
        address_ = "unix:path=" + path;
    }
    // Verdict and priority first: everybody may connect, own every name, send and receive all.
    static void append_policy(sd_bus_message* call) {
        constexpr char kPolicy[] =
            "(a(u(bta(btbs)a(btssssuutt)a(btssssuutt)))"
            "a(buu(bta(btbs)a(btssssuutt)a(btssssuutt)))a(ss)bs)";
        const std::uint64_t first = 1;
        const std::uint64_t any = UINT64_MAX;
        const std::uint64_t none = 0;
        must(sd_bus_message_append(call, "v", kPolicy,       //
                                   1, UINT32_MAX, 1, first,  // every uid; connect
                                   1, 1, first, 1, "",       // own
                                   1, 1, first, "", "", "", "", 0U, 0U, none, any,  // send
                                   1, 1, first, "", "", "", "", 0U, 0U, none, any,  // receive
                                   0, 0, 0, "system"),
             "append policy");
    }

    TemporaryDirectory directory_;
    bus::BusPtr controller_;  // of dbus-broker
    std::string address_;
    pid_t pid_ = -1;
};

}  // namespace patd::support
