// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "pam_module/endpoint.h"
#include "pam_module/module_options.h"
#include "pam_module/pam_session.h"

namespace patd::pam {

// The entry points' work, with errors as values. Thread rule: none of them keeps anything between
// calls.

// Authenticates PAM_USER with the service password or a token, and records that on the handle.
Result<void> authenticate(PamSession& session, const ModuleOptions& options,
                          const Endpoint& endpoint);

// Succeeds only for the user that this handle authenticated. AccessDenied.
Result<void> check_account(PamSession& session);

// Changes the service password if backend=file; otherwise points to patctl(1) and refuses.
Result<void> change_password(PamSession& session, const ModuleOptions& options);

}  // namespace patd::pam
