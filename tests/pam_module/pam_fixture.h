// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "tests/support/temporary_directory.h"

#include <security/pam_appl.h>

#include <cstdlib>
#include <cstring>
#include <deque>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace patd::support {

// A PAM application that answers prompts from a list and records what it was asked.
class ScriptedConversation {
  public:
    enum class Failure { None, NullArray, ConversationError };

    // In order; an empty one means an answer whose text is NULL. After the last: no conversation.
    std::deque<std::optional<std::string>> answers;
    Failure failure = Failure::None;
    std::vector<std::string> prompts;
    std::vector<std::string> messages;

    pam_conv as_pam_conv() { return {&ScriptedConversation::converse, this}; }

  private:
    static int converse(int count, const pam_message** messages, pam_response** responses,
                        void* self) {
        auto* script = static_cast<ScriptedConversation*>(self);
        if (script->failure == Failure::NullArray) {
            *responses = nullptr;
            return PAM_SUCCESS;
        }
        auto* array = static_cast<pam_response*>(
            std::calloc(static_cast<std::size_t>(count), sizeof(pam_response)));
        for (int i = 0; i < count; ++i) {
            if (!script->answer(*messages[i], array[i])) {
                std::free(array);
                return PAM_CONV_ERR;
            }
        }
        *responses = array;
        return PAM_SUCCESS;
    }

    bool answer(const pam_message& message, pam_response& response) {
        if (message.msg_style != PAM_PROMPT_ECHO_OFF && message.msg_style != PAM_PROMPT_ECHO_ON) {
            messages.emplace_back(message.msg);
            return true;
        }
        prompts.emplace_back(message.msg);
        if (failure == Failure::ConversationError || answers.empty())
            return false;
        if (answers.front())
            response.resp = strdup(answers.front()->c_str());
        answers.pop_front();
        return true;
    }
};

// /etc/pam.d for one test, with the service "test", and the handle of one login.
class PamLogin {
  public:
    PamLogin(const std::string& stack, const std::string& user) {
        std::ofstream(directory_.file("test")) << stack << '\n';
        const pam_conv callback = conversation.as_pam_conv();
        if (pam_start_confdir("test", user.empty() ? nullptr : user.c_str(), &callback,
                              directory_.path().c_str(), &handle_) != PAM_SUCCESS)
            throw std::runtime_error("pam_start_confdir");
    }
    ~PamLogin() { pam_end(handle_, last_); }
    PamLogin(const PamLogin&) = delete;
    PamLogin& operator=(const PamLogin&) = delete;

    int authenticate() { return last_ = pam_authenticate(handle_, 0); }
    int check_account() { return last_ = pam_acct_mgmt(handle_, 0); }
    int change() { return last_ = pam_chauthtok(handle_, 0); }
    int set_credentials() { return last_ = pam_setcred(handle_, PAM_ESTABLISH_CRED); }
    void set_user(const std::string& user) { pam_set_item(handle_, PAM_USER, user.c_str()); }
    std::string user() const {
        const void* value = nullptr;
        pam_get_item(handle_, PAM_USER, &value);
        return value == nullptr ? "" : static_cast<const char*>(value);
    }

    pam_handle_t* handle() { return handle_; }

    ScriptedConversation conversation;

  private:
    TemporaryDirectory directory_;
    pam_handle_t* handle_ = nullptr;
    int last_ = PAM_SUCCESS;
};

// Where pam_pat_test.so looks for its patd (tests/pam_module/test_endpoint.cc).
inline void point_module_at(const std::string& socket, int deadline_ms = 60'000) {
    setenv("PATD_TEST_SOCKET", socket.c_str(), 1);
    setenv("PATD_TEST_DEADLINE_MS", std::to_string(deadline_ms).c_str(), 1);
}

}  // namespace patd::support
