// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace patd {

// Before the generation, in the first line of the witness (docs/store-format.md): all that
// patd-auth reads of it.
inline constexpr std::string_view kWitnessHead("patd-witness ");

namespace limits {

// Beyond them the list of what would live again is incomplete, and says so.
inline constexpr std::size_t kWitnessDeaths = 2048;
inline constexpr std::size_t kWitnessBytes =
    std::size_t{256} * 1024;  // that many, and as many again
// No store gets there by itself: above, patd could never raise it again.
inline constexpr std::int64_t kWitnessGenerationMax = std::int64_t{1} << 62;
// How far patd-auth lets one witness be above the last one, so that nobody under patd's uid gets
// there either: 2^33 of them are some years. More changes than this are not made between two.
inline constexpr std::int64_t kWitnessStep = std::int64_t{1} << 28;
// The highest first one, or of a store that comes from elsewhere to where there is none.
inline constexpr std::int64_t kWitnessFirstMax = kWitnessGenerationMax / 2;
// How long patd waits for patd-auth and patd-counter together, at its start and with each change
// that takes something away. Of that, how long for the look at the TPM: patd-auth comes first.
inline constexpr std::chrono::milliseconds kWitnessWait{3000};
inline constexpr std::chrono::milliseconds kCounterLook{1000};
// What could not be told to patd-auth is told again after this.
inline constexpr std::chrono::milliseconds kWitnessRetry{60000};
// How often the TPM counts at once, and after that: its memory bears 100,000 writes or more, and
// anybody may revoke tokens in a loop, for two years then. What is too much is counted later.
inline constexpr int kCounterBurst = 60;
inline constexpr std::chrono::seconds kCounterRefill{600};

}  // namespace limits
}  // namespace patd
