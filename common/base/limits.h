// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/token_limits.h"

#include <chrono>
#include <cstddef>
#include <cstdint>

// Every quantity that a user controls has its limit here, with the reason.
namespace patd::limits {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

// Service password: libxcrypt takes at most 512 bytes with the final NUL
// (CRYPT_MAX_PASSPHRASE_SIZE), so a password of 512 bytes is never right, and one of 513 is never
// sent.
inline constexpr std::size_t kServicePasswordBytes = 512;
inline constexpr std::size_t kPromptTextBytes = 512;   // PAM_MAX_MSG_SIZE
inline constexpr std::size_t kPromptOptionBytes = 64;  // prompt= of pam_pat: a few words
inline constexpr std::size_t kPromptsPerConversation = 32;
inline constexpr std::size_t kPasswordChecks = 64;  // requested by services, in progress at once
// For one account: patd-auth makes at most two hashes at once, and one of them is always left to
// the others.
inline constexpr std::size_t kPasswordChecksPerUser = 1;
inline constexpr std::size_t kPasswordChecksWaiting = 32;  // for one account: its connections
inline constexpr std::size_t kThrottlesKnown = 4096;       // as many as patd-auth keeps buckets

// After this many refusals in a row for one caller and one name (as many as the lockout allows at
// once), one check a second is started. A service delays nobody for longer than the time below,
// which leaves three seconds of kClientDeadline for those who wait ahead.
inline constexpr std::size_t kPasswordRefusals = 5;
inline constexpr milliseconds kPasswordCheckPause{1000};
inline constexpr milliseconds kPasswordCheckDelay{2000};
inline constexpr milliseconds kPasswordRefusalsKept{60000};

// Operations: a user may have a few windows open, not a thousand.
inline constexpr std::size_t kOperations = 512;  // every begin looks through them all
inline constexpr std::size_t kOperationsPerUser = 16;
inline constexpr std::size_t kOperationsPerConnection = 4;
inline constexpr seconds kOperationIdle{60};
inline constexpr seconds kConversationIdle{30};
inline constexpr std::int64_t kUnlockSecondsMax = 8LL * 3600;  // one working day

// Turns (docs/adr/0018): how much one uid may do before the others, and how long all may run before
// the loop looks for new arrivals. A get takes some 30 us.
inline constexpr microseconds kTurnBudget{50};
inline constexpr microseconds kRoundBudget{1000};
// What a call that is read and then refused or dropped costs its lot: three quarters of its price,
// so that a lot whose calls take all of the reading time gets every fourth of its turns.
inline constexpr std::chrono::nanoseconds kCallCharge{3000};
inline constexpr std::chrono::nanoseconds kAcceptCharge{4500};  // for a connection, likewise
// What one step does: a record of the largest kind takes 90 us, this many index look-ups some 50.
inline constexpr std::size_t kStepsAtOnce = 4;
inline constexpr std::size_t kRecordsPerStep = 1;
inline constexpr std::size_t kSecretsPerStep = 4;  // less than 2 us, unless a record must be read
inline constexpr std::size_t kIndexRowsPerStep = 64;
inline constexpr std::size_t kEventRowsPerStep = 32;  // read in full, with their texts
inline constexpr std::size_t kComparisonsPerStep = 4096;
inline constexpr std::size_t kDictsPerStep = 8;   // read from, or appended to, a message
inline constexpr std::size_t kChoicesPerGet = 4;  // retries when the chosen token changed meanwhile
inline constexpr std::size_t kStoresWaiting = 32;    // of one owner: that owner's connections
inline constexpr std::size_t kRefusedChildren = 16;  // of one owner: the latest are remembered

// Descriptors that Operation.Next handed out and whose other ends are still open. dbus-daemon stops
// reading from patd when 64 wait for peers that do not read; a user types into one at a time.
inline constexpr std::size_t kHandedDescriptors = 32;
inline constexpr std::size_t kHandedDescriptorsPerUser = 8;

// Connections that receive signals about their owner's tokens: a desktop or a script has one each.
inline constexpr std::size_t kSubscriptionsPerUser = 16;

// D-Bus: dbus-daemon's default maximum of connections. What a message may hold is limited where it
// is read (common/bus/dict.h), and by the bus.
inline constexpr std::size_t kIdentityCache = 2048;
// Unanswered calls: a program has a few, a hostile one as many as it wants.
inline constexpr std::size_t kBusCalls = 512;
inline constexpr std::size_t kBusCallsPerUser = 64;
// dbus-daemon carries up to 32 MiB with the header; it disconnects senders of more.
inline constexpr std::size_t kBusReplyBytes = 33554432 - 65536;

// Line socket (gitcredentials(7): a line is at most 65,535 bytes with its newline).
inline constexpr std::size_t kLineBytes = 65535;
inline constexpr std::size_t kLineMessageBytes = 131072;
inline constexpr std::size_t kLineAttributes = 64;
inline constexpr std::size_t kLineReplyBytes = 16384;
inline constexpr std::size_t kLinePipelineBytes = 65536;  // replies that wait for one write(2)
inline constexpr std::size_t kVerifySecrets = 256;  // in one message: what a reply has room for
// An idle connection costs only a descriptor (LimitNOFILE= is 4096).
inline constexpr std::size_t kLineConnections = 1024;
inline constexpr std::size_t kLineConnectionsPerUser = 256;  // a build that clones all at once
inline constexpr std::size_t kLineStrangers = 32;  // of all without account and token, together
// Connections of one lot whose requests are read at once: 32 of the longest lock 5 MiB.
inline constexpr std::size_t kLineServedPerUser = 32;
// Connections that wait to be accepted. New ones queue behind them, and a flood of connections that
// are closed at once would keep a long queue full. Also in patd.socket.
inline constexpr std::size_t kLineBacklog = 64;
inline constexpr std::size_t kAcceptsInARow = 16;   // before the accepted ones get their turn
inline constexpr milliseconds kAcceptBackOff{100};  // when we run out of descriptors
inline constexpr seconds kLineFrameDeadline{3};
inline constexpr seconds kLineIdle{10};

// Exposures: line sockets that an owner opens for a container or an agent. Each has a thread.
inline constexpr std::size_t kExposures = 32;
inline constexpr std::size_t kExposuresPerUser = 8;
inline constexpr std::size_t kExposureTokens = 16;
inline constexpr std::int64_t kExposureSecondsMax = 24LL * 3600;  // for the longest jobs
inline constexpr std::size_t kExposureConnections = 16;
inline constexpr std::size_t kExposureRequestsPerMinute = 120;  // nobody inside floods the log

// Asking systemd for callers' units: fewer at once than the calls that dbus-daemon lets one
// connection await (128), and for one user never more than the connections that can wait for them.
inline constexpr std::size_t kUnitLookups = 64;
inline constexpr std::size_t kUnitLookupsOfUser = 8;
inline constexpr std::size_t kUnitLookupsWaiting = 32;  // of one user, including those in progress
inline constexpr milliseconds kUnitLookupDeadline{2000};

// Per-user mode: a keyring is another program; it may be hung, hostile or waiting for a human.
inline constexpr seconds kKeyringDeadline{10};     // for all calls of one step
inline constexpr seconds kKeyringWait{4};          // of a request; less than kClientDeadline
inline constexpr seconds kKeyringPrompt{120};      // to type a keyring's password
inline constexpr seconds kKeyringPromptAgain{60};  // after a prompt was dismissed
// A thousand secrets of 45 bytes make two bundles, a thousand of the longest sixty-four.
inline constexpr std::size_t kKeyringBundleBytes = 65536;
inline constexpr std::size_t kKeyringItems = 1024;       // if there are more, they are not ours
inline constexpr std::size_t kKeyringItemBytes = 98304;  // a full bundle in base64url

// Clients wait this long in total before they report that the daemon does not answer.
inline constexpr milliseconds kClientDeadline{5000};

inline constexpr milliseconds kGitDeadline{1000};  // git's own, for helper_chain.h
inline constexpr std::size_t kGitHelpersBytes = 65536;

// Audit: an owner's own events; the newest are kept.
inline constexpr std::size_t kEventsPerUser = 10000;
inline constexpr std::size_t kEventsPerReply = 1000;
// In addition, events that others caused (wrong secrets): they never push out what the owner did.
inline constexpr std::size_t kStrangerEventsPerUser = 1000;
inline constexpr std::size_t kRefusedRowsPerOwnerMinute = 16;  // further callers share one row
inline constexpr std::size_t kAuditTextBytes = 256;

inline constexpr std::size_t kLimitedKnown = 64;  // callers told to wait or refused, for `status`

inline constexpr int kConcurrentHashes = 2;  // each takes about 65 MiB (yescrypt cost 7)
inline constexpr std::size_t kAttemptBuckets = 4096;

}  // namespace patd::limits
