// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "credential_helper/adapters/adapters.h"
#include "credential_helper/adapters/options.h"
#include "credential_helper/adapters/place.h"

namespace patd::credential_helper {
namespace {

// go says the URL of a request that was refused as the last argument. Before the first request it
// says none, and a line for a whole host would give it what is for one path of it.
Result<Question> parse_go(const Call& call) {
    const Options options(call.arguments);
    if (!options.fault().empty() || options.words().size() > 1)
        return only_complaint(options.fault().empty()
                                  ? "usage: pat-go [--permission LIST] [--ttl TIME] [URL]"
                                  : options.fault());
    Question question;
    if (options.words().empty())
        return question;
    question.verb = Verb::Get;
    question.narrowing = options.narrowing();
    question.show = options.show();
    question.echo = options.words().front();
    TRY(take_web_place(without_query(question.echo), question));
    return question;
}

Result<void> write_go(const Question& question, const Credential& credential, SecretBuffer& out) {
    for (const std::string_view part :
         {question.echo, std::string_view("\n\nAuthorization: "), credential.authtype,
          std::string_view(" "), credential.credential, std::string_view("\n\n")})
        TRY(out.append(part));
    return {};
}

}  // namespace

const Adapter kGo = {
    .name = "pat-go",
    .tool = "go",
    .header = true,
    .parse = parse_go,
    .write = write_go,
};

}  // namespace patd::credential_helper
