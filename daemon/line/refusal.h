// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace patd {

// What patd-refuse.service says when patd does not start: systemd would start it again and again as
// long as somebody waits at the line socket. Thread rule: any.

// A sentence for people. Of the system service, whose master key may be the cause, it is told below
// `root` ("" is /).
std::string_view why_not_started(bool has_config_faults, const std::string& root);
std::string_view why_not_started_for_user(bool has_config_faults);

// Answers everybody who waits at `listener`, a listening UNIX socket that does not block, or comes
// within `lasts`, with Unavailable and `why`. Returns after that time, when nobody waits any more
// or many were answered.
void turn_away(int listener, std::string_view why, std::chrono::milliseconds lasts);

}  // namespace patd
