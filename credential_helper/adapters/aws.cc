// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/tool_limits.h"
#include "common/json/json_text.h"
#include "credential_helper/adapters/adapters.h"
#include "credential_helper/adapters/options.h"
#include "credential_helper/adapters/place.h"
#include "credential_helper/adapters/times.h"

namespace patd::credential_helper {
namespace {

constexpr std::string_view kAwsUsage =
    "usage: pat-aws [--permission LIST] [--ttl TIME] PROFILE|URL";

Result<Question> parse_aws(const Call& call) {
    const Options options(call.arguments);
    if (!options.fault().empty() || options.words().size() != 1)
        return only_complaint(options.fault().empty() ? kAwsUsage : options.fault());
    Question question;
    question.verb = Verb::Get;
    question.narrowing = options.narrowing();
    question.show = options.show();
    TRY(take_place(options.words().front(), question, "aws://"));
    return question;
}

// aws makes two runs and a failure of what ends soon, and one of what has no end.
bool is_worth_saying(const Credential& credential) {
    const std::int64_t ahead = std::chrono::seconds(limits::kToolExpiryAhead).count();
    return credential.expires != 0 && credential.expires - credential.now >= ahead;
}

Result<void> write_aws(const Question&, const Credential& credential, SecretBuffer& out) {
    JsonText text(out);
    text.raw(R"({"Version":1,"AccessKeyId":)")
        .quoted(credential.username)
        .raw(R"(,"SecretAccessKey":)")
        .quoted(credential.password);
    if (!credential.session_token.empty())
        text.raw(R"(,"SessionToken":)").quoted(credential.session_token);
    if (is_worth_saying(credential))
        text.raw(R"(,"Expiration":)").quoted(format_time(credential.expires));
    return text.raw("}").end();
}

}  // namespace

const Adapter kAws = {
    .name = "pat-aws",
    .tool = "aws",
    .secret_kind = "aws",
    .none = {1, "", "no token fits this profile; 'patctl list' shows yours"},
    .parse = parse_aws,
    .write = write_aws,
};

}  // namespace patd::credential_helper
