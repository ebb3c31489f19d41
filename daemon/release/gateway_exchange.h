// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/caller.h"
#include "common/base/secrets.h"
#include "common/token/token_string.h"
#include "daemon/context/context.h"
#include "daemon/release/child_token.h"
#include "daemon/release/forge_request.h"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace patd {

// What the gateway was asked: a child, and the request that came with it. All of it is a stranger's
// but the host, which the gateway's own configuration names.
struct ExchangeRequest {
    std::string_view token;
    std::string_view host;    // of the forge, with a port other than 443
    std::string_view method;  // of HTTP
    std::string_view target;  // raw: what follows the host in the gateway's URL
};

// Why the gateway gets no secret; the names are in docs/line-protocol.md. Up to Expired the child
// is worth nothing, from Locked on it is not for this request.
enum class ExchangeFailure {
    Unknown,
    Malformed,
    Dead,
    Expired,
    Locked,
    Rejected,
    Place,
    Request,
    Permission
};
std::string_view exchange_failure_name(ExchangeFailure failure);

// The secret, and how the forge takes it.
struct GatewayRelease {
    TokenId token;
    std::string owner;  // the account
    ForgeAuth auth;     // with a user name for Basic
    TokenSecret secret;
};
using Exchanged = std::variant<ExchangeFailure, GatewayRelease>;

// Gives the gateway the secret of an imported token for one request, in place of the child that was
// released for it (docs/adr/0055). Thread rule: the loop's thread.
class GatewayExchange {
  public:
    explicit GatewayExchange(const Context& context) : context_(context) {}

    // The event is written before the secret is given. Errors: those of the store and the log.
    Result<Exchanged> exchange(const Caller& caller, const ExchangeRequest& request);

  private:
    // A child that is alive, and the token that it is of.
    struct Live {
        store::StoredTokenPtr parent;
        ChildClaims claims;
    };
    using Found = std::variant<ExchangeFailure, Live>;
    Result<Found> find_live(const ExchangeRequest& request,
                            std::optional<Auditor::Subject>& subject);
    // Why the token gives nothing now; nothing if it does.
    Result<std::optional<ExchangeFailure>> judge_token(const Token& token);
    // What the request is, or why the child is not for it.
    std::variant<ExchangeFailure, ForgeRequest> judge_request(const Live& live,
                                                              const ExchangeRequest& request,
                                                              const Origin& forge) const;
    Result<Exchanged> release(const Caller& caller, const Live& live, const Origin& forge,
                              const ForgeRequest& judged);

    Context context_;
    SecretBuffer scratch_{kOldChildBytesMax};  // for open_child
};

}  // namespace patd
