// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"
#include "common/base/secret_buffer.h"

#include <security/pam_modules.h>

#include <string>

namespace patd::pam {

// One call of PAM into this module: the host's handle, with owned, checked values. The only code
// here that talks to libpam. Borrows the handle; lives as long as the call.
class PamSession {
  public:
    PamSession(pam_handle_t* handle, int flags)
        : handle_(handle), flags_(static_cast<unsigned>(flags)) {}

    // PAM_USER; asks for it if it is not set; never changed by this module (CVE-2024-9313).
    // InvalidUsername; Cancelled if the host cannot ask.
    Result<std::string> user();
    // PAM_SERVICE or PAM_RHOST; "" if the host did not set it.
    std::string text_item(int item) const;

    // Asks without echo. Errors: Cancelled (the conversation failed); InvalidPassword: no answer,
    // an empty one, one over `bytes_max`, or with a control byte. libpam's copy is wiped.
    Result<SecretBuffer> ask(const std::string& prompt, std::size_t bytes_max);
    // What an earlier module asked for, under the same rules; InvalidPassword if there is none.
    Result<SecretBuffer> earlier_authtok(std::size_t bytes_max) const;
    bool has_earlier_authtok() const;
    // Lets later modules of the stack use `secret`. libpam keeps a copy until it is cleared.
    Result<void> set_authtok(const SecretBuffer& secret);
    Result<void> clear_authtok();

    // Shows a line to the user, unless the host asked for silence.
    void tell(int style, const std::string& text);
    // Writes a line to the system log. `text` holds no bytes of a peer.
    void log(int priority, const char* what, const Error& error) const;

    // Records on the handle, without any secret, that this module authenticated `user`.
    Result<void> mark_authenticated(const std::string& user);
    void forget_authenticated();
    bool is_authenticated(const std::string& user) const;

    unsigned flags() const { return flags_; }

  private:
    Result<SecretBuffer> converse(int style, const std::string& text, std::size_t bytes_max);

    pam_handle_t* handle_;
    unsigned flags_;
};

}  // namespace patd::pam
