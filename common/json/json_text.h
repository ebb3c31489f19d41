// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"
#include "common/base/secret_buffer.h"

#include <string_view>

namespace patd {

// Appends JSON to a SecretBuffer: `raw` what is JSON already, `quoted` a text as a string.
class JsonText {
  public:
    explicit JsonText(SecretBuffer& out) : out_(out) {}

    JsonText& raw(std::string_view json);
    JsonText& quoted(std::string_view text);
    // Ends the line. LimitExceeded: it did not fit. MalformedRequest: a text was no UTF-8.
    Result<void> end();

  private:
    SecretBuffer& out_;
    Result<void> result_;
};

}  // namespace patd
