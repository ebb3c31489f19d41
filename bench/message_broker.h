// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/unique_fd.h"
#include "common/bus/handles.h"

#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace patd::bench {

// A private dbus-broker(1) that listens at `path`, where everybody may send everything to
// everybody. Its controller tells it where to listen; that is this object, not
// dbus-broker-launch(1), which needs systemd. The limits are those given here. It ends with the
// object. Throws std::runtime_error.
class MessageBroker {
  public:
    explicit MessageBroker(const std::string& path) {
        std::array<int, 2> ends{};
        must(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), "socketpair");
        const UniqueFd brokers(ends[1]);
        spawn(brokers.get());
        sd_bus* raw = nullptr;
        must(sd_bus_new(&raw), "sd_bus_new");
        controller_.reset(raw);
        must(sd_bus_set_fd(raw, ends[0], ends[0]), "sd_bus_set_fd");
        must(sd_bus_negotiate_fds(raw, 1), "sd_bus_negotiate_fds");
        must(sd_bus_start(raw), "sd_bus_start");
        add_listener(path);
    }
    ~MessageBroker() {
        ::kill(pid_, SIGTERM);
        ::waitpid(pid_, nullptr, 0);
    }
    MessageBroker(const MessageBroker&) = delete;
    MessageBroker& operator=(const MessageBroker&) = delete;

    pid_t pid() const { return pid_; }

  private:
    static void must(int result, const char* what) {
        if (result < 0)
            throw std::runtime_error("dbus-broker: " + std::string(what));
    }
    void spawn(int controlled) {
        std::vector<std::string> arguments = {
            "dbus-broker", "--controller", "3",         "--machine-id", std::string(32, '1'),
            "--max-bytes", "536870912",    "--max-fds", "4096",         "--max-matches",
            "16384"};
        std::vector<char*> argv;
        argv.reserve(arguments.size() + 1);
        for (std::string& argument : arguments)
            argv.push_back(argument.data());
        argv.push_back(nullptr);
        posix_spawn_file_actions_t actions;
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_adddup2(&actions, controlled, 3);
        const int error = ::posix_spawnp(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
        ::posix_spawn_file_actions_destroy(&actions);
        if (error != 0)
            throw std::runtime_error("cannot start dbus-broker");
    }
    void add_listener(const std::string& path) {
        const UniqueFd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        must(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), "bind");
        must(::listen(listener.get(), kBacklog), "listen");
        must(::chmod(path.c_str(), 0666), "chmod");
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
    }
    // Verdict and priority first: everybody may connect, own every name, send and receive
    // everything.
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

    static constexpr int kBacklog = 64;
    bus::BusPtr controller_;
    pid_t pid_ = -1;
};

}  // namespace patd::bench
