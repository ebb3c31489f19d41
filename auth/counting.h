// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "auth/service.h"

namespace patd::auth {

// The Errand of patd-counter: `count-read` and `count-advance` (docs/step-up-protocol.md), of the
// TPM's counter. NotFound: there is no TPM. AccessDenied: root has to make the counter. OutOfOrder:
// it is not where patd thinks. BadFile: the TPM cannot be used. Anything else is no errand of its.
std::optional<Result<void>> count(const step_up::ReceivedFrame& begin, step_up::FrameStream& stream,
                                  const ServiceOptions& options);

// patd-counter decides nothing else.
Result<void> decide_nothing(const Session& session);

}  // namespace patd::auth
