// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"
#include "credential_helper/adapters/question.h"

#include <span>
#include <string_view>

namespace patd::credential_helper {

// Before the host in the name of a link for pnpm.
inline constexpr std::string_view kPnpmLink = "pat-pnpm-";

// Puts the place that `text` names into `question`: a URL, or, where a tool names bare hosts, what
// follows `scheme`. patd reads its spelling; here it is only said whose it is. InvalidTarget:
// nothing, or a scheme other than http and https.
Result<void> take_web_place(std::string_view text, Question& question,
                            std::string_view scheme = {});
// The same of any URL: what scheme it has is for patd to judge.
Result<void> take_place(std::string_view text, Question& question, std::string_view scheme = {});

// What is behind the :// of a URL, or all of a bare host.
std::string_view without_scheme(std::string_view url);

// What is before the query and the fragment of a URL.
std::string_view without_query(std::string_view url);

// Without the line ends at its end.
std::string_view without_line_end(std::string_view text);

std::string_view as_text(std::span<char> input);

// A question that asks patd nothing, with a status that tools take for a failure.
Question only_complaint(std::string_view complaint, int status = 1);

}  // namespace patd::credential_helper
