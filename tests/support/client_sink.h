// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/uid.h"
#include "common/base/unique_fd.h"
#include "tests/support/as_uid.h"
#include "tests/support/turning.h"

#include <unistd.h>

#include <array>
#include <optional>
#include <stdexcept>
#include <string>

namespace patd::support {

// What a client passes to Commit: one end of its own socketpair, which cannot be read.
class ClientSink {
  public:
    // Made by `maker`, or by this process.
    explicit ClientSink(std::optional<Uid> maker = {}) {
        std::optional<AsUid> as;
        if (maker)
            as.emplace(*maker);
        std::array<int, 2> ends{};
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0 ||
            ::shutdown(ends[1], SHUT_RD) != 0)
            throw std::runtime_error("socketpair");
        own_.reset(ends[0]);
        passed_.reset(ends[1]);
    }

    int passed() const { return passed_.get(); }
    UniqueFd give() { return std::move(passed_); }
    UniqueFd duplicate() const { return UniqueFd(::dup(passed_.get())); }
    int own() const { return own_.get(); }
    // Fills the kernel's buffer for a reader that does not read.
    void fill() const {
        const std::array<char, 4096> bytes{};
        while (::send(passed_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL) > 0) {
        }
        while (::send(passed_.get(), bytes.data(), 1, MSG_DONTWAIT | MSG_NOSIGNAL) > 0) {
        }
    }
    // Everything that was written, once all copies of the passed end are closed.
    std::string receive(bus::EventLoop& loop) {
        passed_.reset();
        return read_to_end(loop, own_.get());
    }
    void leave() { own_.reset(); }

  private:
    UniqueFd own_;
    UniqueFd passed_;
};

// Writes an answer into one of the service's sinks and closes it, as common/client does.
inline void answer(UniqueFd sink, const std::string& text) {
    if (::send(sink.get(), text.data(), text.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(text.size()))
        throw std::runtime_error("the sink takes nothing");
    (void)::shutdown(sink.get(), SHUT_WR);
}

}  // namespace patd::support
