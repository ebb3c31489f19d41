// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/limits.h"
#include "common/base/result.h"
#include "common/token/target.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace patd {

// What presenting a dead secret does besides raising the alarm.
enum class OnReuse { Alarm, Revoke };

// What an admin may choose (patd.conf(5)). The defaults stand here; the limits of
// common/base/limits.h are the ceilings, so that a setting can only narrow.
struct Settings {
    bool accept_store = true;
    std::size_t tokens_per_user = limits::kTokensPerUser;
    // How far ahead a new expiry may lie; then tokens without one are refused. 0: infinity.
    std::chrono::seconds token_lifetime_max{0};
    std::chrono::seconds child_token_lifetime{limits::kChildLifetimeSeconds};
    // The longest life of a child that a client may request; also caps the default above.
    std::chrono::seconds child_token_lifetime_max{limits::kChildLifetimeSecondsMax};
    std::chrono::seconds unlock_max{limits::kUnlockSecondsMax};
    std::chrono::seconds expose_max{limits::kExposureSecondsMax};
    std::chrono::seconds operation_idle{limits::kOperationIdle};
    std::size_t line_connections = limits::kLineConnections;
    std::size_t line_connections_per_user = limits::kLineConnectionsPerUser;
    std::size_t audit_events_per_user = limits::kEventsPerUser;
    // How long before its expiry a token's owner is told. 0: never.
    std::chrono::seconds expiry_notice{std::chrono::hours(7 * 24)};
    OnReuse on_reuse = OnReuse::Alarm;
    bool record_units = false;
    // Accounts that are services (daemon/admission/service_uids.h), besides those below the login
    // range.
    std::vector<std::string> service_accounts = {};
    // Where the gateway listens (docs/adr/0055); none: there is no gateway.
    std::optional<Origin> gateway_origin = {};
    // The account that may ask for the secrets of tokens that go through it.
    std::string gateway_account = "patd-http-gateway";

    friend bool operator==(const Settings&, const Settings&) = default;
};

// One option of section [Patd]. Its type is the member's; the smallest and largest value count
// things or seconds.
struct SettingOption {
    std::string_view key;
    std::variant<bool Settings::*, std::size_t Settings::*, std::chrono::seconds Settings::*,
                 OnReuse Settings::*, std::vector<std::string> Settings::*,
                 std::optional<Origin> Settings::*, std::string Settings::*>
        member;
    std::int64_t min = 0;
    std::int64_t max = 0;
    bool may_be_infinite = false;
};

// Every option, in the order of the man page.
std::span<const SettingOption> setting_options();

// Sets the option to `text`; empty text means the default. UnknownOption for a text that is not a
// value of this option; the context is a sentence on what it takes.
Result<void> assign(const SettingOption& option, std::string_view text, Settings& settings);
// The value as written in the configuration file, for example "yes", "1000" or "10min".
std::string format_value(const SettingOption& option, const Settings& settings);
// What the option takes, for example "a time from 1min to 10min".
std::string describe_values(const SettingOption& option);

}  // namespace patd
