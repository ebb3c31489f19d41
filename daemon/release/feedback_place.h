// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/secret_buffer.h"
#include "common/token/target.h"
#include "daemon/release/selection.h"
#include "daemon/store/tokens/survey.h"

#include <string>

namespace patd {

// What both halves of Feedback ask of what git tells: of what it stores, and of what was refused.

inline std::string feedback_place(const ReleaseRequest& request) {
    return format_place(request.origin, request.path);
}

// The same for the audit log.
inline std::string feedback_where(const ReleaseRequest& request) {
    return describe_place(request, feedback_place(request));
}

// Where the request is, as a target; of what git stores, how it is taken as well.
inline Result<Target> feedback_target(const ReleaseRequest& request,
                                      AuthScheme scheme = AuthScheme::Basic) {
    return Target::create(request.origin, request.path, scheme);
}

inline bool is_same_secret(const store::StoredToken& stored, const Digest& digest) {
    return constant_time_equal(stored.verifier, digest);
}

}  // namespace patd
