// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/converse/messages.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/targets.h"

#include <nlohmann/json.hpp>

namespace patd::fuzz {
namespace {

using Json = nlohmann::json;
using cli::Begin;

template <typename T>
void put(Json& arguments, const char* key, const std::optional<T>& value) {
    if (value)
        arguments[key] = *value;
}

Json arguments_of(const cli::Arguments& given) {
    Json json = Json::object();
    put(json, "audience", given.audience);
    put(json, "confirm", given.confirm);
    put(json, "description", given.description);
    put(json, "for", given.duration);
    put(json, "expires", given.expires);
    put(json, "file", given.file);
    put(json, "format", given.format);
    put(json, "id", given.id);
    put(json, "ids", given.ids);
    put(json, "insecure_http", given.insecure_http);
    put(json, "only_units", given.only_units);
    put(json, "owner", given.owner);
    put(json, "permission", given.permission);
    put(json, "permissions", given.permissions);
    put(json, "reinstate", given.reinstate);
    put(json, "skip", given.skip);
    put(json, "through_gateway", given.through_gateway);
    put(json, "targets", given.targets);
    put(json, "user", given.user);
    put(json, "username", given.username);
    return json;
}

void say_again(const Begin& begin) {
    const Json json = arguments_of(begin.arguments);
    require(json.size() == begin.named.size(), "each argument that is there is named");
    std::string line = Json{
        {"type", "begin"},
        {"operation", begin.operation},
        {"dry_run", begin.dry_run},
        {"arguments",
         json}}.dump();
    cli::Faults faults;
    const auto again = cli::parse_message(line, faults);
    require(again.has_value() && faults.empty(), "what is understood is said again");
    const Begin& read = std::get<Begin>(*again);
    require(read.operation == begin.operation && read.dry_run == begin.dry_run &&
                arguments_of(read.arguments) == json,
            "what is said again is understood as the same");
}

}  // namespace

// A line of another program to patctl converse, the page's for one.
void converse(std::string_view input) {
    std::string line(input);
    cli::Faults faults;
    const auto message = cli::parse_message(line, faults);
    require(message.has_value() == faults.empty(), "a line is a message or faulty");
    if (!message)
        return;
    if (const auto* begin = std::get_if<Begin>(&*message))
        say_again(*begin);
    if (const auto* answer = std::get_if<cli::Answer>(&*message); answer && !answer->text.empty())
        require(answer->text.data() >= line.data() &&
                    answer->text.data() + answer->text.size() <= line.data() + line.size(),
                "an answer has no copy");
}

}  // namespace patd::fuzz
