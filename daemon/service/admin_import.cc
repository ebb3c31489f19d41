// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/service/admin_import.h"

#include "common/base/limits.h"
#include "common/token/imported_secret.h"
#include "daemon/state/change.h"

namespace patd {
namespace {

using CommitDone = std::function<void(Result<Committed>)>;

Result<Token> make_token(const Context& context, Uid owner, const TokenService::NewToken& request) {
    if (!request.options.targets || request.options.targets->empty())
        return Errc::InvalidTarget;
    if (!request.options.username)
        return Errc::InvalidUsername;
    if (TRY(context.store.count(owner)) >= limits::kTokensPerUser)
        return Errc::LimitExceeded;
    Token token{TRY(TokenId::generate(context.random)), owner, request.owner_name};
    token.kind = TokenKind::Imported;
    token.description = request.description;
    token.created = context.clock.now();
    TokenChange options = request.options;
    options.permissions =
        TRY(context.state.catalogue.resolve(options.permissions.value_or(request.permissions)));
    TRY(apply(options, token));
    token.generation = 1;
    return token;
}

Committed committed(const Token& token) {
    Committed committed;
    committed.result.set("id", token.id.text());
    committed.result.set("acknowledge", false);
    return committed;
}

Plan make_plan(const Context& context, const Caller& root, const Token& token) {
    Plan plan;
    plan.step_up = Plan::StepUp::None;
    plan.secret_prompt = "Token to keep: ";
    plan.commit = [&context, root, token](TokenSecret given, const CommitDone& done) {
        if (const auto checked = check_imported_secret(given); !checked)
            return done(checked.error());
        const auto secret = std::make_shared<const TokenSecret>(std::move(given));
        change(
            context.auditor, context.writer, {root, token.owner, token.id, "import"},
            [&context, token, secret] { return context.store.insert(token, *secret); },
            [token, done](const Result<void>& written) {
                if (!written)
                    return done(written.error());
                done(committed(token));
            });
    };
    return plan;
}

Result<Plan> plan_for(const Context& context, const Caller& root, Uid owner,
                      const TokenService::NewToken& request) {
    return make_plan(context, root, TRY(make_token(context, owner, request)));
}

}  // namespace

void plan_admin_import(const Context& context, const Caller& root,
                       const TokenService::NewToken& request,
                       const std::function<void(Result<Plan>)>& callback) {
    context.accounts.find_uid(
        request.owner_name, [&context, root, request, callback](const Result<Uid>& uid) {
            if (!uid)
                return callback(uid.error());
            if (!uid->may_own_tokens())
                return callback(Errc::AccessDenied);
            context.accounts.find_name(*uid, [&context, root, request, callback,
                                              owner = *uid](const Result<std::string>& name) {
                if (!name)
                    return callback(name.error());
                // Two names of one uid are two people to somebody; nobody can say to whom.
                if (*name != request.owner_name)
                    return callback(Errc::AccessDenied);
                callback(plan_for(context, root, owner, request));
            });
        });
}

}  // namespace patd
