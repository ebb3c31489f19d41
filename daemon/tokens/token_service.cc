// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/tokens/token_service.h"

#include "common/base/limits.h"
#include "common/base/log_messages.h"
#include "common/bus/firewall.h"
#include "common/token/token_string.h"
#include "daemon/context/bouncer.h"
#include "daemon/context/change.h"
#include "daemon/tokens/bulk_import.h"

namespace patd {
namespace {

using CommitDone = std::function<void(Result<Committed>)>;

}  // namespace

Result<Token> TokenService::find_own(const Caller& caller, const TokenId& id) {
    const store::StoredTokenPtr stored = TRY(context_.store.find(id));
    if (!stored)
        return Errc::NotFound;
    if (const Result<void> own = authorise_owner(caller, stored->token); !own) {
        TRY(context_.store.find_nothing(id));
        return own.error();
    }
    return stored->token;
}

void TokenService::change(const Caller& caller, const std::optional<TokenId>& id, std::string event,
                          Write write, Done done) {
    patd::change(context_.auditor, context_.writer, {caller, caller.uid, id, std::move(event), {}},
                 std::move(write), std::move(done));
}

Plan TokenService::plan_change(const Caller& caller, const std::optional<TokenId>& id,
                               std::string event, Write write) {
    Plan plan;
    plan.commit = [this, caller, id, event = std::move(event), write = std::move(write)](
                      TokenSecret, const CommitDone& done) {
        change(caller, id, event, write, [id, done](const Result<void>& changed) {
            if (!changed)
                return done(changed.error());
            done(committed(id));
        });
    };
    return plan;
}

Plan TokenService::plan_reveal(const Caller& caller, const TokenId& id, std::string event,
                               WriteSecret write) {
    Plan plan;
    plan.commit = [this, caller, id, event = std::move(event), write = std::move(write)](
                      TokenSecret, const CommitDone& done) {
        Result<TokenSecret> made = make_issued_secret(id, context_.random);
        if (!made)
            return done(made.error());
        const auto secret = std::make_shared<const TokenSecret>(std::move(*made));
        // Recorded before the secret leaves; "ok" follows when it has become valid.
        if (const auto recorded = context_.auditor.record(caller, caller.uid, id, event, "shown");
            !recorded)
            return done(recorded.error());
        Committed shown = committed(id);
        shown.result.set("acknowledge", true);
        shown.secret = secret;
        shown.acknowledge = [this, caller, id, event, write, secret](Done acknowledged) {
            change(
                caller, id, event, [write, secret] { return write(*secret); },
                std::move(acknowledged));
        };
        done(std::move(shown));
    };
    return plan;
}

Result<Plan> TokenService::create(const Caller& caller, const NewToken& request) {
    if (request.permissions.empty())
        return Errc::InvalidPermission;
    TRY(context_.store.may_change());
    TRY(check_room(context_, caller.uid, 1));
    const Token token = TRY(make_issued(context_, caller.uid, request));
    return plan_reveal(caller, token.id, "create",
                       [&store = context_.store, token](const TokenSecret& secret) {
                           return store.insert(token, secret);
                       });
}

Result<Token> TokenService::new_import(const Caller& caller, const NewToken& request) {
    return make_imported(context_, caller.uid, request);
}

Result<Plan> TokenService::import(const Caller& caller, const NewToken& request) {
    TRY(context_.store.may_change());
    TRY(check_room(context_, caller.uid, 1));
    const Token token = TRY(new_import(caller, request));
    return plan_given(context_, {caller, caller.uid, token.id, "import"}, token,
                      [&store = context_.store, token](const TokenSecret& secret) {
                          return store.insert(token, secret);
                      });
}

Result<Plan> TokenService::import_many(const Caller& caller, std::vector<Token> tokens) {
    if (tokens.empty())
        return Error{Errc::MalformedRequest, "an import of nothing"};
    TRY(context_.store.may_change());
    TRY(check_room(context_, caller.uid, tokens.size()));
    return plan_bulk_import(context_, caller, std::move(tokens));
}

Result<Plan> TokenService::update(const Caller& caller, const TokenId& id,
                                  const TokenChange& request) {
    TRY(context_.store.may_change());
    Token trial = TRY(find_own(caller, id));
    TokenChange change = request;
    if (change.permissions)
        change.permissions =
            TRY(context_.state.catalogue.resolve(*change.permissions, trial.permissions));
    TRY(check_gateway(context_, change));
    // A trial on a copy: what cannot be applied is refused before the password is asked for.
    TRY(apply(change, trial));
    if (change.expires)
        TRY(check_lifetime(context_, trial.expires));
    Plan plan = plan_change(caller, id, "edit", [this, caller, id, change] {
        return context_.store.update(id, caller.uid,
                                     [&](Token& token) { return apply(change, token); });
    });
    plan.owner_name = trial.owner_name;
    return plan;
}

Result<Plan> TokenService::regenerate(const Caller& caller, const TokenId& id,
                                      const TokenChange& change) {
    TRY(context_.store.may_change());
    const Token token = TRY(find_own(caller, id));
    Token trial = token;
    TRY(apply(change, trial));
    TRY(check_lifetime(context_, trial.expires));
    const auto replace = [this, caller, id, change](const TokenSecret& secret) {
        return context_.store.replace_secret(
            id, caller.uid, secret, [&](Token& stored) { return apply(change, stored); },
            context_.clock.now());
    };
    Plan plan = token.kind == TokenKind::Issued
                    ? plan_reveal(caller, id, "regenerate", replace)
                    : plan_given(context_, {caller, caller.uid, id, "regenerate"}, token, replace);
    plan.owner_name = token.owner_name;
    return plan;
}

Result<Plan> TokenService::remove(const Caller& caller, const TokenId& id) {
    TRY(context_.store.may_change());
    const Token token = TRY(find_own(caller, id));
    Plan plan = plan_change(caller, id, "delete", [this, caller, id] {
        return context_.store.remove(id, caller.uid, context_.clock.now());
    });
    plan.owner_name = token.owner_name;
    return plan;
}

Result<Plan> TokenService::remove_all(const Caller& caller, const std::string& account) {
    TRY(context_.store.may_change());
    Plan plan;
    plan.commit = [this, caller, account](TokenSecret, const CommitDone& done) {
        const auto removed = std::make_shared<std::size_t>(0);
        change(
            caller, std::nullopt, "remove-all",
            [this, caller, account, removed]() -> Result<void> {
                *removed =
                    TRY(context_.store.remove_all(caller.uid, account, context_.clock.now()));
                return {};
            },
            [removed, done](const Result<void>& changed) {
                if (!changed)
                    return done(changed.error());
                Committed result = committed(std::nullopt);
                result.result.set("removed", static_cast<std::uint32_t>(*removed));
                done(std::move(result));
            });
    };
    return plan;
}

Result<Plan> TokenService::unlock(const Caller& caller) {
    TRY(context_.store.may_change());
    Plan plan;
    plan.commit = [this, caller](TokenSecret, const CommitDone& done) {
        set_locked(caller, false, [done](const Result<void>& unlocked) {
            if (!unlocked)
                return done(unlocked.error());
            done(committed(std::nullopt));
        });
    };
    return plan;
}

Result<Plan> TokenService::open_for(const Caller& caller, const TokenId& id,
                                    std::chrono::seconds duration) {
    const Token token = TRY(find_own(caller, id));
    if (duration.count() <= 0 || duration > context_.state.settings.unlock_max)
        return Errc::InvalidExpiry;
    Plan plan;
    plan.owner_name = token.owner_name;
    plan.commit = [this, caller, id, duration](TokenSecret, const CommitDone& done) {
        if (const auto recorded = context_.auditor.record(caller, caller.uid, id, "confirm", "ok");
            !recorded)
            return done(recorded.error());
        context_.locks.open_for(caller.uid, id, duration);
        done(committed(id));
    };
    return plan;
}

Result<Plan> TokenService::set_service_password(const Caller& caller) {
    Plan plan;
    plan.step_up = Plan::StepUp::SetPassword;
    // The step-up itself sets the password.
    const auto begun = std::make_shared<store::BegunEvents>();
    plan.step_up_begins = [this, caller, begun]() -> Result<void> {
        *begun = TRY(context_.auditor.begin(caller, caller.uid, std::nullopt, "password"));
        // patd-auth, which sets it, does not wait for our disk; this is recorded before it begins.
        bus::run(
            context_.writer, [&events = context_.audit_log] { return events.sync_events(); },
            [](const Result<void>&) {});
        return {};
    };
    plan.step_up_ended = [this, begun](const Result<void>& verdict) {
        context_.auditor.end(*begun, verdict ? "ok" : errc_name(verdict.error().code));
    };
    plan.commit = [](TokenSecret, const CommitDone& done) { done(committed(std::nullopt)); };
    return plan;
}

void TokenService::lock(const Caller& caller, Done done) {
    // At once, before it is on disk: a lock must not wait, and holds even if something throws here.
    context_.locks.set_locked(caller.uid, true);
    set_locked(caller, true, std::move(done));
}

void TokenService::set_locked(const Caller& caller, bool locked, Done done) {
    const Uid owner = caller.uid;
    if (const auto newest = lock_writes_.find(owner); newest != lock_writes_.end()) {
        if (newest->second->locked == locked)
            return newest->second->waiting.push_back(std::move(done));
    } else if (const Result<bool> now = context_.store.is_locked(owner); now && *now == locked) {
        // What the store says: memory may have a lock that could not be written.
        context_.locks.set_locked(owner, locked);
        return done({});
    }
    const auto write = std::make_shared<LockWrite>(LockWrite{locked, {}});
    write->waiting.push_back(std::move(done));
    const auto before = std::exchange(lock_writes_[owner], write);
    // A write that never ended would keep all later ones waiting.
    bus::Undo forget([&] {
        if (before)
            lock_writes_[owner] = before;
        else
            lock_writes_.erase(owner);
    });
    ChangeEvent event{caller, owner, std::nullopt, locked ? "lock" : "unlock"};
    event.is_in_force = locked;
    patd::change(
        context_.auditor, context_.writer, event,
        [this, owner, locked] { return context_.store.set_locked(owner, locked); },
        [this, owner, write](const Result<void>& written) {
            // If an unlock and a lock were in progress together, the later one counts.
            if (const auto newest = lock_writes_.find(owner);
                newest != lock_writes_.end() && newest->second == write) {
                lock_writes_.erase(newest);
                if (written)
                    context_.locks.set_locked(owner, write->locked);
            }
            for (const Done& waiting : write->waiting)
                bus::guarded("end of a lock", [&] { waiting(written); });
        });
    forget.keep();
}

TokenList TokenService::list(const Caller& caller, const std::string& account) {
    return {context_.store, context_.store.survey_owner(caller.uid),
            [caller, account](const Token& token) {
                return authorise_owner(caller, account, token).has_value();
            }};
}

Result<store::ListedToken> TokenService::show(const Caller& caller, const std::string& account,
                                              const TokenId& id) {
    Token token = TRY(find_own(caller, id));
    TRY(authorise_owner(caller, account, token));
    const LastUse last_use = TRY(context_.store.last_use(id));
    return store::ListedToken{std::move(token), last_use};
}

void TokenService::revoke(const Caller& caller, Uid owner, const TokenId& id, Done done) {
    patd::change(
        context_.auditor, context_.writer, {caller, owner, id, "delete", {}, false},
        [this, owner, id] { return context_.store.remove(id, owner, context_.clock.now()); },
        std::move(done));
}

}  // namespace patd
