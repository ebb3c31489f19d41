// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace patd {

// What a counter of the TPM says: it only goes up, whatever is put back on the disk
// (ADR 0068). Text: `VALUE ID`. Thread rule: any.
struct TpmCount {
    std::uint64_t value = 0;
    // Which counter it is: random hexadecimal digits, or `-` for one that root made without any.
    std::string id;

    friend bool operator==(const TpmCount&, const TpmCount&) = default;
};

std::string format_count(const TpmCount& count);
std::optional<TpmCount> parse_count(std::string_view text);

}  // namespace patd
