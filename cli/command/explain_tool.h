// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace patd::cli {

// A tool that asks patd through one of the names of git-credential-pat, pat-tools(7).
struct ToolFacts {
    std::string_view name;
    std::string_view asks_as;  // as patd is told
    std::string_view scheme;   // before a place that the tool names without one; "": it names URLs
    std::string_view on_none;  // what it does when no token fits
    std::string_view on_refusal;  // and when one fits but may not be released
};

std::span<const ToolFacts> all_tools();
// Null: no tool that is known.
const ToolFacts* find_tool_facts(std::string_view name);

// The URL that patd is asked about when `tool` says `place`, in the tool's own spelling: a bare
// host, an AWS profile, `sparse+https://...`.
std::string url_of_tool(const ToolFacts& tool, std::string_view place);

// What `tool` asks about before it asks about `url`; "": nothing.
std::string url_before(const ToolFacts& tool, std::string_view url);

// Whether it could ask about a target of this spelling.
bool may_ask_about(const ToolFacts& tool, std::string_view target);

}  // namespace patd::cli
