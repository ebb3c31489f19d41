// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/limits.h"

#include <chrono>
#include <cstddef>
#include <cstdint>

// The part of limits.h that only patd-http needs.
namespace patd::limits {

// A request. nginx passes on as much as 32 KiB of a client's headers, but only where its
// configuration does not name the few that patd-http reads; Caddy passes all of them.
inline constexpr std::size_t kHttpHeaderBytes = 32768;
inline constexpr std::size_t kHttpFields = 128;
inline constexpr std::size_t kHttpBodyBytes = 8192;  // a token and a hint
inline constexpr std::size_t kHttpFormFields = 16;
inline constexpr std::size_t kHttpUserBytes = 256;   // of Basic: an account's name
inline constexpr std::size_t kHttpForgeBytes = 259;  // a name and a port
inline constexpr std::size_t kHttpMethodBytes = 16;  // of a request to a forge
inline constexpr std::size_t kHttpServiceBytes = 64;
inline constexpr std::size_t kHttpAddressBytes = 64;  // of a client; with a zone

// Connections: a web server has one for each request that it lets patd judge at that moment, and
// keeps some. When there is no room, the one that has been silent longest gives way.
inline constexpr std::size_t kHttpListeners = 8;
inline constexpr std::size_t kHttpConnections = 512;
inline constexpr std::size_t kHttpConnectionsPerPeer = 256;
inline constexpr std::size_t kHttpConnectionsOfOthers = 256;  // all whom no setting names
inline constexpr std::size_t kHttpAcceptsInARow = 16;
inline constexpr std::size_t kHttpAnswersInARow = 16;  // of one connection, before the others
inline constexpr std::size_t kHttpSocketsInARound = 64;
inline constexpr std::size_t kHttpRoomsKept = 64;  // buffers that wait for the next request

// Times. A request must be whole so long after its first byte, however it drips.
inline constexpr std::chrono::milliseconds kHttpRequestDeadline{5000};
inline constexpr std::chrono::milliseconds kHttpIdle{75'000};  // nginx keeps its end for 60 s
inline constexpr std::chrono::milliseconds kHttpUnread{3000};  // an answer that nobody reads
// After a refusal, what still comes is read and dropped for so long: who closes at once takes the
// answer back.
inline constexpr std::chrono::milliseconds kHttpLinger{1000};
inline constexpr std::chrono::milliseconds kHttpSweep{250};
inline constexpr std::chrono::milliseconds kHttpWindDown{2000};

// Questions to patd. Servers wait 2 s for patd-http in our examples.
inline constexpr std::chrono::milliseconds kHttpPatdDeadline{1500};
inline constexpr std::chrono::milliseconds kHttpPatdRetry{20};
// Of all that are asked at once; the longest question takes some 4.5 KiB.
inline constexpr std::size_t kHttpAskedBytes = 262144;

// Refusals: so many at once for one address, then one more in each interval. A program that polls
// with a dead token is served, a flood of them is not recorded one by one.
inline constexpr int kHttpRefusals = 60;
inline constexpr std::chrono::milliseconds kHttpRefusalEvery{1000};
inline constexpr std::size_t kHttpAddresses = 4096;

inline constexpr std::size_t kHttpAccounts = 64;  // in each list of http.d

}  // namespace patd::limits
