// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/hostile/raw_bus.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace patd::hostile {
namespace {

constexpr int kPatienceMs = 30000;
constexpr std::size_t kHeaderBytes = 16;
constexpr std::size_t kDescriptorsMax = 64;
constexpr std::string_view kUnixPath = "unix:path=";

// From what a bus sends here, which is little-endian like this machine.
std::uint32_t u32_at(std::string_view bytes, std::size_t at) {
    std::uint32_t value = 0;
    std::memcpy(&value, bytes.substr(at, sizeof value).data(), sizeof value);
    return value;
}

std::size_t aligned(std::size_t at, std::size_t to) {
    return (at + to - 1) / to * to;
}

// The fields of a header that a bus has checked.
template <typename Take>
void for_each_field(std::string_view header, const Take& take) {
    for (std::size_t at = kHeaderBytes; at + 4 < header.size();) {
        at = aligned(at, 8);
        const auto code = static_cast<std::uint8_t>(header[at]);
        const char type = header[at + 2];
        std::size_t value = at + 4;
        take(code, type, value);
        if (type == 'u')
            at = value + 4;
        else if (type == 'g')
            at = value + static_cast<std::uint8_t>(header[value]) + 2;
        else
            at = value + 4 + u32_at(header, value) + 1;
    }
}

void wait_for(int fd, short events) {
    pollfd entry{fd, events, 0};
    if (::poll(&entry, 1, kPatienceMs) <= 0)
        throw std::runtime_error("the bus is silent");
}

}  // namespace

RawBus::RawBus(const std::string& address)
    : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_un peer{};
    peer.sun_family = AF_UNIX;
    const std::size_t begin = address.find(kUnixPath);
    if (begin == std::string::npos)
        throw std::runtime_error("no path of a bus: " + address);
    std::string path = address.substr(begin + kUnixPath.size());
    path = path.substr(0, path.find_first_of(",;"));
    path.copy(peer.sun_path, sizeof peer.sun_path - 1);
    if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&peer), sizeof peer) != 0)
        throw std::runtime_error("cannot connect to the bus");
    authenticate();
    hello();
}

void RawBus::authenticate() {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string uid;
    for (const char c : std::to_string(::geteuid())) {
        uid += kDigits[static_cast<unsigned char>(c) >> 4];
        uid += kDigits[static_cast<unsigned char>(c) & 15U];
    }
    send(std::string(1, '\0') + "AUTH EXTERNAL " + uid + "\r\n");
    if (!read_line().starts_with("OK "))
        throw std::runtime_error("the bus does not know who this is");
    send("NEGOTIATE_UNIX_FD\r\n");
    if (read_line() != "AGREE_UNIX_FD")
        throw std::runtime_error("the bus passes no descriptors");
    send("BEGIN\r\n");
}

std::string RawBus::read_line() {
    std::size_t end = incoming_.find("\r\n");
    while (end == std::string::npos) {
        std::array<char, 256> bytes{};
        wait_for(socket_.get(), POLLIN);
        const ssize_t got = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
        if (got <= 0)
            throw std::runtime_error("the bus ended the connection");
        incoming_.append(bytes.data(), static_cast<std::size_t>(got));
        end = incoming_.find("\r\n");
    }
    std::string line = incoming_.substr(0, end);
    incoming_.erase(0, end + 2);
    return line;
}

void RawBus::hello() {
    RawMessage message{.name = "Hello"};
    message.fields = {{1, 'o', "/org/freedesktop/DBus"},
                      {2, 's', "org.freedesktop.DBus"},
                      {3, 's', "Hello"},
                      {6, 's', "org.freedesktop.DBus"}};
    const std::uint32_t serial = send(message);
    while (!has_answer(serial)) {
        if (gone_)
            throw std::runtime_error("the bus ended the connection");
        read(kPatienceMs);
    }
}

std::uint32_t RawBus::send(const RawMessage& message) {
    send(message.marshal(++last_serial_), message.descriptors);
    return last_serial_;
}

void RawBus::send(std::string_view bytes, const std::vector<int>& descriptors) {
    std::array<char, CMSG_SPACE(sizeof(int) * kDescriptorsMax)> control{};
    std::size_t passed = std::min(descriptors.size(), kDescriptorsMax);
    while (!bytes.empty() && !gone_) {
        iovec part{const_cast<char*>(bytes.data()), bytes.size()};
        msghdr message{};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        if (passed > 0) {
            message.msg_control = control.data();
            message.msg_controllen = CMSG_SPACE(sizeof(int) * passed);
            cmsghdr* header = CMSG_FIRSTHDR(&message);
            header->cmsg_level = SOL_SOCKET;
            header->cmsg_type = SCM_RIGHTS;
            header->cmsg_len = CMSG_LEN(sizeof(int) * passed);
            std::memcpy(CMSG_DATA(header), descriptors.data(), sizeof(int) * passed);
        }
        const ssize_t sent = ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL);
        if (sent > 0) {
            bytes.remove_prefix(static_cast<std::size_t>(sent));
            passed = 0;
        } else if (errno == EAGAIN) {
            wait_for(socket_.get(), POLLIN | POLLOUT);
            if (!name_.empty())
                read(0);
        } else if (errno != EINTR) {
            gone_ = true;
        }
    }
}

void RawBus::read(int timeout_ms) {
    pollfd entry{socket_.get(), POLLIN, 0};
    if (gone_ || ::poll(&entry, 1, timeout_ms) <= 0)
        return;
    std::array<char, 65536> bytes{};
    std::array<char, CMSG_SPACE(sizeof(int) * kDescriptorsMax)> control{};
    iovec part{bytes.data(), bytes.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t got = ::recvmsg(socket_.get(), &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    for (cmsghdr* header = got > 0 ? CMSG_FIRSTHDR(&message) : nullptr; header != nullptr;
         header = CMSG_NXTHDR(&message, header)) {
        int fd = -1;
        for (std::size_t at = 0; CMSG_LEN(at + sizeof fd) <= header->cmsg_len; at += sizeof fd) {
            std::memcpy(&fd, CMSG_DATA(header) + at, sizeof fd);
            ::close(fd);
        }
    }
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
        gone_ = true;
    if (got > 0)
        incoming_.append(bytes.data(), static_cast<std::size_t>(got));
    take_messages();
}

void RawBus::take_messages() {
    while (incoming_.size() >= kHeaderBytes) {
        const std::size_t header = kHeaderBytes + u32_at(incoming_, 12);
        const std::size_t whole = aligned(header, 8) + u32_at(incoming_, 4);
        if (incoming_.size() < whole)
            return;
        const std::string_view view = std::string_view(incoming_).substr(0, header);
        for_each_field(view, [&](std::uint8_t code, char type, std::size_t at) {
            if (code == kReplySerial && type == 'u')
                answered_.insert(u32_at(view, at));
            // The destination of the first answer is our own name.
            if (code == 6 && name_.empty())
                name_ = view.substr(at + 4, u32_at(view, at));
        });
        incoming_.erase(0, whole);
    }
}

}  // namespace patd::hostile
