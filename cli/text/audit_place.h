// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <string>

namespace patd::cli {

// Where something happened, as the audit log and a token's last use have it: `PLACE`,
// `tool NAME PLACE`, `exposed ID PLACE` or `exposed ID tool NAME PLACE`. A tool's name proves
// nothing: the tool says it.
struct AuditPlace {
    std::string exposure;  // the id; "": it came through none
    std::string tool;      // "": git
    std::string place;
};

AuditPlace parse_audit_place(std::string where);

// "exposed ID https://git.example"; the tool is no part of the place.
std::string format_place(const AuditPlace& where);

}  // namespace patd::cli
