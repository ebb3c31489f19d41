// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/caller.h"
#include "daemon/context/context.h"
#include "daemon/operation/plan.h"
#include "daemon/tokens/new_token.h"
#include "daemon/tokens/token_list.h"

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace patd {

// The use-cases on an owner's own tokens. Sensitive ones check everything they can, freeze it and
// return a Plan; nothing is changed before the plan is carried out. Permissions are frozen as the
// catalogue of that moment resolves them (daemon/config/catalogue.h). Knows no bus and no PAM.
// Thread rule: the loop's thread; changes of the store run on the writer.
class TokenService {
  public:
    // `context` must outlive it and every Plan that it made.
    explicit TokenService(const Context& context) : context_(context) {}

    Result<Plan> create(const Caller& caller, const NewToken& request);
    Result<Plan> import(const Caller& caller, const NewToken& request);
    // All of them or none, by one operation (daemon/tokens/bulk_import.h). MalformedRequest: none
    // given; LimitExceeded: more than the caller may have in the end. The tokens were made by
    // new_import, one by one; its errors are those of import.
    Result<Token> new_import(const Caller& caller, const NewToken& request);
    Result<Plan> import_many(const Caller& caller, std::vector<Token> tokens);
    Result<Plan> update(const Caller& caller, const TokenId& id, const TokenChange& request);
    Result<Plan> regenerate(const Caller& caller, const TokenId& id, const TokenChange& change);
    Result<Plan> remove(const Caller& caller, const TokenId& id);
    Result<Plan> remove_all(const Caller& caller, const std::string& account);
    Result<Plan> unlock(const Caller& caller);
    Result<Plan> open_for(const Caller& caller, const TokenId& id, std::chrono::seconds duration);
    Result<Plan> set_service_password(const Caller& caller);

    // Takes effect at once; writes nothing if the store already has it, or is about to.
    void lock(const Caller& caller, Done done);
    // `account` is the caller's current name: what the uid's previous owner left is not visible.
    TokenList list(const Caller& caller, const std::string& account);
    Result<store::ListedToken> show(const Caller& caller, const std::string& account,
                                    const TokenId& id);
    // Root's way to end a token, without a step-up.
    void revoke(const Caller& caller, Uid owner, const TokenId& id, Done done);

  private:
    using Write = std::function<Result<void>()>;

    Result<Token> find_own(const Caller& caller, const TokenId& id);
    // Brings the owner's lock into the store, unless it is there, or being written right now.
    void set_locked(const Caller& caller, bool locked, Done done);
    // Runs `write` on the writer, records `event`, and answers `done`.
    void change(const Caller& caller, const std::optional<TokenId>& id, std::string event,
                Write write, Done done);
    // A Plan whose commit is one change.
    Plan plan_change(const Caller& caller, const std::optional<TokenId>& id, std::string event,
                     Write write);
    // A Plan that reveals `secret` at Commit and runs `write` at Acknowledge.
    Plan plan_reveal(const Caller& caller, const TokenId& id, std::string event, WriteSecret write);

    // The latest write of an owner's lock, and the callbacks that wait for its end.
    struct LockWrite {
        bool locked;
        std::vector<Done> waiting;
    };

    Context context_;
    std::map<Uid, std::shared_ptr<LockWrite>> lock_writes_;  // in progress
};

}  // namespace patd
