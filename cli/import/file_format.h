// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patd::cli {

// Which program keeps a file of secrets.
enum class FileFormat { Git, Netrc, Docker, Cargo, Npm, Aws, Pip, Terraform, Kube };

// The names that --format takes, in this order.
const std::vector<std::string>& format_names();
std::optional<FileFormat> find_format(std::string_view name);

// Whether such a file holds nothing but credentials, so that it can be removed.
bool is_credentials_alone(FileFormat format);

// By its first words. MalformedRequest: none of them; the context says what it is, and what to do.
Result<FileFormat> guess_format(std::string_view text);

// Without the mark that editors of Windows put before a text.
std::string_view without_mark(std::string_view text);

}  // namespace patd::cli
