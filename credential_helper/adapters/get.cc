// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "credential_helper/adapters/adapters.h"
#include "credential_helper/adapters/options.h"
#include "credential_helper/adapters/place.h"
#include "credential_helper/adapters/secret_line.h"

namespace patd::credential_helper {
namespace {

constexpr std::string_view kGetUsage =
    "usage: pat-get [--permission LIST] [--ttl TIME] [--show] URL";

Result<Question> parse_get(const Call& call) {
    const Options options(call.arguments);
    if (!options.fault().empty() || options.words().size() != 1)
        return only_complaint(options.fault().empty() ? kGetUsage : options.fault(), 2);
    Question question;
    question.verb = Verb::Get;
    question.narrowing = options.narrowing();
    question.show = options.show();
    TRY(take_place(options.words().front(), question));
    return question;
}

}  // namespace

const Adapter kGet = {
    .name = "pat-get",
    .tool = "get",
    .none = {1, "", "no token fits this place; 'patctl explain URL' says why"},
    .parse = parse_get,
    .write = write_secret_line,
};

}  // namespace patd::credential_helper
