// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <chrono>
#include <cstddef>

// The part of limits.h that the helper's other names need: what a tool may say, and is answered.
namespace patd::limits {

// As long as one variable of the environment can be, where kubectl says what it wants.
inline constexpr std::size_t kToolInputBytes = 131072;
// A reply of patd with every byte escaped.
inline constexpr std::size_t kToolOutputBytes = 131072;
inline constexpr std::size_t kToolArguments = 64;
inline constexpr std::size_t kToolJsonDepth = 16;
inline constexpr std::size_t kToolJsonKeys = 256;  // in all objects that are open at once
inline constexpr std::size_t kToolNameBytes = 32;  // in the audit log
// aws takes what ends sooner for ended, and asks again at once.
inline constexpr std::chrono::minutes kToolExpiryAhead{15};

}  // namespace patd::limits
