// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/clock.h"
#include "common/client/dictionary.h"

#include <string>

namespace patd::cli {

// The answer of Status for people: names and values, one below the other. What the service did not
// tell (it tells root more) has no line.
std::string format_status(const client::Dictionary& status, UnixTime now);

}  // namespace patd::cli
