// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "pam_module/endpoint.h"

#include <cstdlib>
#include <string>

// Replaces pam_module/endpoint.cc in pam_pat_test.so: each test says where its patd is.
namespace patd::pam {

Endpoint line_endpoint() {
    const char* path = std::getenv("PATD_TEST_SOCKET");
    const char* deadline = std::getenv("PATD_TEST_DEADLINE_MS");
    return {path == nullptr ? "" : path,
            std::chrono::milliseconds(deadline == nullptr ? 60'000 : std::stoi(deadline))};
}

}  // namespace patd::pam
