// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/io/screen.h"
#include "common/base/secret_buffer.h"
#include "common/base/unique_fd.h"

#include <string_view>

namespace patd::cli {

enum class Echo { Off, On };

// The controlling terminal, /dev/tty, whatever standard input and output are. Thread rule: the main
// thread, and no other thread that takes signals.
class Terminal {
  public:
    // Takes a terminal that is open for reading and writing.
    explicit Terminal(UniqueFd fd) : fd_(std::move(fd)) {}
    // /dev/tty; none when the process has no terminal.
    static UniqueFd open_controlling();

    explicit operator bool() const { return static_cast<bool>(fd_); }

    // Shows `prompt` and reads one line. The terminal's settings are put back before a signal that
    // ends or stops the process takes effect; after a stop the prompt is shown again. What was
    // typed before the prompt is dropped when echo is off. Cancelled: end of file; InvalidSecret:
    // a line longer than a terminal passes on whole.
    Result<SecretBuffer> ask(std::string_view prompt, Echo echo);
    Result<void> show(std::string_view text);
    // The same, through a pager where it is longer than the screen (screen.h).
    Result<void> show_long(std::string_view text);
    std::optional<ScreenSize> size() const { return screen_size(fd_.get()); }

  private:
    UniqueFd fd_;
};

}  // namespace patd::cli
