// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "credential_helper/credential_reply.h"

#include "common/line/line_message.h"

namespace patd::credential_helper {
namespace {

using line::LineMessage;

// `text` comes from patd, which names the fix; a refusal without one still says why. git gets
// `quit` alone.
Outcome refusal(Verb verb, const LineMessage& reply) {
    const Errc code = errc_from_name(reply.get("error")).value_or(Errc::Internal);
    const std::string_view text = reply.get("text");
    const bool stops_git = reply.get("quit") == "1";
    Outcome outcome;
    outcome.complaint = text.empty() ? errc_message(code) : text;
    outcome.status = stops_git || code == Errc::MalformedRequest ? 0 : 1;
    if (stops_git && verb == Verb::Get)
        outcome.words = "quit=1\n";
    return outcome;
}

// The form of `git credential capability`, git-credential(1): words, not attributes.
std::string capability_words(const LineMessage& reply) {
    std::string words("version ");
    words.append(reply.get("version")).append("\n");
    for (const line::Attribute& attribute : reply.attributes()) {
        if (attribute.key == "capability[]")
            words.append("capability ").append(attribute.value).append("\n");
    }
    return words;
}

}  // namespace

Outcome outcome_of_reply(Verb verb, const SecretBuffer& reply) {
    std::size_t consumed = 0;
    LineMessage message;
    const Result<bool> is_whole = message.read(reply.reveal(), false, consumed);
    if (!is_whole || !*is_whole)
        return outcome_of_error(Errc::Unavailable);
    if (message.find("error"))
        return refusal(verb, message);
    Outcome outcome;
    if (verb == Verb::Erase)
        outcome.complaint = message.get("text");
    if (verb == Verb::Get && !message.empty())
        outcome.answer = reply.reveal();
    if (verb == Verb::Capability)
        outcome.words = capability_words(message);
    return outcome;
}

Outcome outcome_of_error(Errc code) {
    Outcome outcome;
    outcome.status = code == Errc::MalformedRequest ? 0 : 1;
    outcome.complaint = error_sentence(code);
    return outcome;
}

std::string_view error_sentence(Errc code) {
    if (code != Errc::Unavailable)
        return errc_message(code);
    return "patd does not answer; 'patctl doctor' says why and what to do (in a container: the "
           "exposure has ended)";
}

}  // namespace patd::credential_helper
