// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/unique_fd.h"
#include "common/bus/handles.h"
#include "tests/support/bus_pair.h"
#include "tests/support/temporary_directory.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace patd::support {

// A child process that ends with the object.
class Child {
  public:
    Child() = default;
    // `input` goes to its standard input through a pipe that is then closed; standard output comes
    // back through `output`, unless that is -1.
    Child(const std::vector<std::string>& arguments, const std::string& input, int output) {
        std::array<int, 2> pipe{};
        must(::pipe2(pipe.data(), O_CLOEXEC), "pipe2");
        const UniqueFd reader(pipe[0]);
        UniqueFd writer(pipe[1]);
        posix_spawn_file_actions_t actions;
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_adddup2(&actions, reader.get(), STDIN_FILENO);
        if (output >= 0)
            ::posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
        std::vector<char*> argv;
        for (const std::string& argument : arguments)
            argv.push_back(const_cast<char*>(argument.c_str()));
        argv.push_back(nullptr);
        const int error = ::posix_spawnp(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
        ::posix_spawn_file_actions_destroy(&actions);
        if (error != 0)
            throw std::runtime_error("cannot start " + arguments[0]);
        if (::write(writer.get(), input.data(), input.size()) != static_cast<ssize_t>(input.size()))
            throw std::runtime_error("write");
    }
    Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}
    Child& operator=(Child&& other) noexcept {
        end(SIGKILL);
        pid_ = std::exchange(other.pid_, -1);
        return *this;
    }
    ~Child() { end(SIGTERM); }

    void end(int signal) {
        if (pid_ <= 0)
            return;
        ::kill(pid_, signal);
        wait();
    }
    int wait() {
        int status = 0;
        ::waitpid(std::exchange(pid_, -1), &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    pid_t pid() const { return pid_; }

  private:
    pid_t pid_ = -1;
};

// A session bus for the test, which from then on is this process's session bus. Another user may
// own names on it: the worst case. All of it is in a directory that is removed with the object.
class SessionBus {
  public:
    SessionBus() {
        const std::string config = directory_.file("bus.conf");
        std::filesystem::create_directory(directory_.file("services"));
        std::ofstream(config) << R"(<busconfig><type>session</type><listen>unix:path=)"
                              << directory_.file("bus") << R"(</listen><servicedir>)"
                              << directory_.file("services")
                              << R"(</servicedir><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_destination="*"/>
<allow receive_sender="*"/></policy></busconfig>)";
        std::array<int, 2> pipe{};
        must(::pipe2(pipe.data(), O_CLOEXEC), "pipe2");
        const UniqueFd reader(pipe[0]);
        UniqueFd writer(pipe[1]);
        std::filesystem::permissions(directory_.path(), std::filesystem::perms(0755));
        daemon_ = Child({"dbus-daemon", "--config-file=" + config, "--nofork", "--print-address=1"},
                        "", writer.get());
        writer.reset();
        char byte = 0;
        while (::read(reader.get(), &byte, 1) == 1 && byte != '\n')
            address_ += byte;
        if (address_.empty())
            throw std::runtime_error("dbus-daemon does not start");
        must(::setenv("DBUS_SESSION_BUS_ADDRESS", address_.c_str(), 1), "setenv");
    }

    const std::string& address() const { return address_; }
    std::string file(const std::string& name) const { return directory_.file(name); }
    bus::BusPtr connect() const {
        sd_bus* raw = nullptr;
        must(sd_bus_open_user(&raw), "sd_bus_open_user");
        return bus::BusPtr(raw);
    }

  private:
    TemporaryDirectory directory_;
    std::string address_;
    Child daemon_;
};

// A headless desktop: a session bus and a real gnome-keyring-daemon, whose login keyring is
// unlocked with a password from its standard input, as pam_gnome_keyring does.
class Desktop {
  public:
    static constexpr char kService[] = "org.freedesktop.secrets";
    static constexpr char kCollection[] = "/org/freedesktop/secrets/collection/login";
    static constexpr char kServicePath[] = "/org/freedesktop/secrets";

    Desktop() {
        for (const auto& [name, folder] :
             {std::pair{"HOME", "home"}, {"XDG_RUNTIME_DIR", "run"}, {"XDG_DATA_HOME", "data"}}) {
            std::filesystem::create_directory(bus_.file(folder));
            std::filesystem::permissions(bus_.file(folder), std::filesystem::perms(0700));
            must(::setenv(name, bus_.file(folder).c_str(), 1), "setenv");
        }
        start();
    }

    const SessionBus& bus() const { return bus_; }
    pid_t keyring_pid() const { return keyring_.pid(); }
    std::string keyring_file() const { return bus_.file("data/keyrings/login.keyring"); }

    void start() {
        std::array<int, 2> pipe{};
        must(::pipe2(pipe.data(), O_CLOEXEC), "pipe2");
        const UniqueFd reader(pipe[0]);
        UniqueFd writer(pipe[1]);
        // It prints its environment once it owns its name.
        keyring_ =
            Child({"gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"},
                  kPassword, writer.get());
        writer.reset();
        await_owner();
    }
    void kill() {
        keyring_.end(SIGKILL);
        while (has_owner())
            ::poll(nullptr, 0, 1);
    }
    void lock() { call_with_paths("Lock"); }
    // As the desktop does when the user types the password.
    void unlock() {
        const bus::BusPtr bus = bus_.connect();
        sd_bus_message* raw = nullptr;
        must(sd_bus_call_method(bus.get(), kService, kServicePath, "org.freedesktop.Secret.Service",
                                "OpenSession", nullptr, &raw, "sv", "plain", "s", ""),
             "OpenSession");
        const bus::MessagePtr session(raw);
        const char* path = nullptr;
        must(sd_bus_message_skip(raw, "v"), "skip");
        must(sd_bus_message_read(raw, "o", &path), "read");
        raw = nullptr;
        must(sd_bus_message_new_method_call(
                 bus.get(), &raw, kService, kServicePath,
                 "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface",
                 "UnlockWithMasterPassword"),
             "new call");
        const bus::MessagePtr call(raw);
        must(sd_bus_message_append(raw, "o", kCollection), "append");
        must(sd_bus_message_open_container(raw, 'r', "oayays"), "open");
        must(sd_bus_message_append(raw, "o", path), "append");
        must(sd_bus_message_append_array(raw, 'y', "", 0), "append");
        must(sd_bus_message_append_array(raw, 'y', kPassword, sizeof kPassword - 1), "append");
        must(sd_bus_message_append(raw, "s", "text/plain"), "append");
        must(sd_bus_message_close_container(raw), "close");
        must(sd_bus_call(bus.get(), raw, 0, nullptr, nullptr), "UnlockWithMasterPassword");
    }

  private:
    static constexpr char kPassword[] = "login password";

    bool has_owner() const {
        const bus::BusPtr bus = bus_.connect();
        sd_bus_creds* creds = nullptr;
        const int found = sd_bus_get_name_creds(bus.get(), kService, SD_BUS_CREDS_PID, &creds);
        sd_bus_creds_unref(creds);
        return found >= 0;
    }
    void await_owner() const {
        for (int i = 0; i < 10000 && !has_owner(); ++i)
            ::poll(nullptr, 0, 1);
        if (!has_owner())
            throw std::runtime_error("gnome-keyring-daemon does not start");
    }
    void call_with_paths(const char* member) {
        const bus::BusPtr bus = bus_.connect();
        must(sd_bus_call_method(bus.get(), kService, kServicePath, "org.freedesktop.Secret.Service",
                                member, nullptr, nullptr, "ao", 1, kCollection),
             member);
    }

    SessionBus bus_;
    Child keyring_;
};

}  // namespace patd::support
