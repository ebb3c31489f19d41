// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "credential_helper/adapters/adapters.h"
#include "credential_helper/adapters/options.h"
#include "credential_helper/adapters/place.h"
#include "credential_helper/adapters/secret_line.h"

namespace patd::credential_helper {
namespace {

constexpr std::string_view kPnpmUsage =
    "usage: pat-pnpm URL, from a script that pnpm starts, or a link pat-pnpm-HOST[:PORT] to it";

// pnpm gives no argument: the link's name says the registry, or a script that is started instead.
Result<Question> parse_pnpm(const Call& call) {
    const Options options(call.arguments);
    const bool is_named = call.name.starts_with(kPnpmLink);
    if (!options.fault().empty() || options.words().size() != (is_named ? 0U : 1U))
        return only_complaint(options.fault().empty() ? kPnpmUsage : options.fault());
    Question question;
    question.verb = Verb::Get;
    question.narrowing = options.narrowing();
    question.show = options.show();
    if (is_named)
        TRY(take_web_place(call.name.substr(kPnpmLink.size()), question, "https://"));
    else
        TRY(take_web_place(options.words().front(), question));
    return question;
}

Result<void> write_pnpm(const Question& question, const Credential& credential, SecretBuffer& out) {
    TRY(out.append(std::string_view("Bearer ")));
    return write_secret_line(question, credential, out);
}

}  // namespace

const Adapter kPnpm = {
    .name = "pat-pnpm",
    .tool = "pnpm",
    .parse = parse_pnpm,
    .write = write_pnpm,
};

}  // namespace patd::credential_helper
