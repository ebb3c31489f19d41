// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "pam_module/endpoint.h"

#include "common/base/limits.h"
#include "common/base/names.h"

namespace patd::pam {

Endpoint line_endpoint() {
    return {names::kLineSocket, limits::kClientDeadline};
}

}  // namespace patd::pam
