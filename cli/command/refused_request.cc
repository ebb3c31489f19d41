// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/refused_request.h"

#include "cli/text/duration.h"
#include "cli/text/permissions_text.h"
#include "cli/text/shown_value.h"
#include "common/base/nearest_name.h"

#include <algorithm>

namespace patd::cli {
namespace {

using Texts = std::vector<std::string>;

Texts parts_of(const std::string& permission) {
    Texts parts;
    for (std::size_t begin = 0; begin <= permission.size();) {
        const std::size_t end = std::min(permission.find(':', begin), permission.size());
        parts.push_back(permission.substr(begin, end - begin));
        begin = end + 1;
    }
    return parts;
}

// What stands at `place` of the choices that begin as `typed` does up to there.
Texts known_at(const Texts& choices, const Texts& typed, std::size_t place) {
    Texts known;
    for (const std::string& choice : choices) {
        const Texts parts = parts_of(choice);
        if (parts.size() > place &&
            std::equal(typed.begin(), typed.begin() + static_cast<int>(place), parts.begin()))
            known.push_back(parts[place]);
    }
    return known;
}

std::string joined(const Texts& parts) {
    std::string text;
    for (const std::string& part : parts)
        text += (text.empty() ? "" : ":") + part;
    return text;
}

// The whole permission with the nearest name at `place`; where none is near, the nearest whole one.
std::string nearest_permission(const std::string& typed, std::size_t place, const Texts& choices) {
    Texts parts = parts_of(typed);
    const std::string part = nearest_name(parts[place], known_at(choices, parts, place));
    if (part.empty())
        return nearest_name(typed, choices);
    parts[place] = part;
    const std::string mended = joined(parts);
    return std::find(choices.begin(), choices.end(), mended) != choices.end()
               ? mended
               : nearest_name(mended, choices);
}

std::string lack(const Texts& parts, std::size_t place) {
    if (place == 0)
        return "there is no area '" + parts[0] + "'";
    if (place == 1)
        return "there is no object '" + parts[1] + "' in " + parts[0];
    return "there is no access '" + parts[place] + "' to " + parts[0] + ":" + parts[1];
}

// `typed` has the form of a permission, and is no choice.
std::string refuse_permission(const std::string& typed, const Texts& choices) {
    const Texts parts = parts_of(typed);
    std::size_t place = 0;
    while (place + 1 < parts.size()) {
        const Texts known = known_at(choices, parts, place);
        if (std::find(known.begin(), known.end(), parts[place]) == known.end())
            break;
        ++place;
    }
    const std::string nearest = nearest_permission(typed, place, choices);
    return shown_value(typed) + ": " + lack(parts, place) +
           (nearest.empty() ? "; see 'patctl permissions'" : "; did you mean " + nearest + "?");
}

Error with_permission(client::TokensClient& client, const Texts& typed, const Error& error) {
    const Result<std::vector<client::Dictionary>> entries = client.list_permissions();
    if (!entries || entries->empty())
        return error;
    Texts choices;
    for (const auto& [choice, sentence] : list_choices(*entries))
        choices.push_back(choice);
    for (const std::string& permission : typed) {
        if (std::find(choices.begin(), choices.end(), permission) == choices.end())
            return {error.code, refuse_permission(permission, choices)};
    }
    return error;
}

Error with_expiry(client::TokensClient& client, const Error& error) {
    const Result<client::Dictionary> status = client.status();
    const std::int64_t longest = status ? status->time("token-lifetime-max") : 0;
    if (longest == 0)
        return error;
    const std::string most = format_duration(longest);
    return {error.code, "this machine wants an expiry of at most " + most + "; add -e " + most};
}

}  // namespace

Error with_cause(client::TokensClient& client, const std::vector<std::string>& typed,
                 const Error& error) {
    if (error.code == Errc::UnknownPermission)
        return with_permission(client, typed, error);
    if (error.code == Errc::InvalidExpiry)
        return with_expiry(client, error);
    return error;
}

Error with_mistyped(client::TokensClient& client, const std::vector<std::string>& typed,
                    const Error& error) {
    const Error mistyped = with_permission(client, typed, Errc::UnknownPermission);
    return mistyped.context.empty() ? error : mistyped;
}

}  // namespace patd::cli
