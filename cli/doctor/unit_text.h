// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/io/exit_code.h"
#include "cli/session/session.h"
#include "common/client/unit_state.h"

#include <string>
#include <vector>

namespace patd::cli {

// The units that an administrator looks at, in the order in which they start.
inline constexpr const char* kUnits[] = {"patd-auth.socket", "patd-enroll.socket", "patd.socket",
                                         "patd.service"};

// Those of a user's own service.
inline constexpr const char* kOwnUnits[] = {"patd-user-auth.socket", "patd.socket", "patd.service"};

// Whether the service ended because systemd did not give it the master key.
bool has_lost_key(const client::UnitState& unit);
// Why, where the key cannot be opened; and what fixes it.
inline constexpr char kLostKey[] =
    "this machine cannot open the master key: its TPM was cleared or replaced, or its key file "
    "is gone (systemd deletes it under another machine id). Restore the key from the recovery "
    "file; see patd(8), RECOVERY";
inline constexpr char kRecoverKey[] =
    "sudo patctl admin recover-key FILE --install && sudo systemctl restart patd.service";

// The unit through which systemd 258 and later hands a sealed key to a service without devices, and
// whether nothing listens there. Older ones have none.
inline constexpr char kKeySocket[] = "systemd-creds.socket";
bool is_shut_key_socket(const client::UnitState& unit);
inline constexpr char kKeySocketShut[] =
    "systemd 258 and later uses it to give patd its master key";
inline constexpr char kOpenKeySocket[] =
    "sudo systemctl unmask systemd-creds.socket && "
    "sudo systemctl restart systemd-creds.socket patd.socket patd.service";

// "failed (exit-code, status 78), 3 restarts": one unit for people.
std::string describe_unit(const client::UnitState& unit);
nlohmann::json to_json(const client::UnitState& unit);

// All of kUnits, patd.service the last; before it kKeySocket when patd.service has lost its key and
// that is shut. Unavailable: no bus, or no systemd on it.
Result<std::vector<client::UnitState>> find_units();
Result<std::vector<client::UnitState>> find_own_units();

// When the service could not be reached: shows systemd's view of it, and passes the error on. Other
// outcomes, and a machine without systemd, pass through.
Result<ExitCode> with_units(const Session& session, Result<ExitCode> outcome);

}  // namespace patd::cli
