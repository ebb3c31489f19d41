// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace patd {

// Which of `names` was probably meant by `typed`: the one with the fewest letters put in, left out,
// changed or swapped with their neighbour, at most one in three; else the only one that begins with
// it, if that are three letters or more; "" when there is none. Pure.
std::string nearest_name(std::string_view typed, const std::vector<std::string>& names);

}  // namespace patd
