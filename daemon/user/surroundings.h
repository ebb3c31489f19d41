// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"

#include <string>

namespace patd::user {

// Removes every variable from the environment but those that this process needs: libsecret and GLib
// are steered by many (SECRET_BACKEND, SECRET_SERVICE_BUS_NAME, SECRET_FILE_TEST_PATH, GIO_..., see
// docs/attack-table.md, row S14). To be called before any thread is made.
void clear_environment();

// Makes `path` and what it lies in, as far as they are missing, closed to everybody else.
// Unavailable: it cannot be made. Whose it is and how closed is checked where it is used.
Result<void> make_private_directory(const std::string& path);

}  // namespace patd::user
