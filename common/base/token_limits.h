// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <cstddef>
#include <cstdint>

// The part of limits.h (which includes it) about tokens and permissions.
namespace patd::limits {

// Tokens and what they hold.
inline constexpr std::size_t kTokensPerUser = 1000;        // one user cannot fill the disk
inline constexpr std::size_t kDescriptionBytes = 64;       // fits a table cell
inline constexpr std::size_t kPermissionsPerToken = 64;    // more than any known catalogue (42)
inline constexpr std::size_t kPermissionBytes = 64;        // area:object:rw
inline constexpr std::size_t kPermissionListBytes = 1024;  // as text, in a record and in an answer
inline constexpr std::size_t kTargetsPerToken = 64;        // a team's repositories, one path each
inline constexpr std::size_t kHostBytes = 259;             // RFC 1035 name (253) and ":65535"
inline constexpr std::size_t kTargetPathBytes = 256;       // longer ones are no repositories
inline constexpr std::size_t kTargetListBytes = 8192;      // 64 URLs of 128; a List of 1,000 tokens
                                                           // stays below what dbus-daemon carries
inline constexpr std::size_t kNearMisses = 16;             // named by Explain: a screenful
inline constexpr std::size_t kRulesPerToken = 16;          // units that share one token
inline constexpr std::size_t kUnitNameBytes = 255;         // UNIT_NAME_MAX of systemd
inline constexpr std::size_t kUsernameBytes = 256;         // LOGIN_NAME_MAX of Linux
inline constexpr std::size_t kTokenSecretBytes = 4096;     // JWTs of forges stay below 3 KiB
// Of all parts of a secret that has several. AWS promises no length of its session tokens; most
// have 1 to 2 KB. As much as a secret and its refresh token.
inline constexpr std::size_t kSecretPartsBytes = 8192;
// What git stores by itself (docs/adr/0021).
inline constexpr std::size_t kStoredUsernameBytes = 1024;  // some servers' are an e-mail or a UUID
inline constexpr std::size_t kRefreshTokenBytes = 4096;    // as a secret
inline constexpr std::int64_t kStoredExpiryMax = 253402300799;  // the last second of the year 9999
inline constexpr std::size_t kRefusedPlaces = 16;  // more: the server refuses the token itself
// All secrets of one bulk import: a thousand of 261 bytes, longer than any forge's except JWTs. The
// sixteen operations of one user then hold 4 MiB, and a keyring gets six bundles at most.
inline constexpr std::size_t kImportSecretsBytes = 262144;
inline constexpr std::size_t kImportFileBytes = 1048576;  // the same, percent-encoded, with places
// What one program says of one credential: the parts above, escaped, and a few names.
inline constexpr std::size_t kCredentialTextBytes = 65536;
inline constexpr std::size_t kImportNesting = 16;  // of tools' files; a kubeconfig has 5
inline constexpr std::int64_t kExpirySecondsMax = 10LL * 366 * 24 * 3600;
inline constexpr std::int64_t kChildLifetimeSeconds = 600;  // longer than a large push's handshake
// The longest that may be requested: a nightly job or a large clone. With a longer life a child,
// which nobody lists and which only time ends on its own, would become a second kind of token.
inline constexpr std::int64_t kChildLifetimeSecondsMax = 3600;
// Lists that tokens had before an edit that took nothing away: their children stay valid for
// minutes.
inline constexpr std::size_t kFormerLists = 64;          // some 20 KB each
inline constexpr std::size_t kFormerListsPerUser = 8;    // enough for one child's lifetime
inline constexpr std::size_t kTombstonesPerUser = 4000;  // four generations of a full account

// The gateway: what gateway.d may name, and the raw target of one request.
inline constexpr std::size_t kForges = 32;
inline constexpr std::size_t kForgeNameBytes = 64;
inline constexpr std::size_t kForgeHosts = 64;
inline constexpr std::size_t kRestRules = 512;          // each is compared once for a request
inline constexpr std::size_t kForgeTargetBytes = 2048;  // nginx's own is 8 KiB with the headers

// The permission catalogue, and notices before tokens expire.
inline constexpr std::size_t kCatalogueEntries = 512;        // ten times CODING's; a 64 KiB answer
inline constexpr std::size_t kCatalogueSentenceBytes = 120;  // a line beside a permission
inline constexpr std::int64_t kExpiryNoticeSecondsMax = 90LL * 24 * 3600;  // a quarter ahead
inline constexpr std::size_t kExpiryNoticesPerSweep = 256;  // some milliseconds of the loop

}  // namespace patd::limits
