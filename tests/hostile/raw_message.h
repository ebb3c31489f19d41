// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace patd::hostile {

// Bytes as D-Bus marshals them, in either order, aligned from their beginning. Nothing is checked:
// what no library would send can be written too.
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
    // Four bytes at `at`, once it is known how many there are.
    void patch_u32(std::size_t at, std::uint32_t value);

  private:
    bool big_;
    std::string bytes_;
};

enum class RawType : std::uint8_t { Call = 1, Answer = 2, Error = 3, Signal = 4 };

inline constexpr std::uint8_t kNoReply = 1;

// The codes of header fields that are not texts.
inline constexpr std::uint8_t kReplySerial = 5;

// One message of the wire, its header's fields in the order in which they are added.
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
    // Further fields, marshalled from an offset that 8 divides.
    std::string odd_fields = {};

    // Whole, with `serial`.
    std::string marshal(std::uint32_t serial) const;
};

// Messages to `service` that are well-formed and that no program has a reason to send: forged
// senders and signals, answers to nothing, types, flags and header fields that nobody knows, and
// bodies as deep, wide and long as D-Bus lets them be. Bodies are lawful, so that a message bus may
// hand them on; `own` is the sender's unique name. `fd`: a descriptor to pass, which stays lent.
std::vector<RawMessage> odd_messages(const std::string& service, const std::string& own, int fd);

}  // namespace patd::hostile
