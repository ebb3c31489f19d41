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

// Which index of the TPM has the counter of the system with this /etc/machine-id: two systems that
// share one machine in turns must not see each other's steps. One of 4,096, so that the chip shows
// next to nothing of the id.
std::uint32_t counter_index(std::string_view machine_id);
// As tpm2-tools take it: `0x1817061`.
std::string index_text(std::uint32_t index);

std::string format_count(const TpmCount& count);
std::optional<TpmCount> parse_count(std::string_view text);

}  // namespace patd
