// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/text/audit_place.h"
#include "common/base/clock.h"
#include "common/client/dictionary.h"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace patd::cli {

// A child that was released, as the audit log has it.
struct DerivedChild {
    UnixTime at = 0;
    UnixTime expires = 0;
    std::string permissions;
    AuditPlace place;
    bool live = false;  // neither its time nor its parent's generation is over
};

// The children of an issued `token` among its `events`, in their order (newest first).
std::vector<DerivedChild> find_children(const client::Dictionary& token,
                                        const std::vector<client::Dictionary>& events,
                                        UnixTime now);

// How many live, and the newest few, one a line; "-" for none.
std::string format_children(const std::vector<DerivedChild>& children, UnixTime now);
nlohmann::json to_json(const std::vector<DerivedChild>& children);

}  // namespace patd::cli
