// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/daemon.h"
#include "tests/support/config_tree.h"
#include "tests/support/service_fixture.h"
#include "tests/support/turning.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <fstream>
#include <memory>
#include <string>

namespace patd::support {

inline constexpr char kMain[] = "/etc/patd/patd.conf";
// Of the login range.
inline constexpr std::uint32_t kLoginUid = 2000;

inline UniqueFd connect_to(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        socket.reset();
    return socket;
}

// A whole daemon, without a bus.
class DaemonTest : public ::testing::Test {
  protected:
    DaemonTest() {
        options_.state_directory = directory_.file("state");
        options_.line_socket = directory_.file("socket");
        options_.step_up = {directory_.file("auth.sock"), directory_.file("enroll.sock")};
        options_.master_key_file = directory_.file("master.key");
        options_.bus_address = "none";
        options_.config_root = tree_.root();
        std::filesystem::create_directory(options_.state_directory);
        ::chmod(options_.state_directory.c_str(), 0700);
        write_key(32, 0600);
    }
    void write_key(std::size_t bytes, mode_t mode) {
        std::ofstream(options_.master_key_file) << std::string(bytes, 'k');
        ::chmod(options_.master_key_file.c_str(), mode);
    }
    Result<std::unique_ptr<Daemon>> create() { return Daemon::create(*loop_, options_); }
    Errc create_error() {
        const auto daemon = create();
        return daemon ? Errc::Internal : daemon.error().code;
    }
    std::string ask(const std::string& request) {
        const UniqueFd client = connect_to(options_.line_socket);
        if (!client || ::send(client.get(), request.data(), request.size(), MSG_NOSIGNAL) < 0)
            return "no connection";
        ::shutdown(client.get(), SHUT_WR);
        return read_to_end(*loop_, client.get());
    }

    std::unique_ptr<bus::EventLoop> loop_ = bus::EventLoop::create().value();
    TemporaryDirectory directory_;
    ConfigTree tree_;
    DaemonOptions options_;
};

// Also records what it tells systemd.
class DaemonConfigTest : public DaemonTest {
  protected:
    DaemonConfigTest() {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        const std::string path = directory_.file("notify");
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        EXPECT_EQ(
            ::bind(notify_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
        ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
    }
    ~DaemonConfigTest() override { ::unsetenv("NOTIFY_SOCKET"); }

    // What systemd is told next.
    std::string told() {
        EXPECT_TRUE(turn_until(*loop_, [&] { return is_readable(notify_.get()); }));
        std::string text(4096, '\0');
        const ssize_t got = ::recv(notify_.get(), text.data(), text.size(), MSG_DONTWAIT);
        text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
        return text;
    }
    // Writes the main file and reloads; returns what was logged.
    std::string reload(Daemon& daemon, const std::string& text) {
        tree_.write(kMain, text);
        testing::internal::CaptureStderr();
        daemon.reload();
        EXPECT_TRUE(told().starts_with("RELOADING=1\nMONOTONIC_USEC="));
        EXPECT_TRUE(told().starts_with("READY=1\n"));
        return testing::internal::GetCapturedStderr();
    }
    Result<std::unique_ptr<Daemon>> create_configured(const std::string& text) {
        tree_.write(kMain, text);
        return Daemon::create(*loop_, options_, load_config(options_.config_root));
    }

    UniqueFd notify_{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
};

}  // namespace patd::support
