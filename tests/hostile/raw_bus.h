// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/unique_fd.h"
#include "tests/hostile/raw_message.h"

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace patd::hostile {

// A connection to a message bus that sends any bytes. Not for programs that want to be understood.
// Throws if it cannot begin.
class RawBus {
  public:
    // `address`: unix:path=...; belongs to the effective user of this thread.
    explicit RawBus(const std::string& address);

    const std::string& name() const { return name_; }
    int fd() const { return socket_.get(); }
    bool gone() const { return gone_; }
    // Sends in pieces, as the bus accepts them, and reads meanwhile. It is no fault if the bus ends
    // the connection.
    void send(std::string_view bytes, const std::vector<int>& descriptors = {});
    // Returns its serial.
    std::uint32_t send(const RawMessage& message);
    // Takes what has arrived. Waits up to `timeout_ms` for more.
    void read(int timeout_ms);
    // Whether an answer or an error to `serial` came.
    bool has_answer(std::uint32_t serial) const { return answered_.contains(serial); }

  private:
    void authenticate();
    std::string read_line();
    void hello();
    void take_messages();

    UniqueFd socket_;
    std::string name_;
    std::string incoming_;
    std::set<std::uint32_t> answered_;
    std::uint32_t last_serial_ = 0;
    bool gone_ = false;
};

}  // namespace patd::hostile
