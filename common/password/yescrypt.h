// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/random.h"
#include "common/base/result.h"
#include "common/base/secrets.h"

#include <chrono>
#include <functional>
#include <optional>
#include <string_view>

namespace patd::password {

// A service password as crypt(5) writes it: `$y$parameters$salt$hash`.
using PasswordHash = Secret<struct PasswordHashTag>;

// yescrypt's cost: each step doubles time and memory. At 7 a hash takes about 80 ms and 65 MiB.
inline constexpr int kCostMin = 1;
inline constexpr int kCostDefault = 7;
inline constexpr int kCostMax = 11;

// Whether `text` is a complete yescrypt hash: nothing that crypt(3) uses to say "failed" (`*0`),
// and no weaker method, ever passes for one.
bool is_yescrypt(std::string_view text);

// The cost that `hash` was made with; nothing for parameters that this program never writes.
std::optional<int> cost_of(const PasswordHash& hash);

// InvalidPassword for an empty or over-long password; Internal when libcrypt or `random` fails.
Result<PasswordHash> hash_password(const ServicePassword& password, int cost, Random& random);

// Whether `password` is the one that `hash` was made from. Compares in constant time.
// Corrupt: `hash` is no yescrypt hash. InvalidPassword, Internal: as above.
Result<bool> matches(const ServicePassword& password, const PasswordHash& hash);

// Takes as long as `matches` with a hash of this cost, and is never right: for accounts that have
// no password, so that nobody learns which do.
Result<void> hash_in_vain(const ServicePassword& password, int cost);

// The cost, 5 to 8, whose hash takes at least 60 ms (then it takes less than 120 ms, unless 5 does
// already take longer). `measure` gives how long a hash of some cost takes.
int choose_cost(const std::function<std::chrono::milliseconds(int cost)>& measure);
// How long one hash of `cost` takes on this machine, now.
std::chrono::milliseconds measure_cost(int cost);

}  // namespace patd::password
