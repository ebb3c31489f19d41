// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace patd::hostile {

// Bytes as D-Bus marshals them, in either byte order, aligned from their beginning. Nothing is
// checked: it can also write what no library would send.
class Marshal {
  public:
    explicit Marshal(bool big_endian = false) : big_(big_endian) {}

    const std::string& bytes() const { return bytes_; }
    Marshal& align(std::size_t to);
    Marshal& u8(std::uint8_t value);
    Marshal& u32(std::uint32_t value);      // type u, and h
    Marshal& text(std::string_view value);  // type s, and o
    Marshal& signature(std::string_view value);
    Marshal& raw(std::string_view bytes);
    // Sets the four bytes at `at`, once their value is known.
    void patch_u32(std::size_t at, std::uint32_t value);

  private:
    bool big_;
    std::string bytes_;
};

enum class RawType : std::uint8_t { Call = 1, Answer = 2, Error = 3, Signal = 4 };

inline constexpr std::uint8_t kNoReply = 1;

// The codes of header fields that are not texts.
inline constexpr std::uint8_t kReplySerial = 5;

// One message on the wire, with its header fields in the order in which they are added.
struct RawMessage {
    struct Field {
        std::uint8_t code;
        char type;  // o, s, g or u
        std::string text = {};
        std::uint32_t number = 0;
    };

    std::string name;  // what is odd about it
    RawType type = RawType::Call;
    std::uint8_t flags = 0;
    bool big_endian = false;
    std::vector<Field> fields = {};
    std::string signature = {};
    std::string body = {};
    std::vector<int> descriptors = {};  // lent
    // More fields, marshalled from an offset that is a multiple of 8.
    std::string odd_fields = {};

    // Complete, with `serial`.
    std::string marshal(std::uint32_t serial) const;
};

// Well-formed messages to `service` that no program has a reason to send: forged senders and
// signals, answers to nothing, unknown types, flags and header fields, and bodies as deep, wide and
// long as D-Bus allows. Bodies are valid, so that a message bus may deliver them; `own` is the
// sender's unique name. `fd`: a descriptor to pass, which stays lent.
std::vector<RawMessage> odd_messages(const std::string& service, const std::string& own, int fd);

}  // namespace patd::hostile
