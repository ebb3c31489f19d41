// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "auth/conversation.h"

#include "common/token/visible_text.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <span>

namespace patd::auth {
namespace {

using step_up::FrameKind;

// What modules print is shown in terminals and windows: one line of visible text.
std::string presentable(std::string_view text) {
    while (!text.empty() && text.back() == '\n')
        text.remove_suffix(1);
    if (text.size() <= limits::kPromptTextBytes && is_visible_utf8(text))
        return std::string(text);
    std::string plain(text.substr(0, limits::kPromptTextBytes));
    std::replace_if(
        plain.begin(), plain.end(), [](char c) { return c < 0x20 || c > 0x7e; }, '?');
    return plain;
}

void discard(std::span<pam_response> responses) {
    for (pam_response& response : responses) {
        if (response.resp != nullptr)
            wipe(std::span(response.resp, std::strlen(response.resp)));
        std::free(response.resp);
    }
    std::free(responses.data());
}

}  // namespace

Result<PromptAnswer> Conversation::exchange(FrameKind kind, std::string_view text) {
    TRY(stream_.send(kind, presentable(text)));
    step_up::ReceivedFrame frame = TRY(stream_.receive());
    if (frame.kind != FrameKind::Answer)
        return Error{Errc::MalformedRequest, "not an answer"};
    if (frame.payload.size() > limits::kServicePasswordBytes ||
        frame.text().find('\0') != std::string_view::npos)
        return Error{Errc::MalformedRequest, "answer too long or with a NUL byte"};
    return PromptAnswer(std::move(frame.payload));
}

Result<PromptAnswer> Conversation::prompt(FrameKind kind, std::string_view text) {
    if (failure_)
        return *failure_;
    if (++messages_ > limits::kPromptsPerConversation)
        failure_ = Error{Errc::Cancelled, "too many prompts"};
    Result<PromptAnswer> answer = failure_ ? *failure_ : exchange(kind, text);
    if (answer)
        has_answer_ = true;
    else
        failure_ = answer.error();
    return answer;
}

Result<void> Conversation::show(FrameKind kind, std::string_view text) {
    if (failure_)
        return *failure_;
    Result<void> sent = ++messages_ > limits::kPromptsPerConversation
                            ? Error{Errc::Cancelled, "too many messages"}
                            : stream_.send(kind, presentable(text));
    if (!sent)
        failure_ = sent.error();
    return sent;
}

Result<PromptAnswer> Conversation::ask(std::string_view text) {
    return prompt(FrameKind::PromptSecret, text);
}

Result<void> Conversation::show_error(std::string_view text) {
    return show(FrameKind::ErrorText, text);
}

pam_conv Conversation::as_pam_conv() {
    return {&Conversation::converse, this};
}

Result<void> Conversation::relay(std::span<const pam_message* const> messages,
                                 pam_response* responses) {
    for (std::size_t i = 0; i < messages.size(); ++i) {
        std::string_view text = messages[i]->msg == nullptr ? "" : messages[i]->msg;
        const int style = messages[i]->msg_style;
        if (style == PAM_TEXT_INFO || style == PAM_ERROR_MSG) {
            TRY(show(style == PAM_TEXT_INFO ? FrameKind::Info : FrameKind::ErrorText, text));
            continue;
        }
        if (style != PAM_PROMPT_ECHO_OFF && style != PAM_PROMPT_ECHO_ON)
            return Error{Errc::Unavailable, "message style that the protocol lacks"};
        const bool hidden = style == PAM_PROMPT_ECHO_OFF;
        if (hidden && !password_prompt_.empty() && (text == "Password: " || text == "Password:"))
            text = password_prompt_;
        const PromptAnswer answer =
            TRY(prompt(hidden ? FrameKind::PromptSecret : FrameKind::PromptVisible, text));
        responses[i].resp = strdup(answer.reveal_c_str());
        if (responses[i].resp == nullptr)
            return Error{Errc::Internal, "strdup"};
    }
    return {};
}

int Conversation::converse(int count, const pam_message** messages, pam_response** responses,
                           void* self) {
    if (count <= 0 || count > PAM_MAX_NUM_MSG)
        return PAM_CONV_ERR;
    const auto size = static_cast<std::size_t>(count);
    auto* array = static_cast<pam_response*>(std::calloc(size, sizeof(pam_response)));
    if (array == nullptr)
        return PAM_BUF_ERR;
    bool relayed = false;
    try {
        relayed = static_cast<Conversation*>(self)->relay({messages, size}, array).has_value();
    } catch (...) {
        // The firewall: libpam is C, and refuses the login on any failure.
        relayed = false;
    }
    if (!relayed) {
        discard({array, size});
        return PAM_CONV_ERR;
    }
    *responses = array;
    return PAM_SUCCESS;
}

}  // namespace patd::auth
