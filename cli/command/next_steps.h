// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/session/session.h"

namespace patd::cli {

// `patctl` alone: what its user has, and which commands come next: a service password, a token,
// git.
Result<ExitCode> show_next_steps(const Session& session);

// Before anything is asked for: NoServicePassword where the service says that its user has none, so
// that no operation can succeed. Where it does not say, there may be one.
Result<void> require_service_password(client::TokensClient& client);

}  // namespace patd::cli
