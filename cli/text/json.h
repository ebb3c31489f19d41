// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/client/dictionary.h"

#include <nlohmann/json.hpp>

#include <vector>

namespace patd::cli {

// The same keys and values as on D-Bus. Times stay seconds since 1970.
nlohmann::json to_json(const client::Dictionary& dictionary);
nlohmann::json to_json(const std::vector<client::Dictionary>& dictionaries);

// One line of JSON. Bytes that are no UTF-8 are replaced, never an exception.
std::string format_json(const nlohmann::json& value);

}  // namespace patd::cli
