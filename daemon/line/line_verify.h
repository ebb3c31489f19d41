// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/limits.h"
#include "common/line/line_message.h"
#include "daemon/release/verify.h"

#include <array>
#include <span>
#include <string_view>

namespace patd {

// The attributes of op=verify and its replies, as in docs/line-protocol.md.

// What is asked about each token; `where` is visible text of kAuditTextBytes at most.
// InvalidPermission, InvalidTarget.
Result<VerifyRequest> read_verify(const line::LineMessage& request);

// Views into the request.
struct SecretList {
    std::array<std::string_view, limits::kVerifySecrets> secrets;
    std::size_t count = 0;

    std::span<const std::string_view> all() const { return {secrets.data(), count}; }
};

// The secrets of `tokens`. MalformedRequest if one is empty, or if there is a `token` too;
// LimitExceeded.
Result<SecretList> read_tokens(const line::LineMessage& request);

// The whole reply for one token.
Result<void> write_verification(SecretBuffer& reply, const Verification& verification);

// One `result[]` line of a reply for many. Its value is at most kResultBytes: a uid and a time have
// bounded digits, and the account name is left out, so that a reply holds kVerifySecrets of them.
Result<void> write_result(SecretBuffer& reply, const Result<Verification>& verification);
inline constexpr std::size_t kResultBytes = 52;
static_assert(limits::kVerifySecrets * (kResultBytes + sizeof "result[]=\n" - 1) <
              limits::kLineReplyBytes);

}  // namespace patd
