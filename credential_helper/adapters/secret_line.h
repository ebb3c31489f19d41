// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"
#include "common/base/secret_buffer.h"
#include "credential_helper/adapters/question.h"

namespace patd::credential_helper {

// The secret and a line end, for programs that take a password from another's output.
inline Result<void> write_secret_line(const Question& /*question*/, const Credential& credential,
                                      SecretBuffer& out) {
    TRY(out.append(credential.password));
    return out.append(std::string_view("\n"));
}

}  // namespace patd::credential_helper
