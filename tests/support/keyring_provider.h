// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "tests/support/desktop.h"

#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace patd::support {

// One of the real keyrings of tests/keyrings/providers.py, in its own session, which from then on
// is this process's session. It is open. PATD_TEST_KEYRING selects it; the default is
// gnome-keyring. Everything ends with the object, or with this process.
class KeyringProvider {
  public:
    explicit KeyringProvider(std::string name = chosen()) : name_(std::move(name)) {
        std::array<int, 2> in{};
        std::array<int, 2> out{};
        must(::pipe2(in.data(), O_CLOEXEC), "pipe2");
        must(::pipe2(out.data(), O_CLOEXEC), "pipe2");
        const UniqueFd its_input(in[0]);
        const UniqueFd its_output(out[1]);
        input_.reset(in[1]);
        output_.reset(out[0]);
        posix_spawn_file_actions_t actions;
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_adddup2(&actions, its_input.get(), STDIN_FILENO);
        ::posix_spawn_file_actions_adddup2(&actions, its_output.get(), STDOUT_FILENO);
        std::array<std::string, 4> words{"/usr/bin/python3", "-B", PATD_KEYRINGS, name_};
        std::array<char*, 5> argv{words[0].data(), words[1].data(), words[2].data(),
                                  words[3].data(), nullptr};
        const int error = ::posix_spawn(&driver_, argv[0], &actions, nullptr, argv.data(), environ);
        ::posix_spawn_file_actions_destroy(&actions);
        must(-error, PATD_KEYRINGS);
        take_environment();
        tell("start");
    }
    ~KeyringProvider() {
        input_.reset();
        ::waitpid(driver_, nullptr, 0);
    }
    KeyringProvider(const KeyringProvider&) = delete;
    KeyringProvider& operator=(const KeyringProvider&) = delete;

    const std::string& name() const { return name_; }
    pid_t pid() const { return pid_; }
    std::string file(const std::string& name) const { return folder_ / name; }

    // Runs a command of providers.py; returns when it is done.
    void tell(const std::string& command) {
        const std::string line = command + "\n";
        if (::write(input_.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size()))
            throw std::runtime_error("the driver of " + name_ + " is gone");
        const std::string answer = read_line();
        if (answer.rfind("ok ", 0) != 0)
            throw std::runtime_error(name_ + ", " + command + ": " + answer);
        pid_ = static_cast<pid_t>(std::stoi(answer.substr(3)));
    }

  private:
    static std::string chosen() {
        const char* name = std::getenv("PATD_TEST_KEYRING");
        return name == nullptr ? "gnome-keyring" : name;
    }
    void take_environment() {
        for (std::string line = read_line(); !line.empty(); line = read_line()) {
            const std::size_t at = line.find('=');
            must(::setenv(line.substr(0, at).c_str(), line.c_str() + at + 1, 1), "setenv");
        }
        const char* home = std::getenv("HOME");
        folder_ = std::filesystem::path(home == nullptr ? "/" : home).parent_path();
    }
    std::string read_line() {
        std::string line;
        for (char byte = 0; ::read(output_.get(), &byte, 1) == 1 && byte != '\n';)
            line += byte;
        return line;
    }

    std::string name_;
    UniqueFd input_;
    UniqueFd output_;
    pid_t driver_ = -1;
    pid_t pid_ = -1;
    std::filesystem::path folder_;
};

}  // namespace patd::support
