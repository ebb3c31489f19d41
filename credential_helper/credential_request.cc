// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "credential_helper/credential_request.h"

#include "common/line/line_message.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace patd::credential_helper {
namespace {

using line::LineMessage;
using line::LineWriter;

constexpr std::array<std::pair<std::string_view, Verb>, 4> kVerbs = {{
    {"get", Verb::Get},
    {"store", Verb::Store},
    {"erase", Verb::Erase},
    {"capability", Verb::Capability},
}};

std::string_view verb_name(Verb verb) {
    for (const auto& [name, known] : kVerbs) {
        if (known == verb)
            return name;
    }
    return "";
}

// git asks for certificates (cert) without a host; in the web there is no place without one.
bool needs_host(std::string_view protocol) {
    constexpr std::string_view kWeb = "http";
    return protocol.size() >= kWeb.size() &&
           std::equal(kWeb.begin(), kWeb.end(), protocol.begin(),
                      [](char lower, char c) { return lower == (c | 0x20); });
}

// Whether `message` names what a token is looked up by; patd reads the URL.
bool is_specific(const LineMessage& message) {
    const std::string_view protocol = message.get("protocol");
    if (message.get("op") == verb_name(Verb::Capability) || !message.get("url").empty())
        return true;
    return !protocol.empty() && (!message.get("host").empty() || !needs_host(protocol));
}

constexpr std::string_view kLineEnd = "\n";
constexpr std::string_view kMessageEnd = "\n\n";

Result<void> close_message(SecretBuffer& request) {
    const std::string_view text(request.reveal().data(), request.size());
    if (text.ends_with(kMessageEnd))
        return {};
    return request.append(text.ends_with(kLineEnd) ? kLineEnd : kMessageEnd);
}

}  // namespace

std::optional<Verb> parse_verb(std::string_view text) {
    for (const auto& [name, verb] : kVerbs) {
        if (name == text)
            return verb;
    }
    return std::nullopt;
}

SecretBuffer begin_request(Verb verb, const Narrowing& narrowing) {
    // Room to see that a message is too long, to close one that is not, and for a reply to begin.
    SecretBuffer request(limits::kLineMessageBytes + kMessageEnd.size() + 1);
    LineWriter writer(request);
    (void)writer.add("patd", "1");
    (void)writer.add("op", verb_name(verb));
    if (verb == Verb::Get && !narrowing.permissions.empty())
        (void)writer.add("permission", narrowing.permissions);
    if (verb == Verb::Get && narrowing.permissions.empty() && narrowing.to_read)
        (void)writer.add("access", "ro");
    if (verb == Verb::Get && narrowing.permissions.empty() && !narrowing.at_most.empty())
        (void)writer.add("at-most", narrowing.at_most);
    if (verb == Verb::Get && narrowing.lifetime_seconds != 0)
        (void)writer.add("ttl", std::to_string(narrowing.lifetime_seconds));
    return request;
}

Result<bool> complete_request(SecretBuffer& request, bool at_end) {
    std::size_t consumed = 0;
    LineMessage message;
    const bool is_whole = TRY(message.read(request.reveal(), at_end, consumed));
    if (!is_whole && request.size() > limits::kLineMessageBytes)
        return Error{Errc::MalformedRequest, "too long"};
    if (!is_whole)
        return false;
    if (consumed != request.size() || !is_specific(message))
        return Error{Errc::MalformedRequest, "no protocol, no host, or more than a message"};
    TRY(close_message(request));
    return true;
}

}  // namespace patd::credential_helper
