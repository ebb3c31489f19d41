// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/nearest_permission.h"

#include "cli/text/nearest_name.h"
#include "cli/text/permissions_text.h"

#include <algorithm>

namespace patd::cli {

Error with_nearest_permission(client::TokensClient& client, const std::vector<std::string>& typed,
                              const Error& error) {
    if (error.code != Errc::UnknownPermission)
        return error;
    const Result<std::vector<client::Dictionary>> entries = client.list_permissions();
    if (!entries)
        return error;
    std::vector<std::string> choices;
    for (const auto& [choice, sentence] : list_choices(*entries))
        choices.push_back(choice);
    std::string nearest;
    for (const std::string& permission : typed) {
        if (std::find(choices.begin(), choices.end(), permission) == choices.end())
            nearest = nearest.empty() ? nearest_name(permission, choices) : nearest;
    }
    return nearest.empty() ? error : Error{error.code, "did you mean " + nearest + "?"};
}

}  // namespace patd::cli
