// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace patd {

// Every reason for which patd says no: closed, one per reason, a row each in errc.def. Its name on
// D-Bus is `org.patd.Tokens1.Error.<name>`, on the line socket `error=<name>`.
enum class Errc : std::uint8_t {
#define PATD_ERRC(name, kind, sentence) name,
#include "common/base/errc.def"
#undef PATD_ERRC
};

// All of them, in that order.
inline constexpr std::array kEveryErrc = {
#define PATD_ERRC(name, kind, sentence) Errc::name,
#include "common/base/errc.def"
#undef PATD_ERRC
};

// What a reason means to the program that asked. patctl's exit statuses (cli/io/exit_code.cc) and
// the PAM module's codes (pam_module/pam_codes.cc) follow from it.
enum class ErrcKind : std::uint8_t {
    Usage,        // the caller gave a value that cannot be
    Setting,      // the same, but a value that a line of a PAM file gives, too
    NotFound,     // it is not there
    Refused,      // the request is good, and is not granted
    Cancelled,    // somebody gave it up
    Unreachable,  // nobody answers who can, or somebody answers who must not
    Failed,       // it could have been granted; the service was not able to
    Unusable,     // what the request refers to is of no use for it
};

// The stable name on every wire, for example "NotFound".
std::string_view errc_name(Errc code);

ErrcKind errc_kind(Errc code);

// A fixed sentence for people that names the fix. It never holds bytes of a peer.
std::string_view errc_message(Errc code);

// The inverse of errc_name; nothing for a name that this version does not know.
std::optional<Errc> errc_from_name(std::string_view name);

}  // namespace patd
