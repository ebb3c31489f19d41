// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <string_view>

namespace patd {

// Why the store is withheld (docs/store-format.md, Anchor and witness).
enum class Rollback { None, Older, Foreign, Altered, Machine };
std::string_view rollback_name(Rollback rollback);  // "" for None

// Kept: it is as new as it must be. Behind: patd-auth did not take the last one. Unread: it could
// not be read yet, so nobody knows whether the store is older.
enum class WitnessState { Kept, Behind, Unread };
std::string_view witness_name(WitnessState state);

}  // namespace patd
