// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "credential_helper/adapters/adapters.h"
#include "credential_helper/adapters/place.h"
#include "credential_helper/adapters/secret_line.h"

namespace patd::credential_helper {
namespace {

constexpr std::string_view kKeyringUsage = "usage: pat-keyring get|set|del URL USER; pip starts it";

// pip says USER of the index first with its URL, then with its host and port.
Result<Question> parse_keyring(const Call& call) {
    if (call.arguments.size() != 3)
        return only_complaint(kKeyringUsage, 2);
    Question question;
    const std::string_view verb = call.arguments[0];
    if (verb == "get")
        question.verb = Verb::Get;
    else if (verb == "set")
        question.verb = Verb::Store;
    else if (verb == "del")
        question.verb = Verb::Erase;
    else
        return only_complaint(kKeyringUsage, 2);
    question.username = call.arguments[2];
    if (question.verb == Verb::Store) {
        question.secret = without_line_end(as_text(call.input));
        if (question.secret.empty())
            return Error{Errc::MalformedRequest, "no password"};
    }
    TRY(take_web_place(call.arguments[1], question, "https://"));
    return question;
}

}  // namespace

const Adapter kKeyring = {
    .name = "pat-keyring",
    .tool = "pip",
    .reads = Reads::All,
    .reads_for = "set",
    .none = {1},
    .parse = parse_keyring,
    .write = write_secret_line,
};

}  // namespace patd::credential_helper
