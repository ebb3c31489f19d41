// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/hostile/odd_descriptors.h"

#include "common/base/names.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace patd::hostile {
namespace {

constexpr std::size_t kKept = 16;

sockaddr_un address_of(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    return address;
}

UniqueFd stream() {
    return UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

bool connect_to(const UniqueFd& fd, const std::string& path) {
    const sockaddr_un address = address_of(path);
    return ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

std::string bus_path() {
    const char* address = std::getenv("DBUS_SYSTEM_BUS_ADDRESS");
    const std::string_view text = address == nullptr ? "" : address;
    return std::string(text.substr(std::min(text.find('/'), text.size())));
}

}  // namespace

UniqueFd OddDescriptors::sink(UniqueFd& reader) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
        throw std::runtime_error("socketpair");
    reader.reset(ends[0]);
    (void)::shutdown(ends[1], SHUT_RD);
    return UniqueFd(ends[1]);
}

void OddDescriptors::keep(int fd) {
    if (kept_.size() >= kKept)
        kept_.erase(kept_.begin());
    kept_.emplace_back(fd);
}

// Socketpairs of the right kind that still accept nothing, or not everything.
int OddDescriptors::odd_sink() {
    UniqueFd reader;
    UniqueFd sink = OddDescriptors::sink(reader);
    const std::size_t kind = chance_.below(4);
    if (kind == 0)
        reader.reset();
    if (kind == 1) {
        const std::array<char, 4096> bytes{};
        while (::send(sink.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL) > 0) {
        }
    }
    if (kind == 2)
        (void)::shutdown(sink.get(), SHUT_RDWR);
    keep(::dup(reader.get()));
    keep(::dup(sink.get()));
    return kept_.back().get();
}

int OddDescriptors::any() {
    static constexpr std::array<const char*, 6> kPaths = {
        "/dev/zero", "/dev/full", "/dev/tty", "/proc/self/mem", "/proc/self/exe", "/"};
    switch (chance_.below(6)) {
        case 0:
            return odd_sink();
        case 1:
            keep(::open(chance_.pick(kPaths), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
            break;
        case 2: {  // patd's own socket, or the bus, from the other end
            const UniqueFd fd = stream();
            (void)connect_to(fd, chance_.one_in(2) ? names::kLineSocket : bus_path());
            keep(::dup(fd.get()));
            break;
        }
        case 3:
            return backup_file();
        default:
            return chance_.pick(hostile_.all()).fd.get();
    }
    return kept_.back() ? kept_.back().get() : hostile_.all().front().fd.get();
}

UniqueFd OddDescriptors::listener() {
    if (!path_.empty())
        (void)::unlink(path_.c_str());
    path_ = directory_.file("socket" + std::to_string(++listeners_));
    UniqueFd fd = stream();
    const sockaddr_un address = address_of(path_);
    if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(fd.get(), 8) != 0)
        throw std::runtime_error("listen");
    return fd;
}

int OddDescriptors::backup_file() {
    constexpr std::size_t kBytes = 65536;
    if (!backup_)
        backup_.reset(
            ::open(directory_.file("backup").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    const off_t size = ::lseek(backup_.get(), 0, SEEK_END);
    if (size > 0 && chance_.one_in(4)) {
        const char byte = chance_.byte();
        [[maybe_unused]] const ssize_t written =
            ::pwrite(backup_.get(), &byte, 1,
                     static_cast<off_t>(chance_.below(static_cast<std::size_t>(size))));
    }
    if (chance_.one_in(16)) {
        [[maybe_unused]] const int cut =
            ::ftruncate(backup_.get(), static_cast<off_t>(chance_.below(kBytes)));
    }
    (void)::lseek(backup_.get(), 0, SEEK_SET);
    return backup_.get();
}

}  // namespace patd::hostile
