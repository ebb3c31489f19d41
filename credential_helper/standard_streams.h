// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/limits.h"
#include "common/base/result.h"
#include "common/base/secret_buffer.h"
#include "credential_helper/credential_request.h"

#include <chrono>
#include <initializer_list>
#include <span>
#include <string_view>

namespace patd::credential_helper {

// Standard input, output and error as plain descriptors: no stdio buffer ever holds a secret.

// Opens /dev/null for each of descriptors 0, 1 and 2 that the parent closed, so that no socket
// takes such a number and no secret goes the wrong way. Unavailable.
Result<void> ensure_standard_streams();

// Reads the input of a request: up to its blank line or to the end, and gives the request complete
// (credential_request.h). MalformedRequest: also a read error, and not complete within `deadline`
// (a terminal has none: people type).
Result<SecretBuffer> read_request(Verb verb, int fd, const Narrowing& narrowing = {},
                                  std::chrono::milliseconds deadline = limits::kClientDeadline);

// Appends what a tool says to `input`, up to the end or (`is_line`) to that of its first line.
// MalformedRequest: more than there is room for, a read error, and not complete within `deadline`.
Result<void> read_tool_input(int fd, bool is_line, SecretBuffer& input,
                             std::chrono::milliseconds deadline = limits::kClientDeadline);

// Writes all of `bytes`, in one write(2) where the descriptor takes them. Whether it could.
bool write_all(int fd, std::span<const char> bytes);

// The name under which the program complains when a tool did not start it under another one.
inline constexpr std::string_view kProgram = "git-credential-pat";

// The same to standard output, of all of `parts`; tells why when it cannot. Whether it could.
bool write_output(std::initializer_list<std::span<const char>> parts,
                  std::string_view program = kProgram);

// Writes "PROGRAM: TEXT" and a newline to standard error, in one write(2). Nothing for "".
void complain(std::string_view text, std::string_view program = kProgram);

}  // namespace patd::credential_helper
