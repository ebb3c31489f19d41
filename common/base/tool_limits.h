// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <chrono>
#include <cstddef>

// The part of limits.h about what other programs may say to the helper's other names and to patctl
// converse, and are answered.
namespace patd::limits {

// As long as one variable of the environment can be, where kubectl says what it wants.
inline constexpr std::size_t kToolInputBytes = 131072;
// A reply of patd with every byte escaped.
inline constexpr std::size_t kToolOutputBytes = 131072;
inline constexpr std::size_t kToolArguments = 64;
inline constexpr std::size_t kJsonDepth = 16;
inline constexpr std::size_t kJsonKeys = 256;      // in all objects that are open at once
inline constexpr std::size_t kToolNameBytes = 32;  // in the audit log
// aws takes what ends sooner for ended, and asks again at once.
inline constexpr std::chrono::minutes kToolExpiryAhead{15};

// One message to patctl converse: the longest list of places, or a token's secret, escaped.
inline constexpr std::size_t kConverseLineBytes = 65536;
inline constexpr std::size_t kLanguageTagBytes = 35;  // RFC 5646, 4.4.1

}  // namespace patd::limits
