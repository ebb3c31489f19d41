// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"
#include "common/line/line_message.h"
#include "daemon/release/selection.h"

namespace patd {

// Which place a get, store or erase of gitcredentials(7) speaks of: `protocol`, `host`, `path` and
// `username`, or `url`, or both. What both say must be the same, so that no attribute replaces
// another (security: CVE-2020-5260); git would take the later one.

// Whether it is about a protocol that no token of patd's can be for (cert, ftp, ...), so that other
// helpers are to answer.
bool is_for_others(const line::LineMessage& request);

// Whether a token stands where the user name does, as in https://TOKEN:x-oauth-basic@HOST. It is to
// go no further: what is read below is kept, logged and shown.
bool has_token_as_username(const line::LineMessage& request);

// MalformedRequest: no protocol, no host, a host outside the grammar, what is said twice and not
// alike, a control byte in `url`. InvalidTarget: `url` holds a password; or a `store` for a path
// that no target can hold. Any other request for such a path (has_odd_path) has "" for it, which
// matches no target that has a path; what it says of a refusal is not said of the whole host.
Result<ReleaseRequest> read_place(const line::LineMessage& request);

}  // namespace patd
