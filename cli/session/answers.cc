// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/session/answers.h"

#include "cli/io/descriptor_io.h"
#include "cli/session/wrapped.h"
#include "common/base/limits.h"

#include <utility>

namespace patd::cli {
namespace {

// The cursor stands one space after the text.
std::string prompt_text(const client::Prompt& prompt) {
    std::string text = printable(prompt.text);
    return text.ends_with(' ') ? text : text + " ";
}

}  // namespace

Result<SecretBuffer> Answers::ask(const client::Prompt& prompt, Echo echo) {
    if (!terminal_)
        return Error{Errc::Cancelled, "there is no terminal to ask on; use 'ssh -t'"};
    return terminal_.ask(wrapped_for(terminal_, prompt_text(prompt)), echo);
}

Result<SecretBuffer> Answers::answer(const client::Prompt& prompt) {
    show_waiting();
    if (prompt.kind == client::PromptKind::Secret && session_.password_fd) {
        Result<SecretBuffer> line =
            read_secret_line(*session_.password_fd, limits::kServicePasswordBytes);
        if (!line && line.error().code == Errc::InvalidSecret)
            return Errc::InvalidPassword;
        return line;
    }
    if (prompt.kind == client::PromptKind::TokenSecret && session_.secret_fd)
        return read_secret_line(*session_.secret_fd, limits::kTokenSecretBytes);
    return ask(prompt, prompt.kind == client::PromptKind::Visible ? Echo::On : Echo::Off);
}

void Answers::show_text(const std::string& text) {
    if (!terminal_ || !terminal_.show(wrapped_for(terminal_, text)))
        session_.warn(text);
}

void Answers::show_waiting() {
    if (!waiting_.empty())
        show_text(std::exchange(waiting_, {}));
}

void Answers::show(const client::Prompt& prompt) {
    show_waiting();
    if (prompt.kind == client::PromptKind::ErrorText)
        waiting_ = printable(prompt.text);
    else
        show_text(printable(prompt.text));
}

Error Answers::failed(const Error& error) {
    const bool is_refused =
        error.code == Errc::PasswordNotAccepted || error.code == Errc::WrongPassword;
    if (is_refused && error.context.empty() && !waiting_.empty())
        return {error.code, std::exchange(waiting_, {})};
    show_waiting();
    return error;
}

}  // namespace patd::cli
