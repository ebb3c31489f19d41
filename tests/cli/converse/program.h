// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "tests/cli/support.h"

#include <fcntl.h>
#include <nlohmann/json.hpp>

#include <array>
#include <stdexcept>
#include <string>
#include <thread>

namespace patd::cli {

// The program at the other end of `patctl converse`, which runs in a thread beside it.
class Program {
  public:
    explicit Program(client::Script script = {}) : patctl(std::move(script)) {
        std::array<int, 2> input{};
        std::array<int, 2> output{};
        if (pipe2(input.data(), O_CLOEXEC) < 0 || pipe2(output.data(), O_CLOEXEC) < 0)
            throw std::runtime_error("no pipe");
        patctl.input = input[0];
        patctl.output = output[1];
        read_ = UniqueFd(input[0]);
        say_ = UniqueFd(input[1]);
        hear_ = UniqueFd(output[0]);
        write_ = UniqueFd(output[1]);
    }
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;
    ~Program() { hang_up(); }

    void start() {
        thread_ = std::thread([this] {
            ran_ = patctl.run({"converse"});
            write_.reset();
        });
    }
    // Begins with that line.
    void start(const std::string& line) {
        say(line);
        start();
    }
    void say(const std::string& line) {
        const std::string text = line + "\n";
        if (write(say_.get(), text.data(), text.size()) < 0)
            throw std::runtime_error("patctl does not listen");
    }
    // The next message; null when patctl says no more.
    nlohmann::json hear() {
        std::string line;
        char byte = 0;
        while (read(hear_.get(), &byte, 1) == 1 && byte != '\n')
            line += byte;
        last = line;
        return line.empty() ? nlohmann::json() : nlohmann::json::parse(line);
    }
    // Until patctl has ended; with nothing more to say.
    Ran hang_up() {
        say_.reset();
        return wait();
    }
    void hear_no_more() { hear_.reset(); }
    Ran wait() {
        if (thread_.joinable())
            thread_.join();
        return ran_;
    }

    Patctl patctl;
    std::string last{};  // line that was heard, as it came

  private:
    UniqueFd read_;
    UniqueFd say_;
    UniqueFd hear_;
    UniqueFd write_;
    Ran ran_{};
    std::thread thread_;
};

inline std::string begin(const std::string& operation, const std::string& arguments = "{}",
                         const std::string& more = "") {
    return R"({"type":"begin","operation":")" + operation + R"(","arguments":)" + arguments + more +
           "}";
}

inline std::string answer(int prompt, const std::string& text) {
    return R"({"type":"answer","prompt":)" + std::to_string(prompt) + R"(,"text":")" + text + "\"}";
}

inline constexpr char kAcknowledge[] = R"({"type":"acknowledge"})";
inline constexpr char kCancel[] = R"({"type":"cancel"})";
inline constexpr char kLaptop[] = R"({"description":"laptop","permissions":["vcs:repository:rw"]})";

}  // namespace patd::cli
