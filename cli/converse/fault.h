// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patd::cli {

// Why a conversation ended, and which argument or answer that is about (patctl-converse(7)).
struct Fault {
    Error error;
    std::string field{};  // empty: none
    std::optional<std::size_t> item{};
    std::optional<std::uint32_t> seconds{};  // until a password may be tried again
};

using Faults = std::vector<Fault>;

// Of what the program itself did wrong; `text` is without an end.
Fault fault_of_program(Errc code, std::string text, std::string_view field = {});

// The argument of begin that the service must have meant; empty for none.
std::string field_of(Errc code);

// `sentence` is what patctl says of the error: what is wrong, and after a semicolon what to do.
nlohmann::ordered_json to_json(const Fault& fault, const std::string& sentence);

}  // namespace patd::cli
