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

// Whether `text` is a complete yescrypt hash: neither crypt(3)'s failure token (`*0`) nor a weaker
// method ever passes.
bool is_yescrypt(std::string_view text);

// The cost that `hash` was made with; nothing for parameters that this program never writes.
std::optional<int> cost_of(const PasswordHash& hash);

// InvalidPassword for an empty or overlong password; Internal if libcrypt or `random` fails.
Result<PasswordHash> hash_password(const ServicePassword& password, int cost, Random& random);

// Whether `hash` was made from `password`. Compares in constant time. Corrupt: `hash` is not a
// yescrypt hash. InvalidPassword, Internal: as above.
Result<bool> matches(const ServicePassword& password, const PasswordHash& hash);

// Takes as long as `matches` with a hash of this cost, and never succeeds: for accounts without a
// password, so that nobody learns which ones have none.
Result<void> hash_dummy(const ServicePassword& password, int cost);

// The cost, 5 to 8, whose hash takes at least 60 ms (and then less than 120 ms, unless even 5 takes
// longer). `measure` says how long a hash of a given cost takes.
int choose_cost(const std::function<std::chrono::milliseconds(int cost)>& measure);
// How long one hash of `cost` takes on this machine now.
std::chrono::milliseconds measure_cost(int cost);

}  // namespace patd::password
