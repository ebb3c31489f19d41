// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <cstddef>

// The part of limits.h about what the store remembers of what it read. Apart from it, because only
// the store needs it.
namespace patd::limits {

// As many as one user may have, so that a host on which a thousand take turns does not read the
// database for each. About 512 KiB of ordinary ones; the bytes bound the longest.
inline constexpr std::size_t kCachedRecords = 1024;
inline constexpr std::size_t kCachedRecordBytes = 2097152;
// Places that an owner asked for: those of some hundred tokens, or of a build that clones as many
// repositories. Only such as a token covers are kept, each with what covers it.
inline constexpr std::size_t kCachedPlacesPerOwner = 256;
inline constexpr std::size_t kCachedPlaceTokens = 4;  // more are read in turns anyway
inline constexpr std::size_t kCachedPlaceBytes = 2097152;
// Secrets of imported tokens, for a second. Each has a locked page of its own: 1 MiB of the 8 that
// patd may lock. Longer ones than a page has room for are not kept.
inline constexpr std::size_t kOpenedSecrets = 256;
inline constexpr std::size_t kOpenedSecretsPerOwner = 128;
inline constexpr std::size_t kOpenedSecretBytes = 4095;
// Of what is forgotten when patd comes to rest, how many of a kind the loop frees at once: records
// with 64 targets take 6 us each, secrets, with their pages, 5.
inline constexpr std::size_t kFreedPerStep = 8;

}  // namespace patd::limits
