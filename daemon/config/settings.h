// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/limits.h"
#include "common/base/result.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace patd {

// What a dead secret that is shown again does besides its alarm.
enum class OnReuse { Alarm, Revoke };

// What an admin may choose (patd.conf(5)). The default of an option is what stands here; the limits
// of common/base/limits.h are the ceilings, so that a setting only ever narrows.
struct Settings {
    bool accept_store = true;
    std::size_t tokens_per_user = limits::kTokensPerUser;
    // How far ahead a new expiry may lie; tokens without one are then refused. 0: infinity.
    std::chrono::seconds token_lifetime_max{0};
    std::chrono::seconds child_token_lifetime{limits::kChildLifetimeSeconds};
    // The longest life of a child that somebody asks for; also the end of the default above.
    std::chrono::seconds child_token_lifetime_max{limits::kChildLifetimeSecondsMax};
    std::chrono::seconds unlock_max{limits::kUnlockSecondsMax};
    std::chrono::seconds expose_max{limits::kExposureSecondsMax};
    std::chrono::seconds operation_idle{limits::kOperationIdle};
    std::size_t line_connections = limits::kLineConnections;
    std::size_t line_connections_per_user = limits::kLineConnectionsPerUser;
    std::size_t audit_events_per_user = limits::kEventsPerUser;
    // How long before a token expires its owner is told. 0: never.
    std::chrono::seconds expiry_notice{std::chrono::hours(7 * 24)};
    OnReuse on_reuse = OnReuse::Alarm;
    bool record_units = false;
    // Accounts that are services (daemon/admission/service_uids.h) beside those below the login
    // range.
    std::vector<std::string> service_accounts = {};

    friend bool operator==(const Settings&, const Settings&) = default;
};

// One option of section [Patd]: its type is that of the member; the smallest and the largest value
// count things or seconds.
struct SettingOption {
    std::string_view key;
    std::variant<bool Settings::*, std::size_t Settings::*, std::chrono::seconds Settings::*,
                 OnReuse Settings::*, std::vector<std::string> Settings::*>
        member;
    std::int64_t min = 0;
    std::int64_t max = 0;
    bool may_be_infinite = false;
};

// Every option, in the order of the man page.
std::span<const SettingOption> setting_options();

// Sets the option to `text`; the empty text stands for the default. When it is no value of this
// option: UnknownOption, with a sentence on what it takes as the context.
Result<void> assign(const SettingOption& option, std::string_view text, Settings& settings);
// The value as the configuration file has it, for example "yes", "1000" or "10min".
std::string format_value(const SettingOption& option, const Settings& settings);
// What the option takes, for example "a time from 1min to 10min".
std::string describe_values(const SettingOption& option);

}  // namespace patd
