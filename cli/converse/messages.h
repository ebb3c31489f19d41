// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/converse/fault.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace patd::cli {

// The arguments of every operation; which has which is in operations.cc.
struct Arguments {
    std::optional<std::string> audience, confirm, description, duration, expires, file, format, id,
        owner, permission, user, username;
    std::optional<std::vector<std::string>> ids, only_units, permissions, targets;
    std::optional<bool> insecure_http, reinstate, skip, through_gateway;
};

// What the program says (patctl-converse(7)).
struct Begin {
    std::string operation;
    Arguments arguments;
    std::vector<std::string_view> named;  // the arguments that are there
    bool dry_run = false;
};
struct Answer {
    std::string_view prompt;  // its number, as it was written
    std::span<const char> text;
};
struct Acknowledge {};
struct Cancel {};
using Message = std::variant<Begin, Answer, Acknowledge, Cancel>;

// Reads one line, in place: an answer's text views it, and has no copy. The faults are
// MalformedRequest, UnknownOption and LimitExceeded.
std::optional<Message> parse_message(std::span<char> line, Faults& faults);

}  // namespace patd::cli
