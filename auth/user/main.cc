// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "auth/user_check.h"
#include "common/base/log_bug.h"

#include <cstdlib>

// patd-user-auth: one step-up conversation of per-user mode on standard input.
int main(int argc, char** argv) {
    try {
        return patd::auth::serve(
            {argv + 1, static_cast<std::size_t>(argc - 1)}, [](const patd::auth::Session& session) {
                return patd::auth::check_user(session, patd::names::kLineSocket);
            });
    } catch (...) {
        patd::log_bug("patd-user-auth", "an exception");
        return EXIT_FAILURE;
    }
}
