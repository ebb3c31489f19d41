// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/clock.h"
#include "common/base/tpm_count.h"
#include "daemon/store/tokens/anchor.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patd::store {

// What is kept of a store under another uid (docs/store-format.md, Witness), so that an older store
// put in its place is noticed. Pure. Thread rule: any.
struct Witness {
    StoreId store{};
    std::int64_t generation = 0;
    std::int64_t dropped = 0;  // the highest generation of a death that was left out
    // Where a TPM counts: the count that it is valid for, and when the first witness was made that
    // named it.
    std::optional<TpmCount> count = std::nullopt;
    UnixTime counted = 0;
    std::vector<Death> deaths = {};

    friend bool operator==(const Witness&, const Witness&) = default;
};

// Adds deaths, newest last, and takes out what they cancel. Beyond kWitnessDeaths the oldest of the
// owner who has the most goes.
void add_deaths(Witness& witness, const std::vector<Death>& deaths);

// `key`: of the anchor.
Result<std::string> format_witness(const Witness& witness, KeyedMac& key);
// Corrupt: not of this form, or of another key.
Result<Witness> parse_witness(std::string_view text, KeyedMac& key);

std::string_view death_name(Death::Cause cause);

}  // namespace patd::store
