// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/step_up/frame.h"

#include <array>

namespace patd::step_up {
namespace {

constexpr std::string_view kKinds = "BASVIEGR";

}  // namespace

Result<std::optional<Frame>> parse_frame(std::span<const char> bytes, std::size_t& consumed) {
    if (!bytes.empty() && kKinds.find(bytes[0]) == std::string_view::npos)
        return Error{Errc::MalformedRequest, "unknown frame kind"};
    if (bytes.size() < kFrameHeaderBytes)
        return std::optional<Frame>();
    const std::size_t length =
        static_cast<std::size_t>(static_cast<unsigned char>(bytes[1])) * 256 +
        static_cast<unsigned char>(bytes[2]);
    if (length > kFramePayloadBytes)
        return Error{Errc::MalformedRequest, "frame too long"};
    if (bytes.size() < kFrameHeaderBytes + length)
        return std::optional<Frame>();
    consumed = kFrameHeaderBytes + length;
    return std::optional<Frame>(
        Frame{static_cast<FrameKind>(bytes[0]), {bytes.data() + kFrameHeaderBytes, length}});
}

Result<void> append_frame(SecretBuffer& out, FrameKind kind, std::string_view payload) {
    if (payload.size() > kFramePayloadBytes ||
        out.capacity() - out.size() < kFrameHeaderBytes + payload.size())
        return Errc::LimitExceeded;
    const std::array<char, kFrameHeaderBytes> header = {static_cast<char>(kind),
                                                        static_cast<char>(payload.size() / 256),
                                                        static_cast<char>(payload.size() % 256)};
    TRY(out.append(header));
    return out.append(payload);
}

}  // namespace patd::step_up
