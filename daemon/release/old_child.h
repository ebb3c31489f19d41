// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"
#include "daemon/release/child_claims.h"

#include <string_view>

namespace patd {

// The form in which children were made until ADR 0025, spelled out; the whole MAC follows. The
// body: form (1), parent (10), generation (4), expires (8), then permissions, target and audience,
// each with two bytes of length; numbers are big-endian.
inline constexpr char kOldChildForm = 1;

// NotFound for anything else.
Result<ChildClaims> read_old_child(std::string_view body);

}  // namespace patd
