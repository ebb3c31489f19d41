// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/context/bouncer.h"
#include "daemon/line/git_answer.h"
#include "daemon/line/line_server.h"
#include "daemon/operation/password_check.h"
#include "daemon/release/feedback.h"
#include "daemon/release/gateway_exchange.h"
#include "daemon/release/release.h"
#include "daemon/release/verify.h"

namespace patd {

// The verbs of the line socket (docs/line-protocol.md): translation between attributes and the
// use-cases, nothing else. Each verb's row names its access level.
// Thread rule: the loop's thread.
class LineVerbs final : public LineHandler {
  public:
    struct Services {
        Releaser& releaser;
        Feedback& feedback;
        Verifier& verifier;
        PasswordCheck& password_check;
        Accounts& accounts;
        UnitLookup& units;
        const ServiceState& state;
        GatewayExchange& gateway;
    };
    using Authorise = std::function<Result<void>(const Caller&, Access)>;
    explicit LineVerbs(const Services& services, Authorise authorise = patd::authorise)
        : services_(services), authorise_(std::move(authorise)) {}

    void handle(const Caller& caller, const line::LineMessage& request, SecretBuffer& reply,
                std::function<void()> done) override;

    // One request being answered; the references live until `done` is called.
    struct Exchange {
        const Caller& caller;
        const line::LineMessage& request;
        SecretBuffer& reply;
        std::function<void()> done;
        std::optional<Exposed> exposed = {};  // narrows get
    };
    // See LineHandler::handle.
    void answer(const Exchange& exchange);

    void get(const Exchange& exchange);
    void store(const Exchange& exchange);
    void erase(const Exchange& exchange);
    void capability(const Exchange& exchange);
    void verify(const Exchange& exchange);
    void verify_for(const Caller& caller, const Exchange& exchange, const VerifyRequest& wanted);
    void verify_many(const Caller& caller, const Exchange& exchange, const VerifyRequest& wanted);
    void check(const Exchange& exchange);
    void exchange(const Exchange& asked);

  private:
    void check_password(const Exchange& exchange, std::optional<Uid> uid);
    void release(const Exchange& exchange, const ReleaseRequest& wanted, Chance chance);
    void note_state(const Exchange& exchange, ReleaseRequest place, Feedback::Reception reception);

    Services services_;
    Authorise authorise_;
};

}  // namespace patd
