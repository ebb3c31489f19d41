// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "auth/service_password_check.h"
#include "auth/witness_keeping.h"
#include "common/base/log_bug.h"

#include <cstdlib>

// patd-auth: one step-up conversation on standard input (docs/step-up-protocol.md).
int main(int argc, char** argv) {
    try {
        return patd::auth::serve({argv + 1, static_cast<std::size_t>(argc - 1)},
                                 patd::auth::check_service_password, patd::auth::keep_witness);
    } catch (...) {
        patd::log_bug("patd-auth", "an exception");
        return EXIT_FAILURE;
    }
}
