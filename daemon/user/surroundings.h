// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"

#include <string>

namespace patd::user {

// Removes all environment variables except those that this process needs: many of them control
// libsecret and GLib (SECRET_BACKEND, SECRET_SERVICE_BUS_NAME, SECRET_FILE_TEST_PATH, GIO_..., see
// docs/attack-table.md, row S14). Call it before any thread is made.
void clear_environment();

// Creates `path` and its parents as far as they are missing, closed to everybody else. Unavailable:
// it cannot be created. Its users check its owner and mode.
Result<void> make_private_directory(const std::string& path);

}  // namespace patd::user
