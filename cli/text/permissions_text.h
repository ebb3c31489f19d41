// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/text/style.h"
#include "common/client/dictionary.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patd::cli {

// The permission catalogue for people: each area with the objects in it below.
std::string format_catalogue(const std::vector<client::Dictionary>& entries,
                             const Style& style = {});

// Those of the area, or of the object, that is called `name`: `vcs`, `vcs:repository`.
std::vector<client::Dictionary> entries_of(const std::vector<client::Dictionary>& entries,
                                           std::string_view name);

// Everything that `-p` takes, each with its sentence: areas, objects, and objects with an access.
std::vector<std::pair<std::string, std::string>> list_choices(
    const std::vector<client::Dictionary>& entries);

}  // namespace patd::cli
