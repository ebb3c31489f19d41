// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/secret_buffer.h"

namespace patd {

// Whether git is told to stop asking other helpers and the user (gitcredentials(7), quit).
enum class Quit { No, Yes };

// Replaces what `reply` holds by `error=`, `text=` and perhaps `quit=1`, and ends the message.
void write_error(SecretBuffer& reply, const Error& error, Quit quit);

}  // namespace patd
