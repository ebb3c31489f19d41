// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/secret_buffer.h"

#include <span>
#include <string_view>

namespace patd::cli {

// Writes all of `bytes`. An output error with the system's reason where it takes no more.
Result<void> write_all(int fd, std::span<const char> bytes);
// Whether it is the output that failed, and nothing of the service's.
bool is_output_error(const Error& error);

// One line without its LF (or the rest before the end), read byte by byte so that not one byte of
// the next line is taken. Cancelled: the end, and nothing before it. InvalidSecret: a longer line
// than `limit`; the rest of it is read and dropped.
Result<SecretBuffer> read_secret_line(int fd, std::size_t limit);

// All of it, or as much as the buffer has room for. BadFile: it cannot be read, and the context
// says why.
Result<void> read_to_end(int fd, SecretBuffer& into);

}  // namespace patd::cli
