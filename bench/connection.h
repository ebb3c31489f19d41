// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/unique_fd.h"

#include <array>
#include <chrono>
#include <string>
#include <string_view>

namespace patd::bench {

// A client of a UNIX stream socket that makes only the two system calls, so that servers are
// compared, not clients. Thread rule: one at a time.
class Connection {
  public:
    // Throws std::runtime_error if nobody listens. With `patience`, the connection counts as broken
    // when a step takes longer; zero waits for ever.
    explicit Connection(const std::string& socket_path,
                        std::chrono::milliseconds patience = std::chrono::milliseconds(0));

    // Sends the request and reads until the reply ends with `end`; the view is valid until the next
    // call. Throws std::runtime_error if the connection breaks.
    std::string_view call(std::string_view request, std::string_view end);

    // Sends concatenated requests and reads until `size` bytes have come, at most 64 KiB. Otherwise
    // like call().
    std::string_view call_for(std::string_view requests, std::size_t size);

    static bool can_connect(const std::string& socket_path);

  private:
    void send(std::string_view bytes);
    std::size_t receive(std::size_t size);

    UniqueFd socket_;
    std::array<char, 65536> buffer_{};
};

}  // namespace patd::bench
