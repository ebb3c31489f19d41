// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "pam_module/endpoint.h"
#include "pam_module/module_options.h"
#include "pam_module/pam_session.h"

namespace patd::pam {

// What the entry points do, as values. Thread rule: none of them keeps anything between calls.

// Authenticates PAM_USER by the service password or by a token, and notes it on the handle.
Result<void> authenticate(PamSession& session, const ModuleOptions& options,
                          const Endpoint& endpoint);

// Succeeds only for the user whom this handle authenticated. AccessDenied.
Result<void> check_account(PamSession& session);

// Changes the service password where backend=file; elsewhere it names patctl(1) and refuses.
Result<void> change_password(PamSession& session, const ModuleOptions& options);

}  // namespace patd::pam
