// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/clock.h"
#include "common/base/digest.h"
#include "common/token/token.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace patd {

// Names an answer to git without containing any of its secret. git hands it back (`state[]`, git
// 2.46) when the server accepted or refused the answer, and when git asks again within the same
// command. It is a reminder, not a proof: whoever makes one up can only name their own tokens.
class ReleaseState {
  public:
    static ReleaseState of_child(const TokenId& parent, std::uint32_t generation, UnixTime expires);
    // `digest`: the keyed digest under which the store knows the secret.
    static ReleaseState of_secret(const TokenId& token, const Digest& digest);

    // `pat:c:ID:GENERATION:EXPIRES` or `pat:s:ID:PRINT`.
    std::string text() const;
    // Nothing for the state of another helper, or of another version.
    static std::optional<ReleaseState> parse(std::string_view text);

    const TokenId& token() const { return token_; }
    // Whether the child that it names would still be accepted as a child of `parent`.
    bool is_live(const Token& parent, UnixTime now) const;
    // Whether it names the secret with this digest.
    bool is_secret(const Digest& digest) const;

  private:
    explicit ReleaseState(const TokenId& token) : token_(token) {}

    TokenId token_;
    std::uint32_t generation_ = 0;
    UnixTime expires_ = 0;
    std::string print_;  // of a secret: the first bytes of its digest; "" for a child
};

}  // namespace patd
