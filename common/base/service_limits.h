// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/cache_limits.h"
#include "common/base/limits.h"

#include <chrono>
#include <cstddef>

// The part of limits.h that only the token service itself needs.
namespace patd::limits {

// Services (daemon/admission/service_uids.h) have places that nobody else can take: a web server
// has a connection for each of its workers that logs somebody in. Together with everybody else's
// places and the exposures', they stay below LimitNOFILE=.
inline constexpr std::size_t kLineServices = 1024;
inline constexpr std::size_t kLineConnectionsPerService = 512;
inline constexpr std::size_t kServiceAccounts = 64;  // in ServiceAccounts=
// Descriptors that patd itself needs (of LimitNOFILE=), whoever is connected: 25 when nobody is,
// and a few for each process that is looked up and each password that is checked.
inline constexpr std::size_t kOwnDescriptors = 48;

// Uids whose account is being looked up for the first time; each is a lot of its own until the
// answer is known. As many as there are places for strangers, so that even they gain little from a
// slow name service.
inline constexpr std::size_t kNewcomers = 32;

// Memory locked at once for one connection; for all served connections of one lot, and for what was
// opened a moment ago, each with a page of its own.
inline constexpr std::size_t kLineLockedBytes = kLineMessageBytes + kLineReplyBytes;
inline constexpr std::size_t kLockedBytes =
    kLineServedPerUser * kLineLockedBytes + kOpenedSecrets * 4096;

// Whether they have a service password (Status): how many are asked about at once, each of which is
// a process of patd-auth, how long a Status waits, and how long it believes the answer: files of
// patd-auth may be removed or put back without it.
inline constexpr std::size_t kPasswordStates = 16;
inline constexpr std::chrono::milliseconds kPasswordStateDeadline{2000};
inline constexpr std::chrono::milliseconds kPasswordStateKept{10'000};

// patd --refuse: how long it answers who comes, so that who connects without a pause costs at most
// one start in that time.
inline constexpr std::chrono::milliseconds kRefusalLasts{1000};

// Audit: what waits while the log cannot be written.
inline constexpr std::size_t kEventsOwed = 256;
// Events of releases on their way into audit.db: in the journal's file, and in memory.
inline constexpr std::size_t kJournalBytes = 1048576;
inline constexpr std::size_t kJournalEvents = 1024;
inline constexpr std::size_t kEventsPerFold = 64;  // one transaction, some 300 us

}  // namespace patd::limits
