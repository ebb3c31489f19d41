// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/json/json_reader.h"
#include "common/json/json_text.h"
#include "credential_helper/adapters/adapters.h"
#include "credential_helper/adapters/options.h"
#include "credential_helper/adapters/place.h"

namespace patd::credential_helper {
namespace {

constexpr std::string_view kTerraformUsage =
    "usage: terraform-credentials-pat [--permission LIST] [--ttl TIME] get|store|forget HOST; "
    "terraform starts it";
// terraform knows no user names, and what has none is not kept.
constexpr std::string_view kTerraformUser = "terraform";

Result<Question> parse_terraform(const Call& call) {
    const Options options(call.arguments);
    if (!options.fault().empty() || options.words().size() != 2)
        return only_complaint(options.fault().empty() ? kTerraformUsage : options.fault());
    const std::string_view verb = options.words()[0];
    Question question;
    TRY(take_web_place(options.words()[1], question, "https://"));
    question.show = options.show();
    if (verb == "get") {
        question.verb = Verb::Get;
        question.narrowing = options.narrowing();
        return question;
    }
    question.username = kTerraformUser;
    if (verb == "forget") {
        question.verb = Verb::Erase;
        return question;
    }
    if (verb != "store")
        return only_complaint(kTerraformUsage);
    JsonField token{"token"};
    TRY(read_json(call.input, {&token, 1}));
    if (token.value.empty())
        return Error{Errc::MalformedRequest, "no token"};
    question.verb = Verb::Store;
    question.secret = token.value;
    return question;
}

Result<void> write_terraform(const Question&, const Credential& credential, SecretBuffer& out) {
    return JsonText(out).raw(R"({"token":)").quoted(credential.password).raw("}").end();
}

}  // namespace

const Adapter kTerraform = {
    .name = "terraform-credentials-pat",
    .tool = "terraform",
    .reads = Reads::All,
    .reads_for = "store",
    .none = {0, "{}\n", ""},
    .parse = parse_terraform,
    .write = write_terraform,
};

}  // namespace patd::credential_helper
