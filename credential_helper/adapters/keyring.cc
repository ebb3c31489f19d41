// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/json/json_text.h"
#include "credential_helper/adapters/adapters.h"
#include "credential_helper/adapters/place.h"
#include "credential_helper/adapters/secret_line.h"

#include <algorithm>
#include <array>
#include <span>

namespace patd::credential_helper {
namespace {

constexpr std::string_view kKeyringUsage =
    "usage: pat-keyring [--mode=creds] [--output=json] get|set|del URL USER; pip starts it";

// A verb, URL and USER, or to get the user name too, URL alone. False: something else.
bool take_arguments(std::span<const std::string_view> given, std::array<std::string_view, 3>& words,
                    Question& question) {
    for (; !given.empty() && given.front().starts_with("--"); given = given.subspan(1)) {
        question.with_username |= given.front() == "--mode=creds";
        question.as_json |= given.front() == "--output=json";
        if (given.front() != "--mode=creds" && given.front() != "--output=json")
            return false;
    }
    if (given.size() == 4 && given[2] == "--mode" && given[3] == "creds") {
        question.with_username = true;
        given = given.first(2);
    }
    if (given.size() > words.size())
        return false;
    std::copy(given.begin(), given.end(), words.begin());
    return given.size() == 3 || (given.size() == 2 && words[0] == "get" && question.with_username);
}

// pip says USER of the index, if it has one, first with its URL, then with its host and port. From
// 26.2 on it asks for the user name too, in JSON; uv does so with `get URL --mode creds`, in lines.
Result<Question> parse_keyring(const Call& call) {
    Question question;
    std::array<std::string_view, 3> words{};
    if (!take_arguments(call.arguments, words, question))
        return only_complaint(kKeyringUsage, 2);
    const std::string_view verb = words[0];
    if (verb == "get")
        question.verb = Verb::Get;
    else if (verb == "set")
        question.verb = Verb::Store;
    else if (verb == "del")
        question.verb = Verb::Erase;
    else
        return only_complaint(kKeyringUsage, 2);
    question.username = words[2];
    if (question.verb == Verb::Store) {
        question.secret = without_line_end(as_text(call.input));
        if (question.secret.empty())
            return Error{Errc::MalformedRequest, "no password"};
    }
    TRY(take_web_place(words[1], question, "https://"));
    return question;
}

Result<void> write_keyring(const Question& question, const Credential& credential,
                           SecretBuffer& out) {
    if (question.as_json) {
        JsonText text(out);
        text.raw("{");
        if (question.with_username)
            text.raw(R"("username": )").quoted(credential.username).raw(", ");
        return text.raw(R"("password": )").quoted(credential.password).raw("}").end();
    }
    if (question.with_username) {
        TRY(out.append(credential.username));
        TRY(out.append(std::string_view("\n")));
    }
    return write_secret_line(question, credential, out);
}

}  // namespace

const Adapter kKeyring = {
    .name = "pat-keyring",
    .tool = "pip",
    .reads = Reads::All,
    .reads_for = "set",
    .none = {1},
    .parse = parse_keyring,
    .write = write_keyring,
};

}  // namespace patd::credential_helper
