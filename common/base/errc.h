// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace patd {

// Every reason for which patd says no: a closed list, one row each in errc.def. On D-Bus the name
// is `org.patd.Tokens1.Error.<name>`, on the line socket `error=<name>`.
enum class Errc : std::uint8_t {
#define PATD_ERRC(name, kind, sentence) name,
#include "common/base/errc.def"
#undef PATD_ERRC
};

// All of them, in the order of errc.def.
inline constexpr std::array kEveryErrc = {
#define PATD_ERRC(name, kind, sentence) Errc::name,
#include "common/base/errc.def"
#undef PATD_ERRC
};

// What a reason means to the program that asked. patctl's exit statuses (cli/io/exit_code.cc) and
// the PAM module's codes (pam_module/pam_codes.cc) follow from it.
enum class ErrcKind : std::uint8_t {
    Usage,        // the caller gave an impossible value
    Setting,      // the same, for a value that can also come from a line of a PAM file
    NotFound,     // it does not exist
    Refused,      // the request is valid, but not granted
    Cancelled,    // somebody cancelled it
    Unreachable,  // nobody answers who can, or somebody who must not answer does
    Failed,       // it could have been granted, but the service was not able to
    Unusable,     // what the request refers to cannot be used for it
};

// The stable name on every wire, for example "NotFound".
std::string_view errc_name(Errc code);

ErrcKind errc_kind(Errc code);

// A fixed sentence for people that names the fix. It never holds bytes of a peer.
std::string_view errc_message(Errc code);

// The inverse of errc_name; nothing for a name that this version does not know.
std::optional<Errc> errc_from_name(std::string_view name);

}  // namespace patd
