// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/feedback.h"

#include "common/base/limits.h"
#include "common/base/log.h"
#include "common/token/token_string.h"
#include "daemon/child_token.h"

namespace patd {
namespace {

std::string_view text_of(const TokenSecret& secret) {
    const std::span<const char> bytes = secret.expose();
    return {bytes.data(), bytes.size()};
}

std::string place_of(const ReleaseRequest& request) {
    return request.path.empty() ? request.origin.text()
                                : request.origin.text() + "/" + request.path;
}

// A description for what git stored, cut to its limit.
std::string describe_stored(const ReleaseRequest& request) {
    return ("git: " + place_of(request)).substr(0, limits::kDescriptionBytes);
}

bool is_same_place(const Token& token, const ReleaseRequest& request) {
    return token.provenance == Provenance::GitStore && token.targets.size() == 1 &&
           token.targets.front().text() == place_of(request) && token.username == request.username;
}

}  // namespace

Result<std::optional<Token>> Feedback::find_matching(const Kept& kept, const TokenSecret& secret) {
    const store::Digest digest = TRY(context_.store.digest(secret.expose()));
    for (const store::StoredToken& stored : kept) {
        if (constant_time_equal(stored.verifier, digest))
            return std::optional<Token>(stored.token);
    }
    return std::optional<Token>();
}

// Whether the secret is one of patd's own making; notes its use when it is alive.
Result<bool> Feedback::note_own(const Caller& caller, const ReleaseRequest& request,
                                const TokenSecret& secret, const std::string& event) {
    const TokenShape shape = token_shape(text_of(secret));
    if (shape == TokenShape::None)
        return false;
    std::optional<TokenId> id = issued_token_id(text_of(secret));
    if (shape == TokenShape::Child) {
        if (const Result<ChildClaims> claims = open_child(secret.expose(), context_.store))
            id = claims->parent;
    }
    const auto stored = id ? TRY(context_.store.find(*id)) : std::nullopt;
    if (stored && stored->token.owner == caller.uid) {
        TRY(context_.auditor.record(caller, caller.uid, id, event, "ok", place_of(request)));
        if (event == "store")
            context_.auditor.note_use(
                *id, {context_.clock.now(), caller.uid.value(), "stored", place_of(request)});
    } else if (TRY(context_.store.find_tombstone(TRY(context_.store.digest(secret.expose()))))) {
        TRY(context_.auditor.record(caller, caller.uid, id, "alarm", "dead", place_of(request)));
        log(LogLevel::Warning, "alarm: git offered a dead secret of a token");
    }
    return true;
}

void Feedback::write(const Caller& caller, const TokenId& id, std::string event,
                     std::function<Result<void>()> work, Done done) {
    bus::run(context_.writer, std::move(work),
             [this, caller, id, event = std::move(event),
              done = std::move(done)](const Result<void>& written) {
                 const std::string outcome(written ? "ok" : errc_name(written.error().code));
                 if (const auto recorded =
                         context_.auditor.record(caller, caller.uid, id, event, outcome);
                     !recorded)
                     log(LogLevel::Warning, "git's feedback was not recorded", recorded.error());
                 done(written);
             });
}

void Feedback::store(const Caller& caller, const ReleaseRequest& request, TokenSecret secret,
                     Done done) {
    const Result<bool> own = note_own(caller, request, secret, "store");
    if (!own)
        return done(own.error());
    if (*own || !accept_store_ || !request.username)
        return done({});
    const Result<Kept> kept = context_.store.find_by_origin(caller.uid, request.origin);
    if (!kept)
        return done(kept.error());
    keep(caller, request, *kept, std::move(secret), std::move(done));
}

void Feedback::keep(const Caller& caller, const ReleaseRequest& request, const Kept& kept,
                    TokenSecret secret, Done done) {
    const Result<std::optional<Token>> same = find_matching(kept, secret);
    if (!same)
        return done(same.error());
    if (*same) {
        context_.auditor.note_use(
            (*same)->id, {context_.clock.now(), caller.uid.value(), "stored", place_of(request)});
        return done({});
    }
    const auto shared = std::make_shared<const TokenSecret>(std::move(secret));
    for (const store::StoredToken& stored : kept) {
        if (!is_same_place(stored.token, request))
            continue;
        return write(
            caller, stored.token.id, "store",
            [this, id = stored.token.id, owner = caller.uid, shared] {
                return context_.store.replace_secret(
                    id, owner, *shared, [](Token&) { return Result<void>(); },
                    context_.clock.now());
            },
            std::move(done));
    }
    insert(caller, request, shared, std::move(done));
}

void Feedback::insert(const Caller& caller, const ReleaseRequest& request,
                      std::shared_ptr<const TokenSecret> secret, Done done) {
    context_.accounts.find_name(
        caller.uid, [this, caller, request, secret = std::move(secret),
                     done = std::move(done)](const Result<std::string>& account) {
            if (!account)
                return done(account.error());
            const Result<TokenId> id = TokenId::generate(context_.random);
            const Result<Target> target = Target::parse(place_of(request));
            const Result<std::string> description = parse_description(describe_stored(request));
            if (!id || !target || !description)
                return done(Errc::InvalidTarget);
            Token token{*id, caller.uid, *account};
            token.kind = TokenKind::Imported;
            token.provenance = Provenance::GitStore;
            token.description = *description;
            token.targets = {*target};
            token.username = *request.username;
            token.created = context_.clock.now();
            write(
                caller, *id, "store",
                [this, token, secret] { return context_.store.insert(token, *secret); }, done);
        });
}

void Feedback::erase(const Caller& caller, const ReleaseRequest& request, const TokenSecret& secret,
                     Done done) {
    const Result<bool> own = note_own(caller, request, secret, "erase");
    if (!own)
        return done(own.error());
    if (*own)
        return done({});
    const Result<Kept> kept = context_.store.find_by_origin(caller.uid, request.origin);
    if (!kept)
        return done(kept.error());
    const Result<std::optional<Token>> match = find_matching(*kept, secret);
    if (!match)
        return done(match.error());
    if (!*match || (*match)->kind != TokenKind::Imported || (*match)->state == TokenState::Rejected)
        return done({});
    write(
        caller, (*match)->id, "erase",
        [this, id = (*match)->id, owner = caller.uid] {
            return context_.store.update(id, owner, [](Token& token) -> Result<void> {
                token.state = TokenState::Rejected;
                return {};
            });
        },
        std::move(done));
}

}  // namespace patd
