// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/secret_buffer.h"

#include <string_view>

namespace patd {

// Whether to tell git to stop asking other helpers and the user (gitcredentials(7), quit).
enum class Quit { No, Yes };

// Replaces what `reply` holds by `error=`, `text=` and perhaps `quit=1`, and ends the message.
// `about` follows the sentence in brackets: ids of the caller's tokens, and places that parsed.
void write_error(SecretBuffer& reply, const Error& error, Quit quit, std::string_view about = {});

}  // namespace patd
