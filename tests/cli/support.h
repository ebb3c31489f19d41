// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/app.h"
#include "common/base/unique_fd.h"
#include "tests/common/client/fake_service.h"

#include <initializer_list>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace patd::cli {

inline constexpr UnixTime kNow = 1'800'000'000;  // 2027-01-15 08:00 UTC
inline constexpr char kSomeId[] = "AbCdE01234";

class FixedClock final : public Clock {
  public:
    UnixTime now() const override { return kNow; }
    std::chrono::milliseconds since_boot() const override { return std::chrono::milliseconds(0); }
};

// A file without a name, for what a program writes or reads.
class Scratch {
  public:
    explicit Scratch(std::string_view content = {});
    int fd() const { return fd_.get(); }
    std::string content() const;

  private:
    UniqueFd fd_;
};

// A pseudo-terminal and somebody in front of it, who types `answer` as soon as the screen shows
// `cue`, one after the other.
class Person {
  public:
    struct Line {
        std::string cue;
        std::string answer;
    };
    Person(std::initializer_list<Line> lines);
    Person(const Person&) = delete;
    Person& operator=(const Person&) = delete;
    ~Person();

    int terminal() const { return slave_.get(); }
    UniqueFd open_terminal() const;
    // All that was on the screen. Closes the terminal first.
    std::string leave();

  private:
    void sit(std::vector<Line> lines);

    UniqueFd master_;
    UniqueFd slave_;
    std::string screen_;
    std::thread thread_;
};

struct Ran {
    ExitCode code;
    std::string out;
    std::string err;
};

// patctl in this process: its service scripted, its clock standing still, its output in files, and
// no terminal unless `person` is set.
class Patctl {
  public:
    explicit Patctl(client::Script script = {}) : service(std::move(script)) {}

    Ran run(const std::vector<std::string>& arguments);

    client::FakeService service;
    Person* person = nullptr;
    bool output_is_terminal = false;  // the person's; `out` is empty then
    int input = -1;
    int output = -1;  // where its output goes instead; `out` is empty then
    std::string enroll_socket = "/nonexistent/enroll.sock";
    std::string line_socket = "/nonexistent/socket";
    std::string root{};          // where `doctor` looks
    bool reachable = true;       // whether there is a service at all
    bool own_reachable = false;  // whether the user runs one of his own
};

// A dictionary from pairs, for scripts.
client::Dictionary dictionary(
    std::initializer_list<std::pair<const std::string, client::Value>> entries);

// An issued token as the service lists it.
client::Dictionary some_token();

}  // namespace patd::cli
