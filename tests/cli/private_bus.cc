// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/cli/private_bus.h"

#include "common/base/names.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <systemd/sd-bus.h>

#include <array>
#include <fstream>
#include <stdexcept>

namespace patd::cli {
namespace {

constexpr char kConfiguration[] = R"(<busconfig>
  <listen>unix:dir=%FOLDER%</listen>
  <auth>EXTERNAL</auth>
  <servicedir>%FOLDER%</servicedir>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_destination="*" eavesdrop="true"/>
    <allow receive_sender="*"/>
  </policy>
</busconfig>
)";

struct Pipe {
    UniqueFd reading;
    UniqueFd writing;
};

Pipe make_pipe() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
        throw std::runtime_error("no pipe");
    return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

std::string read_line(int fd) {
    std::string line;
    char byte{};
    while (read(fd, &byte, 1) == 1 && byte != '\n')
        line += byte;
    return line;
}

// Until `alive` ends.
int count_calls(sd_bus* bus, int alive) {
    int calls = 0;
    while (true) {
        sd_bus_message* message = nullptr;
        const int busy = sd_bus_process(bus, &message);
        if (busy < 0)
            return calls;
        if (message != nullptr && sd_bus_message_is_method_call(message, nullptr, nullptr) > 0)
            ++calls;
        sd_bus_message_unref(message);
        if (busy > 0)
            continue;
        std::array<pollfd, 2> entries = {pollfd{sd_bus_get_fd(bus), POLLIN, 0},
                                         pollfd{alive, POLLIN, 0}};
        poll(entries.data(), entries.size(), -1);
        if (entries[1].revents != 0 && entries[0].revents == 0)
            return calls;
    }
}

int squat(const std::string& address, uid_t uid, int ready, int alive) {
    sd_bus* bus = nullptr;
    if (setuid(uid) != 0 || sd_bus_new(&bus) < 0 || sd_bus_set_address(bus, address.c_str()) < 0 ||
        sd_bus_set_bus_client(bus, 1) < 0 || sd_bus_start(bus) < 0 ||
        sd_bus_request_name(bus, names::kBusName, 0) < 0)
        return 255;
    if (write(ready, "\n", 1) != 1)
        return 255;
    return count_calls(bus, alive);
}

}  // namespace

PrivateBus::PrivateBus() {
    std::string pattern = (std::filesystem::temp_directory_path() / "bus-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    std::filesystem::permissions(folder_, std::filesystem::perms(0755));
    std::string configuration = kConfiguration;
    for (std::size_t at = 0; (at = configuration.find("%FOLDER%")) != std::string::npos;)
        configuration.replace(at, 8, folder_.string());
    const std::string file = folder_ / "bus.conf";
    std::ofstream(file) << configuration;
    Pipe pipe = make_pipe();
    const std::string option = "--config-file=" + file;
    daemon_ = fork();
    if (daemon_ == 0) {
        dup2(pipe.writing.get(), STDOUT_FILENO);
        execlp("dbus-daemon", "dbus-daemon", "--nofork", "--nopidfile", "--print-address=1",
               option.c_str(), nullptr);
        _exit(127);
    }
    pipe.writing.reset();
    address_ = read_line(pipe.reading.get());
    if (address_.empty())
        throw std::runtime_error("dbus-daemon does not start");
}

void PrivateBus::start_with(const std::string& command) const {
    std::ofstream(folder_ / (std::string(names::kBusName) + ".service"))
        << "[D-BUS Service]\nName=" << names::kBusName << "\nExec=" << command << "\n";
}

PrivateBus::~PrivateBus() {
    kill(daemon_, SIGTERM);
    waitpid(daemon_, nullptr, 0);
    std::filesystem::remove_all(folder_);
}

Squatter::Squatter(const std::string& address, uid_t uid) {
    Pipe ready = make_pipe();
    Pipe alive = make_pipe();
    process_ = fork();
    if (process_ == 0) {
        alive.writing.reset();
        _exit(squat(address, uid, ready.writing.get(), alive.reading.get()));
    }
    ready.writing.reset();
    alive_ = std::move(alive.writing);
    read_line(ready.reading.get());
}

int Squatter::finish() {
    alive_.reset();
    int status = 0;
    waitpid(process_, &status, 0);
    const int calls = WIFEXITED(status) ? WEXITSTATUS(status) : 255;
    return calls == 255 ? -1 : calls;
}

}  // namespace patd::cli
