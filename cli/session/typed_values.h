// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/client/tokens_client.h"
#include "common/token/permission.h"
#include "common/token/place.h"
#include "common/token/release_rules.h"

#include <string>
#include <vector>

namespace patd::cli {

// What was typed, read as common/token does. Their errors are those of common/token, with a context
// for people: which value it is, what is wrong with it, and what was probably meant. No error
// repeats what may be a secret (shown_value.h).

Result<PermissionList> read_permissions(const std::vector<std::string>& texts);
Result<TargetList> read_targets(const std::vector<std::string>& texts);
Result<Place> read_place(const std::string& url, const std::optional<std::string>& username);
Result<ReleaseRules> read_units(const std::vector<std::string>& names);
Result<std::string> read_description(const std::string& text);
Result<std::string> read_username(const std::string& text);

// A fault of a URL for people: `error` is parse_place's, or any other reader's of that URL.
Error fault_of_url(const std::string& url, const Error& error);

Result<Permission> read_permission(const std::string& text);
// Of a service alone: https://host[:port].
Result<Origin> read_origin(const std::string& text);

// How long something is to last: `option`, the text that was typed for it, the most seconds that
// any machine allows, and who knows whether this one allows less: a setting of patd.conf(5), and a
// key of Status.
struct Lasting {
    const char* option;
    std::string typed;
    std::int64_t most;
    const char* setting;
    const char* status;
};
// InvalidExpiry: no duration, or longer than `most`. A number alone is one of seconds where
// `bare_seconds`.
Result<std::int64_t> read_lasting(const Lasting& lasting, bool bare_seconds);
// Why the service refused it, for InvalidExpiry: what this machine allows. Asks the service.
Error refuse_lasting(client::TokensClient& client, const Lasting& lasting, const Error& error);

// A value of `option`, whose error is told with the option's name before it.
template <typename T>
Result<T> of_option(const char* option, Result<T> value) {
    if (value)
        return value;
    return Error{value.error().code, std::string(option) + " " + value.error().context};
}

}  // namespace patd::cli
