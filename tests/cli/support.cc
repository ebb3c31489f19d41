// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/cli/support.h"

#include <fcntl.h>
#include <pty.h>
#include <sys/mman.h>

#include <array>
#include <cerrno>
#include <stdexcept>

namespace patd::cli {

Scratch::Scratch(std::string_view content) : fd_(memfd_create("scratch", MFD_CLOEXEC)) {
    if (!fd_ || write(fd_.get(), content.data(), content.size()) < 0)
        throw std::runtime_error("no scratch file");
    lseek(fd_.get(), 0, SEEK_SET);
}

std::string Scratch::content() const {
    std::string text;
    std::array<char, 4096> chunk{};
    ssize_t count = 0;
    while ((count = pread(fd_.get(), chunk.data(), chunk.size(), static_cast<off_t>(text.size()))) >
           0)
        text.append(chunk.data(), static_cast<std::size_t>(count));
    return text;
}

Person::Person(std::initializer_list<Line> lines) {
    int master = -1;
    int slave = -1;
    if (openpty(&master, &slave, nullptr, nullptr, nullptr) != 0)
        throw std::runtime_error("no pseudo-terminal");
    master_.reset(master);
    slave_.reset(slave);
    fcntl(master, F_SETFD, FD_CLOEXEC);
    fcntl(slave, F_SETFD, FD_CLOEXEC);
    thread_ = std::thread(&Person::sit, this, std::vector<Line>(lines));
}

Person::~Person() {
    if (thread_.joinable())
        leave();
}

UniqueFd Person::open_terminal() const {
    return UniqueFd(fcntl(slave_.get(), F_DUPFD_CLOEXEC, 3));
}

void Person::sit(std::vector<Line> lines) {
    std::size_t next = 0;
    std::size_t seen = 0;
    std::array<char, 4096> chunk{};
    while (true) {
        const ssize_t count = read(master_.get(), chunk.data(), chunk.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)  // EIO: every program has closed the terminal
            return;
        screen_.append(chunk.data(), static_cast<std::size_t>(count));
        if (next == lines.size())
            continue;
        const std::size_t found = screen_.find(lines[next].cue, seen);
        if (found == std::string::npos)
            continue;
        seen = found + lines[next].cue.size();
        const std::string& answer = lines[next++].answer;
        if (write(master_.get(), answer.data(), answer.size()) < 0)
            return;
    }
}

std::string Person::leave() {
    slave_.reset();
    thread_.join();
    return screen_;
}

Ran Patctl::run(const std::vector<std::string>& arguments) {
    const Scratch out;
    const Scratch err;
    const FixedClock clock;
    const Environment environment{
        .connect = [this]() -> Result<client::TokensClient> {
            if (!reachable)
                return Error{Errc::Unavailable, "there is none in this test"};
            return client::TokensClient(service.connect());
        },
        .connect_session = [this]() -> Result<client::TokensClient> {
            if (!own_reachable)
                return Error{Errc::Unavailable, "there is no own service in this test"};
            return client::TokensClient(service.connect());
        },
        .open_terminal =
            [this] { return person != nullptr ? person->open_terminal() : UniqueFd(); },
        .clock = clock,
        .enroll_socket = enroll_socket,
        .line_socket = line_socket,
        .root = root,
        .input = input,
        .output = output >= 0          ? output
                  : output_is_terminal ? person->terminal()
                                       : out.fd(),
        .errors = err.fd(),
    };
    std::vector<const char*> pointers = {"patctl"};
    for (const std::string& argument : arguments)
        pointers.push_back(argument.c_str());
    const ExitCode code = cli::run(environment, pointers);
    return {code, out.content(), err.content()};
}

client::Dictionary dictionary(
    std::initializer_list<std::pair<const std::string, client::Value>> entries) {
    client::Dictionary result;
    for (const auto& [key, value] : entries)
        result.set(key, value);
    return result;
}

client::Dictionary some_token() {
    using Texts = std::vector<std::string>;
    return dictionary({{"id", kSomeId},
                       {"kind", "issued"},
                       {"state", "active"},
                       {"provenance", "user"},
                       {"confirm", "never"},
                       {"description", "laptop"},
                       {"permissions", Texts{"vcs:repository:ro"}},
                       {"targets", Texts{"https://git.example"}},
                       {"username", "alice"},
                       {"created", kNow - 3 * 24 * 3600},
                       {"expires", kNow + 89 * 24 * 3600 + 60},
                       {"generation", std::uint32_t{2}},
                       {"last-used-at", kNow - 7200},
                       {"last-used-by", std::uint32_t{0}},
                       {"last-used-how", "release"},
                       {"last-used-where", "https://git.example/team"}});
}

}  // namespace patd::cli
