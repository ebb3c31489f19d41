// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/tokens/new_token.h"

#include "common/token/imported_secret.h"
#include "daemon/context/blank_token.h"

#include <memory>
#include <utility>

namespace patd {
namespace {

Result<Token> make_token(const Context& context, Uid owner, const NewToken& request,
                         TokenKind kind) {
    Token token = TRY(make_blank_token(context, {owner, request.owner_name}, kind));
    token.description = request.description;
    TokenChange options = request.options;
    options.permissions =
        TRY(context.state.catalogue.resolve(options.permissions.value_or(request.permissions)));
    TRY(check_gateway(context, options));
    TRY(apply(options, token));
    TRY(check_lifetime(context, token.expires));
    token.generation = 1;  // no children exist that an option would have to end
    return token;
}

}  // namespace

Result<void> check_lifetime(const Context& context, UnixTime expires) {
    const UnixTime latest = latest_expiry(context, context.clock.now());
    if (latest != 0 && (expires == 0 || expires > latest))
        return Errc::InvalidExpiry;
    return {};
}

Result<void> check_gateway(const Context& context, const TokenChange& change) {
    const bool needs_one = change.through_gateway.value_or(false);
    if (needs_one && !context.state.settings.gateway_origin)
        return Errc::NoGateway;
    return {};
}

Result<void> check_room(const Context& context, Uid owner, std::size_t count) {
    const std::size_t most = context.state.settings.tokens_per_user;
    if (count > most || TRY(context.store.count(owner)) > most - count)
        return Errc::LimitExceeded;
    return {};
}

Result<Token> make_issued(const Context& context, Uid owner, const NewToken& request) {
    return make_token(context, owner, request, TokenKind::Issued);
}

Result<Token> make_imported(const Context& context, Uid owner, const NewToken& request) {
    if (!request.options.targets || request.options.targets->empty())
        return Errc::InvalidTarget;
    if (!request.options.username)
        return Errc::InvalidUsername;
    return make_token(context, owner, request, TokenKind::Imported);
}

Committed committed(const std::optional<TokenId>& token) {
    Committed committed;
    if (token)
        committed.result.set("id", token->text());
    committed.result.set("acknowledge", false);
    return committed;
}

Plan plan_given(const Context& context, const ChangeEvent& event, const Token& token,
                WriteSecret write) {
    Plan plan;
    plan.secret_bytes_max = largest_secret(token.secret_kind);
    plan.secret_prompt = "Secret " +
                         (token.targets.empty() ? "of token " + token.id.text()
                                                : "from " + token.targets.front().url()) +
                         ": ";
    plan.commit = [&context, event, kind = token.secret_kind, write = std::move(write)](
                      TokenSecret given, const std::function<void(Result<Committed>)>& done) {
        if (const auto checked = check_imported_secret(given, kind); !checked)
            return done(checked.error());
        const auto secret = std::make_shared<const TokenSecret>(std::move(given));
        change(
            context.auditor, context.writer, event, [write, secret] { return write(*secret); },
            [token = event.token, done](const Result<void>& written) {
                if (!written)
                    return done(written.error());
                done(committed(token));
            });
    };
    return plan;
}

}  // namespace patd
