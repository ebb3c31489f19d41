// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/json/json_text.h"
#include "credential_helper/adapters/adapters.h"
#include "credential_helper/adapters/place.h"
#include "credential_helper/adapters/secret_line.h"

#include <array>

namespace patd::credential_helper {
namespace {

constexpr std::string_view kKeyringUsage =
    "usage: pat-keyring [--mode creds] [--output json] get|set|del URL USER; pip starts it";

// URL and USER, or where the user name is asked too, URL alone; before, between and behind them
// what keyring(1) has for its output. False: something else.
bool take_arguments(const Call& call, std::array<std::string_view, 3>& words, Question& question) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < call.arguments.size(); ++i) {
        std::string_view argument = call.arguments[i];
        std::string_view value;
        if (!argument.starts_with("--")) {
            if (count == words.size())
                return false;
            words[count++] = argument;
            continue;
        }
        if (const std::size_t sign = argument.find('='); sign != argument.npos) {
            value = argument.substr(sign + 1);
            argument = argument.substr(0, sign);
        } else if (++i < call.arguments.size()) {
            value = call.arguments[i];
        }
        if (argument == "--mode" && (value == "creds" || value == "password"))
            question.with_username = value == "creds";
        else if (argument == "--output" && (value == "json" || value == "plain"))
            question.as_json = value == "json";
        else
            return false;
    }
    return count == 3 || (count == 2 && words[0] == "get" && question.with_username);
}

// pip says USER of the index, if it has one, first with its URL, then with its host and port. From
// 26.2 on it asks for the user name too, in JSON; uv does so in two lines.
Result<Question> parse_keyring(const Call& call) {
    Question question;
    std::array<std::string_view, 3> words{};
    if (!take_arguments(call, words, question))
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
