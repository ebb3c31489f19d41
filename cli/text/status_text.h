// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/text/style.h"
#include "common/base/clock.h"
#include "common/client/dictionary.h"

#include <optional>
#include <string>

namespace patd::cli {

// What the service does not know, or did not say in the same answer; nothing: nobody can say.
struct Surroundings {
    std::optional<bool> git_asks{};  // whether git asks patd
    std::optional<std::size_t> exposures{};
};

// The answer of Status for people: names and values, one below the other. What the service did not
// tell (it tells root more) has no line.
std::string format_status(const client::Dictionary& status, const Surroundings& around,
                          UnixTime now, const Style& style = {});

}  // namespace patd::cli
