// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/io/terminal.h"

#include "cli/io/descriptor_io.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <termios.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <string>

namespace patd::cli {
namespace {

// A line of the kernel's line discipline (N_TTY_BUF_SIZE, with its LF). What is typed beyond it is
// lost without a sign, so that a line which fills it cannot be trusted to be whole.
constexpr std::size_t kTerminalLineBytes = 4096;
constexpr std::array kHeldSignals = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};

int set_attributes(int fd, const termios& attributes) {
    int status = 0;
    do {
        status = tcsetattr(fd, TCSAFLUSH, &attributes);
    } while (status < 0 && errno == EINTR);
    return status;
}

// While it lives, the signals wait and the echo is as asked. Its end puts the settings back first,
// and then lets the signals act.
class Asking {
  public:
    Asking(int fd, Echo echo) : fd_(fd) {
        sigset_t signals{};
        sigemptyset(&signals);
        for (const int signal : kHeldSignals)
            sigaddset(&signals, signal);
        pthread_sigmask(SIG_BLOCK, &signals, &previous_mask_);
        signals_ = UniqueFd(signalfd(-1, &signals, SFD_CLOEXEC));
        if (echo == Echo::Off)
            hide();
    }
    Asking(const Asking&) = delete;
    Asking& operator=(const Asking&) = delete;
    ~Asking() {
        if (hidden_)
            set_attributes(fd_, previous_);
        pthread_sigmask(SIG_SETMASK, &previous_mask_, nullptr);
    }

    bool is_ready(Echo echo) const { return signals_ && (echo == Echo::On || hidden_); }

    enum class Event { Input, Signal };
    Event wait() const {
        std::array<pollfd, 2> entries = {pollfd{signals_.get(), POLLIN, 0}, {fd_, POLLIN, 0}};
        while (poll(entries.data(), entries.size(), -1) < 0 && errno == EINTR) {
        }
        return entries[0].revents != 0 ? Event::Signal : Event::Input;
    }

  private:
    void hide() {
        if (tcgetattr(fd_, &previous_) < 0)
            return;
        termios silent = previous_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHONL);
        silent.c_lflag |= ICANON | ISIG;
        hidden_ = set_attributes(fd_, silent) == 0;
    }

    int fd_;
    UniqueFd signals_;
    sigset_t previous_mask_{};
    termios previous_{};
    bool hidden_ = false;
};

enum class Outcome { Line, End, Signal };

Outcome read_line(int fd, const Asking& asking, SecretBuffer& line) {
    while (true) {
        if (asking.wait() == Asking::Event::Signal)
            return Outcome::Signal;
        const std::span<char> room = line.free_space();
        const ssize_t count = read(fd, room.data(), room.size());
        if (count < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (count <= 0)
            return Outcome::End;
        line.grow(static_cast<std::size_t>(count));
        if (line.reveal().back() == '\n' || line.size() == line.capacity())
            return Outcome::Line;
    }
}

Result<SecretBuffer> whole_line(const SecretBuffer& line) {
    if (line.size() >= kTerminalLineBytes)
        return Error{Errc::InvalidSecret,
                     "this line is too long for a terminal; use --secret-fd N"};
    return SecretBuffer::copy_of(line.reveal().first(line.size() - 1));
}

}  // namespace

UniqueFd Terminal::open_controlling() {
    return UniqueFd(open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
}

Result<SecretBuffer> Terminal::ask(std::string_view prompt, Echo echo) {
    while (true) {
        SecretBuffer line(kTerminalLineBytes);
        const Asking asking(fd_.get(), echo);
        if (!asking.is_ready(echo))
            return Error{Errc::Cancelled, "the terminal's echo cannot be turned off"};
        TRY(write_all(fd_.get(), prompt));
        const Outcome outcome = read_line(fd_.get(), asking, line);
        if (echo == Echo::Off || outcome != Outcome::Line)
            TRY(write_all(fd_.get(), std::string_view("\n")));
        if (outcome == Outcome::End)
            return Errc::Cancelled;
        if (outcome == Outcome::Line)
            return whole_line(line);
    }
}

Result<void> Terminal::show(std::string_view text) {
    return write_all(fd_.get(), std::string(text) + "\n");
}

Result<void> Terminal::show_long(std::string_view text) {
    return write_paged(fd_.get(), std::string(text) + "\n");
}

}  // namespace patd::cli
