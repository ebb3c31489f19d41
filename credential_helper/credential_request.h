// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"
#include "common/base/secret_buffer.h"
#include "credential_helper/adapters/question.h"

#include <optional>
#include <string_view>

namespace patd::credential_helper {

// Nothing for a verb that this version does not know: gitcredentials(7) wants those ignored.
std::optional<Verb> parse_verb(std::string_view text);

// A request for the line socket is made in one buffer, so that a secret in it has no second copy:
// version and verb, what narrows it, then what git wrote to standard input, unchanged, then a blank
// line. The daemon knows which of the attributes it needs.
SecretBuffer begin_request(Verb verb, const Narrowing& narrowing = {});

// Whether `request` is complete: its blank line came, or the input ended (`at_end`: git sends no
// blank line, so it is added). MalformedRequest as soon as it can be told: the input breaks the
// format or its limits, goes on after its blank line, names an attribute of the framing, or says
// neither `url` nor protocol and host (git 2.39 sends such ones for hostile URLs; only what is not
// of the web may have no host).
Result<bool> complete_request(SecretBuffer& request, bool at_end);

}  // namespace patd::credential_helper
