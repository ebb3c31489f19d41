// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/session/carry_out.h"

#include "cli/io/descriptor_io.h"
#include "cli/session/answers.h"

#include <fcntl.h>
#include <unistd.h>

namespace patd::cli {
namespace {

struct Given {
    const SecretBuffer* secret;
    Remembered* remembered;
    UniqueFd unanswered{};  // the sink of a prompt; closed before Cancel, it is an empty answer
};

Result<void> answer_prompts(client::Operation& operation, Answers& answers, Given& given) {
    const SecretBuffer* const secret = given.secret;
    Remembered* const remembered = given.remembered;
    while (true) {
        client::Prompt prompt = TRY(operation.next());
        if (prompt.kind == client::PromptKind::Done)
            return {};
        if (prompt.kind == client::PromptKind::Info ||
            prompt.kind == client::PromptKind::ErrorText) {
            answers.show(prompt);
            continue;
        }
        if (prompt.kind == client::PromptKind::TokenSecret && secret != nullptr) {
            TRY(client::write_into(std::move(prompt.sink), secret->reveal()));
            continue;
        }
        const bool is_password = prompt.kind == client::PromptKind::Secret && remembered != nullptr;
        if (is_password && remembered->is_right && remembered->prompt == prompt.text) {
            TRY(client::write_into(std::move(prompt.sink), remembered->answer.reveal()));
            continue;
        }
        given.unanswered = std::move(prompt.sink);
        SecretBuffer answer = TRY(answers.answer(prompt));
        TRY(client::write_into(std::move(given.unanswered), answer.reveal()));
        if (is_password && remembered->prompt.empty()) {
            remembered->prompt = prompt.text;
            remembered->answer = std::move(answer);
        }
    }
}

Result<void> write_secret(const Session& session, const SecretBuffer& secret) {
    if (secret.empty())
        return Error{Errc::Unavailable, "the service sent no secret; nothing was changed"};
    const int fd = session.output_fd.value_or(session.environment().output);
    Result<void> written = write_all(fd, secret.reveal());
    if (written)
        written = write_all(fd, std::string_view("\n"));
    // Without an Acknowledge the service keeps nothing of it.
    if (!written)
        return Error{written.error().code, written.error().context + "; nothing was changed"};
    return {};
}

Result<client::Dictionary> go_through(const Session& session, client::Operation& operation,
                                      Given& given) {
    Answers answers(session);
    if (const auto proved = answer_prompts(operation, answers, given); !proved)
        return answers.failed(proved.error());
    answers.done();
    client::SecretSink sink = TRY(client::SecretSink::create());
    client::Dictionary result = TRY(operation.commit(sink));
    if (!result.flag("acknowledge"))
        return result;
    const SecretBuffer secret = TRY(sink.receive());
    TRY(write_secret(session, secret));
    TRY(operation.acknowledge());
    return result;
}

bool can_show_secret(const Session& session) {
    if (session.output_fd)
        return (fcntl(*session.output_fd, F_GETFL) & O_ACCMODE) != O_RDONLY;
    return isatty(session.environment().output) == 1;
}

}  // namespace

Result<void> check_needs(const Session& session, const Needs& needs) {
    const bool terminal = static_cast<bool>(session.environment().open_terminal());
    if (needs.password && !session.password_fd && !terminal)
        return Error{Errc::Cancelled,
                     "there is no terminal to ask on; give --password-fd N, or use 'ssh -t'"};
    if (needs.token_secret && !session.secret_fd && !terminal)
        return Error{Errc::Cancelled,
                     "there is no terminal to ask on; give --secret-fd N, or use 'ssh -t'"};
    if (needs.new_secret && !can_show_secret(session))
        return Error{Errc::Cancelled,
                     "standard output is not a terminal: give --output-fd N for the new secret"};
    return {};
}

Result<client::Dictionary> carry_out(const Session& session, client::Operation operation,
                                     const SecretBuffer* secret, Remembered* remembered) {
    Given given{secret, remembered};
    Result<client::Dictionary> result = go_through(session, operation, given);
    if (!result) {
        (void)operation.cancel();
        return result;
    }
    if (remembered != nullptr)
        remembered->is_right = true;
    result->erase("acknowledge");
    return result;
}

}  // namespace patd::cli
