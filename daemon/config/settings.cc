// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/config/settings.h"

#include "common/base/duration.h"
#include "common/base/parse_number.h"
#include "common/base/service_limits.h"

#include <algorithm>
#include <array>
#include <optional>

namespace patd {
namespace {

constexpr std::int64_t kMinute = 60;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;

constexpr std::int64_t as_int64(std::size_t number) {
    return static_cast<std::int64_t>(number);
}

constexpr std::array kOptions = {
    SettingOption{"AcceptStore", &Settings::accept_store},
    SettingOption{"TokensPerUser", &Settings::tokens_per_user, 1, as_int64(limits::kTokensPerUser)},
    SettingOption{"TokenLifetimeMax", &Settings::token_lifetime_max, kHour,
                  limits::kExpirySecondsMax, true},
    SettingOption{"ChildTokenLifetime", &Settings::child_token_lifetime, kMinute,
                  limits::kChildLifetimeSeconds},
    SettingOption{"ChildTokenLifetimeMax", &Settings::child_token_lifetime_max, kMinute,
                  limits::kChildLifetimeSecondsMax},
    SettingOption{"UnlockMax", &Settings::unlock_max, kMinute, limits::kUnlockSecondsMax},
    SettingOption{"ExposeMax", &Settings::expose_max, kMinute, limits::kExposureSecondsMax},
    SettingOption{"OperationIdle", &Settings::operation_idle, 10, limits::kOperationIdle.count()},
    SettingOption{"LineConnections", &Settings::line_connections, 8,
                  as_int64(limits::kLineConnections)},
    SettingOption{"LineConnectionsPerUser", &Settings::line_connections_per_user, 2,
                  as_int64(limits::kLineConnectionsPerUser)},
    SettingOption{"AuditEventsPerUser", &Settings::audit_events_per_user, 100,
                  as_int64(limits::kEventsPerUser)},
    SettingOption{"ExpiryNotice", &Settings::expiry_notice, 0, limits::kExpiryNoticeSecondsMax},
    SettingOption{"OnReuse", &Settings::on_reuse},
    SettingOption{"RecordUnits", &Settings::record_units},
    SettingOption{"ServiceAccounts", &Settings::service_accounts, 0,
                  as_int64(limits::kServiceAccounts)},
    SettingOption{"GatewayOrigin", &Settings::gateway_origin},
    SettingOption{"GatewayAccount", &Settings::gateway_account},
};

struct Unit {
    std::string_view name;
    std::int64_t seconds;
};
// How a time is written, the largest first.
constexpr std::array kUnits = {Unit{"d", kDay}, Unit{"h", kHour}, Unit{"min", kMinute},
                               Unit{"s", 1}};

constexpr std::array<std::string_view, 4> kYes = {"yes", "true", "on", "1"};
constexpr std::array<std::string_view, 4> kNo = {"no", "false", "off", "0"};
constexpr std::string_view kInfinity = "infinity";
constexpr std::string_view kAlarm = "alarm";
constexpr std::string_view kRevoke = "revoke";

template <std::size_t N>
bool is_one_of(std::string_view text, const std::array<std::string_view, N>& words) {
    for (const std::string_view word : words) {
        if (text == word)
            return true;
    }
    return false;
}

// Takes the number at the start of `text`.
std::optional<std::int64_t> take_digits(std::string_view& text) {
    return text.starts_with('-') ? std::nullopt : take_number<std::int64_t>(text);
}

std::optional<std::int64_t> parse_seconds(const SettingOption& option, std::string_view text) {
    if (option.may_be_infinite && text == kInfinity)
        return 0;
    const ReadDuration read = read_duration(text, option.max);
    const bool is_good = read.fault == DurationFault::None || read.fault == DurationFault::NoUnit;
    if (!is_good || read.seconds < option.min)
        return std::nullopt;
    return read.seconds;
}

std::optional<std::int64_t> parse_count(const SettingOption& option, std::string_view text) {
    const std::optional<std::int64_t> number = take_digits(text);
    if (!number || !text.empty() || *number < option.min || *number > option.max)
        return std::nullopt;
    return number;
}

std::optional<bool> parse_flag(std::string_view text) {
    if (is_one_of(text, kYes))
        return true;
    if (is_one_of(text, kNo))
        return false;
    return std::nullopt;
}

std::optional<OnReuse> parse_on_reuse(std::string_view text) {
    if (text == kAlarm)
        return OnReuse::Alarm;
    if (text == kRevoke)
        return OnReuse::Revoke;
    return std::nullopt;
}

// What useradd(8) accepts, and what directory services have besides.
bool is_account_name(std::string_view text) {
    constexpr std::size_t kNameBytes = 32;
    return text.size() <= kNameBytes && text.front() != '-' &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '_' || c == '-' || c == '.' || c == '@' || c == '$';
           });
}

// Without TLS only what does not leave the machine.
std::optional<Origin> parse_gateway(std::string_view text) {
    const Result<Origin> origin = Origin::parse(text);
    if (!origin)
        return std::nullopt;
    const std::string_view host = origin->host();
    const bool is_here = host == "127.0.0.1" || host == "[::1]" || host == "localhost";
    const bool is_good = origin->protocol() == "https" || (origin->protocol() == "http" && is_here);
    return is_good ? std::optional(*origin) : std::nullopt;
}

// Names, separated by spaces.
std::optional<std::vector<std::string>> parse_names(const SettingOption& option,
                                                    std::string_view text) {
    std::vector<std::string> names;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        const std::string_view name = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (name.empty())
            continue;
        if (!is_account_name(name))
            return std::nullopt;
        names.emplace_back(name);
    }
    if (as_int64(names.size()) > option.max)
        return std::nullopt;
    return names;
}

std::string format_seconds(std::int64_t seconds) {
    for (const Unit& unit : kUnits) {
        if (seconds % unit.seconds == 0)
            return std::to_string(seconds / unit.seconds).append(unit.name);
    }
    return {};
}

// Sets a member of each type from text. False if the text is not a value of that type.
struct Assign {
    const SettingOption& option;
    std::string_view text;
    Settings& settings;

    bool operator()(bool Settings::*member) const { return set(member, parse_flag(text)); }
    bool operator()(OnReuse Settings::*member) const { return set(member, parse_on_reuse(text)); }
    bool operator()(std::vector<std::string> Settings::*member) const {
        return set(member, parse_names(option, text));
    }
    bool operator()(std::optional<Origin> Settings::*member) const {
        const std::optional<Origin> origin = parse_gateway(text);
        if (origin)
            settings.*member = origin;
        return origin.has_value();
    }
    bool operator()(std::string Settings::*member) const {
        return is_account_name(text) && set(member, std::optional(std::string(text)));
    }
    bool operator()(std::size_t Settings::*member) const {
        const std::optional<std::int64_t> number = parse_count(option, text);
        return number && set(member, std::optional(static_cast<std::size_t>(*number)));
    }
    bool operator()(std::chrono::seconds Settings::*member) const {
        const std::optional<std::int64_t> number = parse_seconds(option, text);
        return number && set(member, std::optional(std::chrono::seconds(*number)));
    }

    template <typename T>
    bool set(T Settings::*member, const std::optional<T>& value) const {
        if (value)
            settings.*member = *value;
        return value.has_value();
    }
};

struct Format {
    const SettingOption& option;
    const Settings& settings;

    std::string operator()(bool Settings::*member) const { return settings.*member ? "yes" : "no"; }
    std::string operator()(OnReuse Settings::*member) const {
        return std::string(settings.*member == OnReuse::Alarm ? kAlarm : kRevoke);
    }
    std::string operator()(std::vector<std::string> Settings::*member) const {
        std::string text;
        for (const std::string& name : settings.*member)
            text += (text.empty() ? "" : " ") + name;
        return text;
    }
    std::string operator()(std::optional<Origin> Settings::*member) const {
        return settings.*member ? (settings.*member)->text() : std::string();
    }
    std::string operator()(std::string Settings::*member) const { return settings.*member; }
    std::string operator()(std::size_t Settings::*member) const {
        return std::to_string(settings.*member);
    }
    std::string operator()(std::chrono::seconds Settings::*member) const {
        const std::int64_t seconds = (settings.*member).count();
        if (option.may_be_infinite && seconds == 0)
            return std::string(kInfinity);
        return format_seconds(seconds);
    }
};

}  // namespace

std::span<const SettingOption> setting_options() {
    return kOptions;
}

Result<void> assign(const SettingOption& option, std::string_view text, Settings& settings) {
    if (text.empty()) {
        const auto reset = [&](auto member) { settings.*member = Settings().*member; };
        std::visit(reset, option.member);
        return {};
    }
    if (std::visit(Assign{option, text, settings}, option.member))
        return {};
    return Error{Errc::UnknownOption,
                 std::string(option.key) + "= takes " + describe_values(option)};
}

std::string format_value(const SettingOption& option, const Settings& settings) {
    return std::visit(Format{option, settings}, option.member);
}

std::string describe_values(const SettingOption& option) {
    if (std::holds_alternative<bool Settings::*>(option.member))
        return "yes or no";
    if (std::holds_alternative<OnReuse Settings::*>(option.member))
        return std::string(kAlarm).append(" or ").append(kRevoke);
    if (std::holds_alternative<std::vector<std::string> Settings::*>(option.member))
        return "names of accounts, at most " + std::to_string(option.max) + ", divided by spaces";
    if (std::holds_alternative<std::optional<Origin> Settings::*>(option.member))
        return "an origin such as http://127.0.0.1:9200, or https://HOST of another machine";
    if (std::holds_alternative<std::string Settings::*>(option.member))
        return "the name of an account";
    if (std::holds_alternative<std::size_t Settings::*>(option.member))
        return "a number from " + std::to_string(option.min) + " to " + std::to_string(option.max);
    return "a time from " + format_seconds(option.min) + " to " + format_seconds(option.max) +
           (option.may_be_infinite ? ", or infinity" : "");
}

}  // namespace patd
