// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/text/json.h"

namespace patd::cli {

nlohmann::json to_json(const client::Dictionary& dictionary) {
    nlohmann::json object = nlohmann::json::object();
    for (const auto& [key, value] : dictionary.entries())
        std::visit([&object, &name = key](const auto& held) { object[name] = held; }, value);
    return object;
}

nlohmann::json to_json(const std::vector<client::Dictionary>& dictionaries) {
    nlohmann::json array = nlohmann::json::array();
    for (const client::Dictionary& dictionary : dictionaries)
        array.push_back(to_json(dictionary));
    return array;
}

std::string format_json(const nlohmann::json& value) {
    return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace patd::cli
