// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "auth/conversation.h"

#include <memory>
#include <optional>
#include <string>

namespace patd::auth {

// One PAM handle from pam_start to pam_end. Thread rule: one at a time.
class PamTransaction {
  public:
    struct Setup {
        std::string service;
        std::string user;
        std::string rhost;                   // "" when unknown
        std::optional<std::string> confdir;  // instead of /etc/pam.d
    };

    // `conversation` must outlive the transaction. Unavailable if PAM cannot start.
    static Result<PamTransaction> start(const Setup& setup, Conversation& conversation);

    // Errors of all: what broke the conversation; WrongPassword, NoServicePassword, Throttled,
    // AccessDenied (account), PasswordNotAccepted (change), Unavailable (the stack is broken).
    Result<void> authenticate();
    Result<void> check_account();
    Result<void> change_password();

  private:
    struct HandleDeleter {
        void operator()(pam_handle_t* handle) const;
    };

    PamTransaction(pam_handle_t* handle, Conversation& conversation)
        : handle_(handle), conversation_(conversation) {}

    Result<void> outcome(int code) const;

    std::unique_ptr<pam_handle_t, HandleDeleter> handle_;
    Conversation& conversation_;
};

}  // namespace patd::auth
