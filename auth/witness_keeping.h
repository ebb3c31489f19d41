// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "auth/service.h"

namespace patd::auth {

// The Errand of patd-auth: `witness-read` and `witness-write` (docs/step-up-protocol.md). It keeps
// patd's witness without understanding it, and never takes one of an earlier generation, whoever
// asks. NotFound: there is none. Corrupt, as Unavailable: it cannot be read. OutOfOrder: not newer.
std::optional<Result<void>> keep_witness(const step_up::ReceivedFrame& begin,
                                         step_up::FrameStream& stream,
                                         const ServiceOptions& options);

}  // namespace patd::auth
