// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/limits.h"
#include "common/base/secret_buffer.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace patd::step_up {

// The frames between patd (or a root patctl) and patd-auth@ / patd-enroll@: one kind byte, the
// payload's length in two big-endian bytes, the payload. docs/step-up-protocol.md describes the
// conversation. Answers are secret, so frames are read and written in SecretBuffers.
enum class FrameKind : std::uint8_t {
    Begin = 'B',          // to patd-auth: attributes in the line format
    Answer = 'A',         // to patd-auth: what the user answered to the last prompt
    PromptSecret = 'S',   // to patd: ask without echo (PAM_PROMPT_ECHO_OFF)
    PromptVisible = 'V',  // to patd: ask with echo (PAM_PROMPT_ECHO_ON)
    Info = 'I',           // to patd: show (PAM_TEXT_INFO)
    ErrorText = 'E',      // to patd: show (PAM_ERROR_MSG)
    Granted = 'G',        // to patd: the conversation succeeded; the last frame
    Refused = 'R',        // to patd: an errc_name; the last frame
};

inline constexpr std::size_t kFrameHeaderBytes = 3;
inline constexpr std::size_t kFramePayloadBytes = 1024;  // a 512-byte answer, a PAM message
inline constexpr std::size_t kFrameBytes = kFrameHeaderBytes + kFramePayloadBytes;

struct Frame {
    FrameKind kind;
    std::string_view payload;  // a view into the buffer that was parsed
};

// The first frame in `bytes`; `consumed` is its total length. No value: read more.
// MalformedRequest: an unknown kind or a payload over the limit.
Result<std::optional<Frame>> parse_frame(std::span<const char> bytes, std::size_t& consumed);

// Appends one frame to `out`. LimitExceeded if the payload is too long or the buffer too small.
Result<void> append_frame(SecretBuffer& out, FrameKind kind, std::string_view payload);

}  // namespace patd::step_up
