// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/token/token.h"
#include "daemon/release/selection.h"

#include <string>

namespace patd {

// Whose is what was stored by itself: git's, or the tool's that stored it. One host may be a git
// server and a registry, for each of which something else was typed, so each is given, replaces and
// forgets only its own. Every process of the owner's may say that it is any tool: this keeps apart
// and protects nothing.

// The description that says so of what `request` stores at `place`.
std::string describe_stored(const ReleaseRequest& request, const std::string& place);
// Whether the one that asks stored `token`, which is_stored_by_git. One whose description its owner
// changed is git's.
bool is_stored_by_asker(const Token& token, const ReleaseRequest& request);

}  // namespace patd
