// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/session/session.h"
#include "common/base/secrets.h"

namespace patd::cli {

// Makes `key` the master key of this machine, sealed by make-key, which keeps the one before. With
// `new_store` the store that is there is put aside: it has no tokens, as the service says, or the
// service does not run. For root. Says what to run next.
Result<ExitCode> install_key(const Session& session, const MasterKey& key, bool new_store);

}  // namespace patd::cli
