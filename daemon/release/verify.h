// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/caller.h"
#include "common/token/token_string.h"
#include "daemon/context/context.h"
#include "daemon/release/child_token.h"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace patd {

// What a service wants to know about a token that it was given. `where` is text for the audit log.
struct VerifyRequest {
    std::optional<Permission> permission;
    std::optional<Origin> audience;
    std::string_view user;  // "" if the service does not name one
    std::string where;
};

// Why a token is not valid for a request; the names are in docs/line-protocol.md.
enum class VerifyFailure { Unknown, Malformed, Expired, Dead, Permission, Audience, User, Locked };
std::string_view verify_failure_name(VerifyFailure failure);

// A live token, or a live child of one. Shares the store's record, so that the daemon's busiest
// path copies nothing.
struct Verified {
    store::StoredTokenPtr record;
    std::unique_ptr<const ChildClaims> child = {};

    const Token& token() const { return record->token; }  // of a child: its parent
    const PermissionList& permissions() const {
        return child ? child->permissions : token().permissions;
    }
    UnixTime expires() const { return child ? child->expires : token().expires; }
};

// Valid, or why not. Exactly one of the two is set.
struct Verification {
    std::optional<Verified> valid;
    VerifyFailure failure = VerifyFailure::Unknown;
};

// Tells a service whether a secret that it was given is a live token that may do what is asked. The
// caller's identity does not matter: whoever has the secret has the token.
// Thread rule: the loop's thread.
class Verifier {
  public:
    explicit Verifier(const Context& context) : context_(context) {}

    // Errors: Corrupt, Unavailable.
    Result<Verification> verify(const Caller& caller, std::span<const char> secret,
                                const VerifyRequest& request);
    // The same for each of `secrets`, as many in each turn of the caller as it has time for
    // (daemon/admission/turns.h), or a few: `take` gets the results in order, then `done` is
    // called. What the two and `request` refer to must live until then.
    using Take = std::function<void(const Result<Verification>&)>;
    void verify_many(const Caller& caller, std::span<const std::string_view> secrets,
                     const VerifyRequest& request, Take take, std::function<void()> done);

  private:
    // One reading of the clock.
    struct Moment {
        UnixTime now;
        UnixTime expiry_time;
    };
    Moment read_clock() const { return {context_.clock.now(), context_.clock.expiry_time()}; }

    Result<Verification> verify_at(const Moment& moment, const Caller& caller,
                                   std::span<const char> secret, const VerifyRequest& request);
    // `dead` is set if the secret is one that died.
    Result<Verification> judge_issued(std::span<const char> secret, const TokenId& id,
                                      std::optional<Auditor::Subject>& subject,
                                      std::optional<store::Tombstone>& dead);
    Result<Verification> judge_child(std::span<const char> secret, UnixTime expiry_time,
                                     std::optional<Auditor::Subject>& subject);
    // Why a live token is not valid for `request`; nothing if it is.
    Result<std::optional<VerifyFailure>> judge_request(const Verified& found,
                                                       const VerifyRequest& request,
                                                       UnixTime expiry_time);

    Context context_;
    SecretBuffer scratch_{kOldChildBytesMax};  // for open_child
};

}  // namespace patd
