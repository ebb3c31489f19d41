// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/token/token_id.h"

#include <cstdint>
#include <optional>

namespace patd {

// The id's ten digits read as a number in base 62: the key of a row.
std::int64_t token_key(const TokenId& id);
// Nothing for a number that is not an id's.
std::optional<TokenId> token_id_of(std::int64_t key);

}  // namespace patd
