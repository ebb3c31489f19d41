// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/limits.h"
#include "common/base/result.h"
#include "common/base/secret_buffer.h"

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace patd::line {

// One attribute of a message: views into the buffer that was parsed.
struct Attribute {
    std::string_view key;
    std::string_view value;
};

// A message of the credential line format, gitcredentials(7): `key=value` lines that end with LF,
// closed by a blank line or the end of the input. Helper, PAM module and daemon share this one
// strict parser. It refuses, and never repairs:
// - any byte below 0x20 except the LF that ends a line, and 0x7f (CVE-2024-50338, -52006, -53263);
// - a line without '=', an empty key, a key twice unless it ends in "[]" (CVE-2020-5260);
// - a line over 65,535 bytes with its LF, over 64 attributes, over 128 KiB in all.
// Values may be secret, so a LineMessage only holds views: the SecretBuffer that was parsed must
// outlive it unchanged. Allocates nothing.
class LineMessage {
  public:
    LineMessage() = default;
    // Copies only the attributes present, not the room for 64.
    LineMessage(const LineMessage& other) { *this = other; }
    LineMessage& operator=(const LineMessage& other);

    // Parses exactly one message from the front of `bytes`. `consumed` is its length with the blank
    // line. At the end of the input (`at_end`), a missing blank line or last LF is no error,
    // because git(1) sends neither.
    // No value: the message is not complete yet, read more. Error: MalformedRequest.
    static Result<std::optional<LineMessage>> parse(std::span<const char> bytes, bool at_end,
                                                    std::size_t& consumed);

    // Parses into this object; returns whether the message is complete. Spares the server, which
    // parses every request, the making of 64 empty attributes.
    Result<bool> read(std::span<const char> bytes, bool at_end, std::size_t& consumed);

    std::span<const Attribute> attributes() const { return {attributes_.data(), count_}; }
    bool empty() const { return count_ == 0; }
    // The value of `key`; nothing if absent.
    std::optional<std::string_view> find(std::string_view key) const;
    // The value of `key`, or "" if absent.
    std::string_view get(std::string_view key) const { return find(key).value_or(""); }

  private:
    Result<void> add(std::string_view line);

    std::array<Attribute, limits::kLineAttributes> attributes_;
    std::size_t count_ = 0;
};

// Writes messages in the same format into a SecretBuffer of fixed capacity.
class LineWriter {
  public:
    explicit LineWriter(SecretBuffer& out) : out_(out) {}
    // MalformedRequest for a key or value that the format cannot carry; LimitExceeded when full.
    Result<void> add(std::string_view key, std::string_view value);
    // The blank line that ends a message.
    Result<void> finish();

  private:
    SecretBuffer& out_;
};

}  // namespace patd::line
