// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace patd {

// Reads a child's body front to back. Borrows the bytes. NotFound: too few bytes are left.
class BodyReader {
  public:
    explicit BodyReader(std::string_view body) : body_(body) {}

    Result<std::string_view> bytes(std::size_t count) {
        if (count > body_.size())
            return Errc::NotFound;
        const std::string_view taken = body_.substr(0, count);
        body_.remove_prefix(count);
        return taken;
    }
    // Big-endian.
    Result<std::uint64_t> number(std::size_t count) {
        std::uint64_t value = 0;
        for (const char c : TRY(bytes(count)))
            value = (value << 8) | static_cast<unsigned char>(c);
        return value;
    }
    std::string_view rest() const { return body_; }

  private:
    std::string_view body_;
};

}  // namespace patd
