// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/clock.h"
#include "common/client/dictionary.h"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace patd::cli {

// What the service says, as patctl-json(7) has it: `last-used-at` becomes `last_used_at`, a time
// RFC 3339 in UTC, what is not there null, a uid `owner_uid` with the account's name in `owner`,
// and a reason that is an error's name one of lower case, like the others.
nlohmann::json to_json(const client::Dictionary& dictionary);
nlohmann::json to_json(const std::vector<client::Dictionary>& dictionaries);
// The same of audit events, and what was derived of a token as keys of their own: `ttl`,
// `generation`, `permissions`; null where nothing was. So are the exposure that it went through,
// and the tool that asked.
nlohmann::json events_to_json(const std::vector<client::Dictionary>& events);

// "a,b" as ["a", "b"].
std::vector<std::string> split_permissions(std::string_view text);

// null for "".
nlohmann::json text_to_json(const std::string& text);
// null for 0.
nlohmann::json time_to_json(UnixTime time);

// "RuleDenied" as "rule-denied". What is of that form already stays.
std::string kebab_case(std::string_view name);

// One line of JSON. Bytes that are no UTF-8 are replaced, never an exception.
std::string format_json(const nlohmann::json& value);

}  // namespace patd::cli
