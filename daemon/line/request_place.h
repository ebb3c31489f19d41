// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"
#include "common/line/line_message.h"
#include "daemon/release/selection.h"

namespace patd {

// The place that a get, store or erase of gitcredentials(7) means: `protocol`, `host`, `path` and
// `username`, or `url`, or both. If both are given they must agree, so that no attribute replaces
// another (security: CVE-2020-5260); git would take the later one.

// Whether it is about a protocol that patd has no tokens for (cert, ftp, ...), so that other
// helpers should answer.
bool is_for_others(const line::LineMessage& request);

// Whether a token is given as the user name, as in https://TOKEN:x-oauth-basic@HOST. It must go no
// further: what is read below is kept, logged and shown.
bool has_token_as_username(const line::LineMessage& request);

// MalformedRequest: no protocol, no host, a host outside the grammar, two statements that disagree,
// a control byte in `url`. InvalidTarget: `url` holds a password; or a `store` for a path that no
// target can hold. Any other request for such a path (has_odd_path) gets the path "", which matches
// no target that has a path; a refusal reported there does not apply to the whole host.
Result<ReleaseRequest> read_place(const line::LineMessage& request);

}  // namespace patd
