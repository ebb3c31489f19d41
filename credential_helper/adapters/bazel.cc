// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/json/json_reader.h"
#include "common/json/json_text.h"
#include "credential_helper/adapters/adapters.h"
#include "credential_helper/adapters/place.h"
#include "credential_helper/adapters/times.h"

namespace patd::credential_helper {
namespace {

Result<Question> parse_bazel(const Call& call) {
    if (call.arguments.size() != 1 || call.arguments.front() != "get")
        return only_complaint("usage: pat-bazel get; bazel starts it");
    JsonField uri{"uri"};
    TRY(read_json(call.input, {&uri, 1}));
    if (!uri.found)
        return Error{Errc::MalformedRequest, "no uri"};
    Question question;
    question.verb = Verb::Get;
    TRY(take_web_place(without_query(uri.value), question));
    return question;
}

Result<void> write_bazel(const Question&, const Credential& credential, SecretBuffer& out) {
    JsonText text(out);
    text.raw("{");
    if (credential.expires != 0)
        text.raw(R"("expires":)").quoted(format_time(credential.expires)).raw(",");
    SecretBuffer header(credential.authtype.size() + 1 + credential.credential.size());
    for (const std::string_view part :
         {credential.authtype, std::string_view(" "), credential.credential})
        TRY(header.append(part));
    return text.raw(R"("headers":{"Authorization":[)")
        .quoted({header.reveal().data(), header.size()})
        .raw("]}}")
        .end();
}

}  // namespace

const Adapter kBazel = {
    .name = "pat-bazel",
    .tool = "bazel",
    .reads = Reads::All,
    .header = true,
    .none = {0, "{\"headers\":{}}\n", ""},
    .parse = parse_bazel,
    .write = write_bazel,
};

}  // namespace patd::credential_helper
