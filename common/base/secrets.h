// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/secret_buffer.h"

#include <utility>

namespace patd {

// A SecretBuffer with a meaning, one type for each, so that a token can never be passed where a
// password is expected. Move-only, like what it holds.
template <typename Tag>
class Secret {
  public:
    Secret() = default;
    explicit Secret(SecretBuffer bytes) : bytes_(std::move(bytes)) {}

    bool empty() const { return bytes_.empty(); }
    std::size_t size() const { return bytes_.size(); }
    std::span<const char> reveal() const { return bytes_.reveal(); }
    const char* reveal_c_str() const { return bytes_.reveal_c_str(); }
    // Gives the buffer away; this object is then empty.
    SecretBuffer take() { return std::move(bytes_); }

  private:
    SecretBuffer bytes_;
};

using TokenSecret = Secret<struct TokenSecretTag>;          // what a server accepts
using RefreshToken = Secret<struct RefreshTokenTag>;        // makes the next one (RFC 6749)
using ServicePassword = Secret<struct ServicePasswordTag>;  // what a user types for step-up
using PromptAnswer = Secret<struct PromptAnswerTag>;        // any answer to a PAM prompt
using MasterKey = Secret<struct MasterKeyTag>;              // 32 bytes; wraps the data key
using DataKey = Secret<struct DataKeyTag>;                  // 32 bytes; record keys derive from it

}  // namespace patd
