// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/session/admin_password.h"

#include "cli/text/shown_value.h"
#include "common/step_up/step_up_client.h"

#include <pwd.h>
#include <unistd.h>

namespace patd::cli {
namespace {

using step_up::FrameKind;
using step_up::StepUpClient;

Result<void> answer_prompt(StepUpClient& conversation, client::PromptKind kind,
                           const std::string& text, Asker& asker) {
    SecretBuffer answer = TRY(asker.answer({kind, text, UniqueFd()}));
    return conversation.answer(PromptAnswer(std::move(answer)));
}

// Whether the conversation is over, and well.
Result<bool> handle_step(StepUpClient& conversation, const StepUpClient::Step& step, Asker& asker) {
    using client::PromptKind;
    switch (step.kind) {
        case FrameKind::PromptSecret:
            TRY(answer_prompt(conversation, PromptKind::Secret, step.text, asker));
            return false;
        case FrameKind::PromptVisible:
            TRY(answer_prompt(conversation, PromptKind::Visible, step.text, asker));
            return false;
        case FrameKind::Info:
            asker.show({PromptKind::Info, step.text, UniqueFd()});
            return false;
        case FrameKind::ErrorText:
            asker.show({PromptKind::ErrorText, step.text, UniqueFd()});
            return false;
        case FrameKind::Granted:
            return true;
        case FrameKind::Refused:
            return Error{errc_from_name(step.text).value_or(Errc::Internal), {}};
        case FrameKind::Begin:
        case FrameKind::Answer:
            break;
    }
    return Error{Errc::Internal, "patd-enroll sent a frame that only a client sends"};
}

}  // namespace

Result<Account> find_account(const std::string& name) {
    const struct passwd* entry = getpwnam(name.c_str());
    if (entry != nullptr)
        return Account{name, Uid(entry->pw_uid)};
    const std::optional<Uid> uid = Uid::parse(name);
    if (!uid)
        return Error{Errc::InvalidUsername, "there is no account " + shown_value(name)};
    return Account{name, *uid};
}

Result<void> set_password_of(const std::string& socket_path, const Account& account, Asker& asker) {
    StepUpClient conversation = TRY(StepUpClient::connect(socket_path));
    TRY(conversation.begin({{"op", "admin"},
                            {"caller", std::to_string(getuid())},
                            {"uid", std::to_string(account.uid.value())},
                            {"user", account.name}}));
    while (true) {
        const StepUpClient::Step step = TRY(conversation.next());
        const Result<bool> is_over = handle_step(conversation, step, asker);
        if (!is_over)
            return asker.failed(is_over.error());
        if (*is_over)
            return {};
    }
}

}  // namespace patd::cli
