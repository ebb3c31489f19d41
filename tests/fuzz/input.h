// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace patd::fuzz {

// Ends the process if a promise is broken: libFuzzer then keeps the input.
inline void require(bool holds, const char* promise) {
    if (holds)
        return;
    (void)std::fprintf(stderr, "broken promise: %s\n", promise);
    std::abort();
}

// Takes an input apart from its front. Parts that are missing are 0 and empty.
class Input {
  public:
    explicit Input(std::string_view bytes) : bytes_(bytes) {}

    std::uint8_t byte() {
        if (bytes_.empty())
            return 0;
        const char first = bytes_.front();
        bytes_.remove_prefix(1);
        return static_cast<std::uint8_t>(first);
    }
    // Eight bytes, big-endian.
    std::int64_t number() {
        std::uint64_t value = 0;
        for (int i = 0; i < 8; ++i)
            value = value << 8U | byte();
        return static_cast<std::int64_t>(value);
    }
    // What is before the next `end`, which goes too.
    std::string_view part(char end = '\n') {
        const std::size_t size = std::min(bytes_.find(end), bytes_.size());
        const std::string_view taken = bytes_.substr(0, size);
        bytes_.remove_prefix(std::min(size + 1, bytes_.size()));
        return taken;
    }
    std::string_view rest() const { return bytes_; }
    bool empty() const { return bytes_.empty(); }

  private:
    std::string_view bytes_;
};

}  // namespace patd::fuzz
