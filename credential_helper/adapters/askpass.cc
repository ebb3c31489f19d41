// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "credential_helper/adapters/adapters.h"
#include "credential_helper/adapters/place.h"

namespace patd::credential_helper {
namespace {

constexpr std::string_view kAskpassUsage =
    "usage: pat-askpass \"Password for 'URL': \"; git starts it as GIT_ASKPASS";
constexpr std::string_view kAskpassForeign =
    "this is no question of git's for a user name or a password; patd has no answer";

// git puts the URL between ', git-lfs between ".
std::string_view quoted_part(std::string_view text) {
    const std::size_t begin = text.find_first_of("'\"");
    const std::size_t end = begin == std::string_view::npos ? begin : text.rfind(text[begin]);
    return end == begin ? "" : text.substr(begin + 1, end - begin - 1);
}

Result<Question> parse_askpass(const Call& call) {
    if (call.arguments.size() != 1)
        return only_complaint(kAskpassUsage);
    const std::string_view prompt = call.arguments.front();
    Question question;
    question.verb = Verb::Get;
    question.wants_username = prompt.starts_with("Username for ");
    const std::string_view url = quoted_part(prompt);
    if ((!question.wants_username && !prompt.starts_with("Password for ")) || url.empty())
        return only_complaint(kAskpassForeign);
    TRY(take_place(url, question));
    return question;
}

Result<void> write_askpass(const Question& question, const Credential& credential,
                           SecretBuffer& out) {
    TRY(out.append(question.wants_username ? credential.username : credential.password));
    return out.append(std::string_view("\n"));
}

}  // namespace

const Adapter kAskpass = {
    .name = "pat-askpass",
    .tool = "askpass",
    .none = {1},
    .parse = parse_askpass,
    .write = write_askpass,
};

}  // namespace patd::credential_helper
