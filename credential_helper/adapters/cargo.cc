// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/json/json_reader.h"
#include "common/json/json_text.h"
#include "credential_helper/adapters/adapters.h"
#include "credential_helper/adapters/options.h"
#include "credential_helper/adapters/place.h"

#include <array>
#include <string>

namespace patd::credential_helper {
namespace {

constexpr std::string_view kCargoNotFound = R"({"Err":{"kind":"not-found"}})"
                                            "\n";
constexpr std::string_view kCargoOtherUrl = R"({"Err":{"kind":"url-not-supported"}})"
                                            "\n";
constexpr std::string_view kCargoOtherKind = R"({"Err":{"kind":"operation-not-supported"}})"
                                             "\n";
constexpr std::string_view kCargoLogin = R"({"Ok":{"kind":"login"}})"
                                         "\n";
constexpr std::string_view kCargoLogout = R"({"Ok":{"kind":"logout"}})"
                                          "\n";
constexpr std::string_view kSparse = "sparse+";
// As the shipped catalogue calls it.
constexpr std::string_view kCargoWrites = "artifact:version:rw";
// cargo knows no user names, and what has none is not kept.
constexpr std::string_view kCargoUser = "cargo";

Question cargo_answer(std::string_view words) {
    Question question;
    question.words = words;
    return question;
}

Result<Question> parse_cargo(const Call& call) {
    if (call.arguments.size() != 1 || call.arguments.front() != "--cargo-plugin")
        return only_complaint("usage: cargo-credential-pat --cargo-plugin; cargo starts it");
    std::array<JsonField, 5> fields = {
        {{"v", JsonKind::Number}, {"registry.index-url"}, {"kind"}, {"operation"}, {"token"}}};
    auto& [version, index, kind, operation, token] = fields;
    std::array<std::string_view, limits::kToolArguments> room;
    JsonList arguments{"args", room};
    JsonShape shape{.fields = fields, .lists = {&arguments, 1}};
    TRY(read_json(call.input, shape));
    if (version.value != "1" || !index.found || !kind.found)
        return Error{Errc::MalformedRequest, "incomplete"};
    std::string_view write_permissions;
    const Options options({room.data(), arguments.count}, &write_permissions);
    if (!options.fault().empty() || !options.words().empty())
        return only_complaint(options.fault().empty() ? "a word among cargo's arguments that is "
                                                        "no option"
                                                      : options.fault());
    Question question;
    std::string_view place = index.value;
    if (place.starts_with(kSparse))
        place.remove_prefix(kSparse.size());
    if (!take_web_place(place, question))
        return cargo_answer(kCargoOtherUrl);
    if (kind.value == "get") {
        if (!operation.found)
            return Error{Errc::MalformedRequest, "no operation"};
        question.verb = Verb::Get;
        question.narrowing = options.narrowing();
        // cargo asks for each operation by itself: what reads cannot write, and what writes can do
        // nothing else.
        question.narrowing.to_read = operation.value == "read";
        if (question.narrowing.to_read)
            return question;
        question.narrowing.at_most = kCargoWrites;
        if (!write_permissions.empty())
            question.narrowing.permissions = write_permissions;
        return question;
    }
    question.username = kCargoUser;
    if (kind.value == "login" && token.found && !token.value.empty()) {
        question.verb = Verb::Store;
        question.secret = token.value;
        question.words = kCargoLogin;
        return question;
    }
    if (kind.value != "logout")
        return cargo_answer(kCargoOtherKind);
    question.verb = Verb::Erase;
    question.words = kCargoLogout;
    return question;
}

// The token is the whole value of the Authorization header. cargo asks again for another operation,
// and keeps it for this run of it.
Result<void> write_cargo(const Question&, const Credential& credential, SecretBuffer& out) {
    JsonText text(out);
    text.raw(R"({"Ok":{"kind":"get","token":)");
    if (credential.authtype == "Bearer") {
        SecretBuffer header(credential.credential.size() + 16);
        TRY(header.append(std::string_view("Bearer ")));
        TRY(header.append(credential.credential));
        text.quoted({header.reveal().data(), header.size()});
    } else {
        text.quoted(credential.password);
    }
    if (credential.expires == 0)
        text.raw(R"(,"cache":"session")");
    else
        text.raw(R"(,"cache":"expires","expiration":)").raw(std::to_string(credential.expires));
    return text.raw(R"(,"operation_independent":false}})").end();
}

Result<void> write_cargo_refusal(std::string_view sentence, SecretBuffer& out) {
    return JsonText(out)
        .raw(R"({"Err":{"kind":"other","message":)")
        .quoted(sentence)
        .raw("}}")
        .end();
}

}  // namespace

const Adapter kCargo = {
    .name = "cargo-credential-pat",
    .tool = "cargo",
    .reads = Reads::Line,
    .greeting = "{\"v\":[1]}\n",
    .header = true,
    .none = {0, kCargoNotFound, ""},
    .refused = 0,
    .parse = parse_cargo,
    .write = write_cargo,
    .write_refusal = write_cargo_refusal,
};

}  // namespace patd::credential_helper
