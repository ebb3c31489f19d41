// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/secret_buffer.h"
#include "common/token/token.h"

#include <string_view>

namespace patd {

// Whether to tell git to stop asking other helpers and the user (gitcredentials(7), quit).
enum class Quit { No, Yes };

// Replaces what `reply` holds by `error=`, `text=` and perhaps `quit=1`, and ends the message.
// `sentence`, where there is one, stands in place of the fixed one: it may hold what the caller's
// tokens hold, and places that parsed.
void write_error(SecretBuffer& reply, const Error& error, Quit quit,
                 std::string_view sentence = {});

// Replaces it by `text=`, which names the caller's token that a server at `place` refused, and how
// to see why; and ends the message. It is no error.
void write_refused(SecretBuffer& reply, const Token& token, std::string_view place);

}  // namespace patd
