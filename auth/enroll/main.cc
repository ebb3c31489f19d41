// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "auth/enrollment.h"
#include "common/base/log_bug.h"

#include <cstdlib>

// patd-enroll: one conversation on standard input that sets a service password
// (docs/step-up-protocol.md).
int main(int argc, char** argv) {
    try {
        return patd::auth::serve({argv + 1, static_cast<std::size_t>(argc - 1)},
                                 patd::auth::enroll);
    } catch (...) {
        patd::log_bug("patd-enroll", "an exception");
        return EXIT_FAILURE;
    }
}
