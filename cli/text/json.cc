// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/text/json.h"

#include "cli/text/audit_place.h"
#include "cli/text/time_text.h"
#include "common/token/derivation.h"

#include <pwd.h>

#include <algorithm>
#include <array>

namespace patd::cli {
namespace {

// A time, or null for 0.
constexpr std::array<std::string_view, 13> kTimes = {
    "at",           "backed-up",   "config-loaded", "created", "died",    "expires", "ends",
    "key-exported", "known-until", "last-used-at",  "made",    "started", "time"};
// Uids that the service names without an account.
constexpr std::array<std::string_view, 3> kUids = {"by", "last-used-by", "owner"};
// Texts that are empty where there is nothing, and a length whose 0 is no limit.
constexpr std::array<std::string_view, 7> kNullable = {
    "last-used-how", "last-used-where", "object", "token", "token-lifetime-max", "unit", "where"};
// A step of an operation, of which nothing is left when it has ended.
constexpr std::string_view kProtocol = "acknowledge";
constexpr std::array<std::string_view, 4> kReasons = {"keyring", "outcome", "reason", "verdict"};

template <std::size_t N>
bool is_in(const std::array<std::string_view, N>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::string snake_case(std::string_view name) {
    std::string text(name);
    std::replace(text.begin(), text.end(), '-', '_');
    return text;
}

nlohmann::json account_to_json(std::uint32_t uid) {
    const passwd* entry = getpwuid(uid);
    return entry == nullptr ? nlohmann::json() : nlohmann::json(entry->pw_name);
}

bool is_nothing(const client::Value& value) {
    const auto* text = std::get_if<std::string>(&value);
    const auto* number = std::get_if<std::int64_t>(&value);
    return (text != nullptr && text->empty()) || (number != nullptr && *number == 0);
}

void put(nlohmann::json& object, std::string_view key, const client::Value& value) {
    const std::string name = snake_case(key);
    if (const auto* time = std::get_if<std::int64_t>(&value); time != nullptr && is_in(kTimes, key))
        object[name] = time_to_json(*time);
    else if (is_in(kNullable, key) && is_nothing(value))
        object[name] = nullptr;
    else if (const auto* text = std::get_if<std::string>(&value);
             text != nullptr && is_in(kReasons, key))
        object[name] = kebab_case(*text);
    else
        std::visit([&](const auto& held) { object[name] = held; }, value);
}

void put_uid(nlohmann::json& object, std::string_view key, std::uint32_t uid) {
    const std::string name = snake_case(key);
    object[name] = account_to_json(uid);
    object[name + "_uid"] = uid;
}

void put_place(nlohmann::json& object, const std::string& before, const std::string& where) {
    const AuditPlace parsed = parse_audit_place(where);
    object[before + "where"] = text_to_json(parsed.place);
    object[before + "exposure"] = text_to_json(parsed.exposure);
    object[before + "tool"] = text_to_json(parsed.tool);
}

}  // namespace

std::vector<std::string> split_permissions(std::string_view text) {
    std::vector<std::string> permissions;
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        permissions.emplace_back(text.substr(0, comma));
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return permissions;
}

nlohmann::json text_to_json(const std::string& text) {
    return text.empty() ? nlohmann::json() : nlohmann::json(text);
}

nlohmann::json time_to_json(UnixTime time) {
    return time == 0 ? nlohmann::json() : nlohmann::json(format_rfc3339(time));
}

std::string kebab_case(std::string_view name) {
    std::string text;
    for (const char c : name) {
        const bool is_capital = c >= 'A' && c <= 'Z';
        if (is_capital && !text.empty())
            text += '-';
        text += is_capital ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return text;
}

nlohmann::json to_json(const client::Dictionary& dictionary) {
    nlohmann::json object = nlohmann::json::object();
    for (const auto& [key, value] : dictionary.entries()) {
        if (key == kProtocol)
            continue;
        if (const auto* uid = std::get_if<std::uint32_t>(&value);
            uid != nullptr && is_in(kUids, key))
            put_uid(object, key, *uid);
        else
            put(object, key, value);
    }
    if (dictionary.has("last-used-where"))
        put_place(object, "last_used_", dictionary.text("last-used-where"));
    // Nobody has used it: uid 0 is not root then.
    if (dictionary.has("last-used-at") && dictionary.time("last-used-at") == 0)
        object["last_used_by"] = object["last_used_by_uid"] = nullptr;
    return object;
}

nlohmann::json to_json(const std::vector<client::Dictionary>& dictionaries) {
    nlohmann::json array = nlohmann::json::array();
    for (const client::Dictionary& dictionary : dictionaries)
        array.push_back(to_json(dictionary));
    return array;
}

nlohmann::json events_to_json(const std::vector<client::Dictionary>& events) {
    nlohmann::json array = nlohmann::json::array();
    for (const client::Dictionary& event : events) {
        nlohmann::json object = to_json(event);
        std::string where = event.text("where");
        const std::optional<Derivation> derived = parse_derivation(where);
        object["ttl"] = object["generation"] = object["permissions"] = nullptr;
        if (derived) {
            where = derived->target;
            object["ttl"] = derived->seconds;
            object["generation"] = derived->generation;
            object["permissions"] = split_permissions(derived->permissions);
        }
        put_place(object, "", where);
        array.push_back(std::move(object));
    }
    return array;
}

std::string format_json(const nlohmann::json& value) {
    return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace patd::cli
