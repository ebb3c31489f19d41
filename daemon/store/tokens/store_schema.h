// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/store/database/schema.h"

#include <cstdint>
#include <string>

namespace patd::store::sql {

// The current form of store.db, and through Schema::before that of each earlier version.
const Schema& store_schema();

// The text of the token's table in `version`.
std::string token_table_of(std::uint32_t version);

}  // namespace patd::store::sql
