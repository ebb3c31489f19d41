// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/limits.h"
#include "common/base/secret_buffer.h"

#include <chrono>
#include <string_view>

namespace patd::credential_helper {

// Whether another helper stands beside this one. What git 2.46 and later are answered so that
// nobody keeps it loses the objects of a server of files (ADR 0024); where nobody else is told, it
// can be answered in both forms.

// Says so in `request`, a complete `get` of a git that understands authtype: adds `alone=1` when
// git names no other helper for that place. Reads git's files for that, and asks git, which costs a
// process, where they are not simple (git_config.h). No git, or none that answers in time: nothing
// is added.
void note_chain(SecretBuffer& request, std::chrono::milliseconds deadline = limits::kGitDeadline);

// The same of what `git config --null --get-regexp` says of the helpers, in git's order. Pure. In
// doubt there is another helper: a section's URL is compared by its host alone, and its empty
// `helper`, which takes those before it off the list, counts for exactly that server only.
bool is_alone(std::string_view helpers, std::string_view protocol, std::string_view host);

}  // namespace patd::credential_helper
