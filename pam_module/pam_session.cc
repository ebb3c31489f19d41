// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "pam_module/pam_session.h"

#include "common/base/limits.h"

#include <security/pam_ext.h>
#include <syslog.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace patd::pam {
namespace {

constexpr char kMarker[] = "patd-authenticated-user";

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte == 0x7f;
    });
}

const char* string_item(const pam_handle_t* handle, int item) {
    const void* value = nullptr;
    if (pam_get_item(handle, item, &value) != PAM_SUCCESS)
        return nullptr;
    return static_cast<const char*>(value);
}

// The host allocates its answers with malloc and leaves them to the module (pam_conv(3)).
struct ResponseDeleter {
    void operator()(pam_response* response) const {
        if (response->resp != nullptr) {
            wipe(std::span(response->resp, std::strlen(response->resp)));
            std::free(response->resp);
        }
        std::free(response);
    }
};
using Response = std::unique_ptr<pam_response, ResponseDeleter>;

Result<SecretBuffer> accept_answer(const char* text, std::size_t bytes_max) {
    if (text == nullptr)
        return Error{Errc::InvalidPassword, "no answer"};
    const std::string_view answer(text, strnlen(text, bytes_max + 1));
    if (answer.empty() || answer.size() > bytes_max || has_control(answer))
        return Error{Errc::InvalidPassword, "empty, too long, or with a control byte"};
    return SecretBuffer::copy_of(answer);
}

void free_marker(pam_handle_t* /*handle*/, void* data, int /*status*/) {
    std::free(data);
}

}  // namespace

Result<std::string> PamSession::user() {
    const char* user = nullptr;
    if (pam_get_user(handle_, &user, nullptr) != PAM_SUCCESS)
        return Error{Errc::Cancelled, "no user name"};
    if (user == nullptr || *user == '\0' ||
        strnlen(user, limits::kUsernameBytes + 1) > limits::kUsernameBytes || has_control(user))
        return Errc::InvalidUsername;
    return std::string(user);
}

std::string PamSession::text_item(int item) const {
    const char* value = string_item(handle_, item);
    return value == nullptr ? std::string() : std::string(value);
}

Result<SecretBuffer> PamSession::converse(int style, const std::string& text,
                                          std::size_t bytes_max) {
    const void* item = nullptr;
    const pam_conv* conversation = nullptr;
    if (pam_get_item(handle_, PAM_CONV, &item) == PAM_SUCCESS)
        conversation = static_cast<const pam_conv*>(item);
    if (conversation == nullptr || conversation->conv == nullptr)
        return Error{Errc::Cancelled, "no conversation function"};
    const pam_message message{style, text.c_str()};
    const pam_message* messages = &message;
    pam_response* answers = nullptr;
    const int code = conversation->conv(1, &messages, &answers, conversation->appdata_ptr);
    if (code != PAM_SUCCESS)
        return Error{Errc::Cancelled, "conversation"};
    const Response response(answers);
    return accept_answer(response ? response->resp : nullptr, bytes_max);
}

Result<SecretBuffer> PamSession::ask(const std::string& prompt, std::size_t bytes_max) {
    return converse(PAM_PROMPT_ECHO_OFF, prompt, bytes_max);
}

bool PamSession::has_earlier_authtok() const {
    return string_item(handle_, PAM_AUTHTOK) != nullptr;
}

Result<SecretBuffer> PamSession::earlier_authtok(std::size_t bytes_max) const {
    return accept_answer(string_item(handle_, PAM_AUTHTOK), bytes_max);
}

Result<void> PamSession::set_authtok(const SecretBuffer& secret) {
    if (pam_set_item(handle_, PAM_AUTHTOK, secret.reveal_c_str()) != PAM_SUCCESS)
        return Error{Errc::Internal, "pam_set_item"};
    return {};
}

Result<void> PamSession::clear_authtok() {
    if (pam_set_item(handle_, PAM_AUTHTOK, nullptr) != PAM_SUCCESS)
        return Error{Errc::Internal, "pam_set_item"};
    return {};
}

void PamSession::tell(int style, const std::string& text) {
    // A user who cannot be told is refused anyway.
    if ((flags_ & PAM_SILENT) == 0)
        (void)converse(style, text, 0);
}

void PamSession::log(int priority, const char* what, const Error& error) const {
    const std::string_view name = errc_name(error.code);
    pam_syslog(handle_, priority, "%s: %.*s%s%s", what, static_cast<int>(name.size()), name.data(),
               error.context.empty() ? "" : ": ", error.context.c_str());
}

Result<void> PamSession::mark_authenticated(const std::string& user) {
    char* copy = strdup(user.c_str());
    if (copy != nullptr && pam_set_data(handle_, kMarker, copy, free_marker) == PAM_SUCCESS)
        return {};
    std::free(copy);
    return Error{Errc::Internal, "pam_set_data"};
}

void PamSession::forget_authenticated() {
    (void)pam_set_data(handle_, kMarker, nullptr, nullptr);
}

bool PamSession::is_authenticated(const std::string& user) const {
    const void* data = nullptr;
    return pam_get_data(handle_, kMarker, &data) == PAM_SUCCESS && data != nullptr &&
           user == static_cast<const char*>(data);
}

}  // namespace patd::pam
