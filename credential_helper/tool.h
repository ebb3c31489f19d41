// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "credential_helper/adapters/adapter.h"
#include "credential_helper/ask_services.h"

#include <optional>
#include <span>
#include <string_view>

namespace patd::credential_helper {

// A start of the program for another tool than git.
struct ToolStart {
    const Adapter* adapter;
    std::string_view name;
    std::span<char* const> arguments;  // of the tool
};

// By the name of the program, or else by its first argument. Nothing: git's helper is meant.
std::optional<ToolStart> find_tool(std::string_view started_as, std::span<char* const> arguments);

// Does what the tool asks, and gives the status to end with.
int run_tool(const ToolStart& start, const Sockets& sockets);

// The request for the line socket that `question`, which has a verb, is. MalformedRequest: the
// line format cannot carry it.
Result<SecretBuffer> make_request(const Adapter& adapter, const Question& question);

// What a tool is told of a reply. Views the reply, the question and the adapter.
struct Told {
    bool found = false;
    Credential credential = {};     // with `found`
    std::string_view refusal = {};  // without: why not; "" where no token fits
};
Told read_reply(const Adapter& adapter, const Question& question, const SecretBuffer& reply);

}  // namespace patd::credential_helper
