// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/json/json_reader.h"
#include "common/json/json_text.h"
#include "credential_helper/adapters/adapters.h"
#include "credential_helper/adapters/place.h"

#include <array>

namespace patd::credential_helper {
namespace {

// The one text, and on standard output, with which podman and skopeo go on without a login.
constexpr std::string_view kDockerNone = "credentials not found in native keychain\n";
constexpr std::string_view kDockerUsage =
    "usage: docker-credential-pat get|store|erase|list; docker and podman start it";

Result<Question> parse_docker_store(std::span<char> input) {
    std::array<JsonField, 3> fields = {{{"ServerURL"}, {"Username"}, {"Secret"}}};
    auto& [server, username, secret] = fields;
    TRY(read_json(input, fields));
    if (!server.found || !username.found || !secret.found || secret.value.empty())
        return Error{Errc::MalformedRequest, "incomplete"};
    Question question;
    question.verb = Verb::Store;
    question.username = username.value;
    question.secret = secret.value;
    TRY(take_web_place(server.value, question, "https://"));
    return question;
}

Result<Question> parse_docker(const Call& call) {
    const std::string_view verb = call.arguments.size() == 1 ? call.arguments.front() : "";
    Question question;
    // What is listed, docker's builder is given all of: nothing is.
    question.words = "{}\n";
    if (verb == "list")
        return question;
    if (verb == "store")
        return parse_docker_store(call.input);
    if (verb != "get" && verb != "erase")
        return only_complaint(kDockerUsage);
    question.words = "";
    question.verb = verb == "get" ? Verb::Get : Verb::Erase;
    question.echo = without_line_end(as_text(call.input));
    TRY(take_web_place(question.echo, question, "https://"));
    return question;
}

Result<void> write_docker(const Question& question, const Credential& credential,
                          SecretBuffer& out) {
    return JsonText(out)
        .raw(R"({"ServerURL":)")
        .quoted(question.echo)
        .raw(R"(,"Username":)")
        .quoted(credential.username)
        .raw(R"(,"Secret":)")
        .quoted(credential.password)
        .raw("}")
        .end();
}

}  // namespace

const Adapter kDocker = {
    .name = "docker-credential-pat",
    .tool = "docker",
    .reads = Reads::All,
    .none = {1, kDockerNone, ""},
    .parse = parse_docker,
    .write = write_docker,
};

}  // namespace patd::credential_helper
