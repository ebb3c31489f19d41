// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "auth/counting.h"
#include "common/base/log_bug.h"

#include <cstdlib>

// patd-counter: one request for the TPM's counter, on standard input (docs/step-up-protocol.md). A
// program of its own, so that no module of a PAM stack is where the TPM can be reached.
int main(int argc, char** argv) {
    try {
        return patd::auth::serve({argv + 1, static_cast<std::size_t>(argc - 1)},
                                 patd::auth::decide_nothing, patd::auth::count);
    } catch (...) {
        patd::log_bug("patd-counter", "an exception");
        return EXIT_FAILURE;
    }
}
