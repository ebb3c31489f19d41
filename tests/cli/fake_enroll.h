// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/unique_fd.h"
#include "common/step_up/frame_stream.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>

namespace patd::cli {

// A stand-in for patd-enroll behind a socket of its own: one conversation, led by `talk`.
class FakeEnroll {
  public:
    explicit FakeEnroll(std::function<void(step_up::FrameStream&)> talk) {
        std::string pattern = (std::filesystem::temp_directory_path() / "enroll-XXXXXX").string();
        folder_ = mkdtemp(pattern.data());
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path().copy(address.sun_path, sizeof(address.sun_path) - 1);
        listener_ = UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        const auto* generic = reinterpret_cast<const sockaddr*>(&address);
        if (bind(listener_.get(), generic, sizeof(address)) != 0 || listen(listener_.get(), 1) != 0)
            throw std::runtime_error("listen");
        thread_ = std::thread([this, talk = std::move(talk)] {
            const UniqueFd socket(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
            step_up::FrameStream stream(socket.get(), std::chrono::seconds(10));
            talk(stream);
        });
    }
    FakeEnroll(const FakeEnroll&) = delete;
    FakeEnroll& operator=(const FakeEnroll&) = delete;
    ~FakeEnroll() {
        finish();
        std::filesystem::remove_all(folder_);
    }

    std::string path() const { return (folder_ / "socket").string(); }
    // Waits for the end of the conversation, or ends the wait for one.
    void finish() {
        shutdown(listener_.get(), SHUT_RDWR);
        if (thread_.joinable())
            thread_.join();
    }

  private:
    std::filesystem::path folder_;
    UniqueFd listener_;
    std::thread thread_;
};

}  // namespace patd::cli
