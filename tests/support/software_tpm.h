// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/unix_socket.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace patd::support {

// A software TPM (swtpm) whose memory is in a folder, at a socket that takes one client after the
// other and speaks as /dev/tpmrm0 does. It begins when it is made, and is cut off at the end.
class SoftwareTpm {
  public:
    explicit SoftwareTpm(std::string folder) : folder_(std::move(folder)) { start(); }
    ~SoftwareTpm() { stop(); }
    SoftwareTpm(const SoftwareTpm&) = delete;
    SoftwareTpm& operator=(const SoftwareTpm&) = delete;

    std::string path() const { return folder_ + "/socket"; }

    void start() {
        std::filesystem::create_directories(folder_);
        std::vector<std::string> words = {"swtpm",
                                          "socket",
                                          "--tpm2",
                                          "--tpmstate",
                                          "dir=" + folder_,
                                          "--server",
                                          "type=unixio,path=" + path(),
                                          "--flags",
                                          "not-need-init,startup-clear",
                                          "--log",
                                          "level=0"};
        std::vector<char*> arguments;
        for (std::string& word : words)
            arguments.push_back(word.data());
        arguments.push_back(nullptr);
        if (posix_spawnp(&process_, "swtpm", nullptr, nullptr, arguments.data(), environ) != 0)
            throw std::runtime_error("swtpm is not installed");
        while (!connect_unix(path())) {
            if (waitpid(process_, nullptr, WNOHANG) != 0)
                throw std::runtime_error("swtpm does not start");
            std::this_thread::yield();
        }
    }
    void stop() {
        if (process_ <= 0)
            return;
        kill(process_, SIGKILL);
        waitpid(process_, nullptr, 0);
        process_ = -1;
        std::filesystem::remove(path());
    }
    // Nobody has it any more; the next one knows nothing.
    void replace() {
        stop();
        std::filesystem::remove_all(folder_);
        start();
    }

  private:
    std::string folder_;
    pid_t process_ = -1;
};

}  // namespace patd::support
