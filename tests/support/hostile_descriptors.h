// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/unique_fd.h"
#include "tests/support/temporary_directory.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <string>
#include <vector>

namespace patd::support {

struct NamedDescriptor {
    std::string name;
    UniqueFd fd;
};

// Everything that a hostile client may pass instead of a sink (row D10). None of it is the end of a
// UNIX stream socketpair.
class HostileDescriptors {
  public:
    HostileDescriptors() {
        add_files();
        add_pipes();
        add_kernel_objects();
        add_sockets();
        for (const NamedDescriptor& descriptor : descriptors_) {
            if (!descriptor.fd)
                throw std::runtime_error("cannot make a " + descriptor.name);
        }
    }

    const std::vector<NamedDescriptor>& all() const { return descriptors_; }

  private:
    void add(std::string name, int fd) { descriptors_.push_back({std::move(name), UniqueFd(fd)}); }
    void add_files() {
        const std::string file = directory_.file("file");
        add("regular file", ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
        add("path of a file", ::open(file.c_str(), O_PATH | O_CLOEXEC));
        add("directory", ::open(directory_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        add("null device", ::open("/dev/null", O_WRONLY | O_CLOEXEC));
        add("memfd", ::memfd_create("m", MFD_CLOEXEC));
    }
    void add_pipes() {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0)
            throw std::runtime_error("pipe2");
        add("pipe, reading end", ends[0]);
        add("pipe, writing end", ends[1]);
        const std::string fifo = directory_.file("fifo");
        (void)::mkfifo(fifo.c_str(), 0600);
        add("FIFO", ::open(fifo.c_str(), O_RDWR | O_CLOEXEC));
    }
    void add_kernel_objects() {
        add("epoll", ::epoll_create1(EPOLL_CLOEXEC));
        add("eventfd", ::eventfd(0, EFD_CLOEXEC));
        add("timerfd", ::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC));
        add("inotify", ::inotify_init1(IN_CLOEXEC));
        add("pidfd", static_cast<int>(::syscall(SYS_pidfd_open, ::getpid(), 0)));
    }
    void add_sockets() {
        add("UDP socket", ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        add("TCP socket", ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        add("unconnected socket", ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        add_pair("datagram socketpair", SOCK_DGRAM);
        add_pair("seqpacket socketpair", SOCK_SEQPACKET);
        const std::string path = directory_.file("socket");
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        add("listening socket", ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        const int listener = descriptors_.back().fd.get();
        if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
            ::listen(listener, 1) != 0)
            throw std::runtime_error("listen");
        add("path of a socket", ::open(path.c_str(), O_PATH | O_CLOEXEC));
    }
    void add_pair(std::string name, int type) {
        std::array<int, 2> ends{};
        if (::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends.data()) != 0)
            throw std::runtime_error("socketpair");
        peers_.emplace_back(ends[0]);
        add(std::move(name), ends[1]);
    }

    TemporaryDirectory directory_;
    std::vector<UniqueFd> peers_;
    std::vector<NamedDescriptor> descriptors_;
};

}  // namespace patd::support
