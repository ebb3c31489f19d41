// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/release/feedback.h"

#include "common/base/limits.h"
#include "common/base/log_messages.h"
#include "common/token/token_string.h"
#include "common/token/visible_text.h"
#include "daemon/release/child_token.h"

#include <algorithm>

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

std::string describe_stored(const ReleaseRequest& request) {
    return std::string(cut_text("git: " + place_of(request), limits::kDescriptionBytes));
}

bool is_same_place(const Token& token, const ReleaseRequest& request) {
    return token.provenance == Provenance::GitStore && token.targets.size() == 1 &&
           token.targets.front().url() == place_of(request) && token.username == request.username;
}

}  // namespace

struct Feedback::Search {
    ReleaseRequest request;
    store::Digest digest;
    store::Survey survey;
    Kept kept = {};
};

void Feedback::find_kept(const Caller& caller, const ReleaseRequest& request,
                         const TokenSecret& secret, KeptCallback callback) {
    const Result<store::Digest> digest = context_.store.digest(secret.expose());
    if (!digest)
        return callback(digest.error());
    const auto search = std::make_shared<Search>(
        Search{request, *digest, context_.store.survey_origin(caller.uid, request.origin)});
    context_.turns.work(caller.uid, [search, callback = std::move(callback)] {
        Kept& kept = search->kept;
        const Result<bool> more = search->survey.step([&](const store::StoredToken& stored) {
            if (!kept.same && constant_time_equal(stored.verifier, search->digest))
                kept.same = stored.token;
            if (!kept.same_place && is_same_place(stored.token, search->request))
                kept.same_place = stored.token;
        });
        if (more && *more && !kept.same)
            return Turns::Progress::More;
        callback(more ? Result<Kept>(std::move(kept)) : Result<Kept>(more.error()));
        return Turns::Progress::Finished;
    });
}

Result<std::optional<Token>> Feedback::find_live(const TokenSecret& secret) {
    if (const std::optional<TokenId> id = issued_token_id(text_of(secret))) {
        const store::Digest digest = TRY(context_.store.digest(secret.expose()));
        const store::StoredTokenPtr stored = TRY(context_.store.find(*id));
        if (stored && constant_time_equal(stored->verifier, digest))
            return std::optional<Token>(stored->token);
        if (stored)
            TRY(context_.store.find_nothing(*id));
        return std::optional<Token>();
    }
    const Result<ChildClaims> claims = open_child(secret.expose(), context_.store);
    if (!claims)
        return std::optional<Token>();
    const store::StoredTokenPtr parent = TRY(context_.store.find(claims->parent));
    if (!parent || parent->token.generation != claims->generation)
        return std::optional<Token>();
    return std::optional<Token>(parent->token);
}

// Whether the secret is one of patd's own making; notes its use when it is alive and the caller's.
Result<bool> Feedback::note_own(const Caller& caller, const ReleaseRequest& request,
                                const TokenSecret& secret, const std::string& event) {
    if (token_shape(text_of(secret)) == TokenShape::None)
        return false;
    const std::optional<Token> token = TRY(find_live(secret));
    if (!token) {
        const store::Digest digest = TRY(context_.store.digest(secret.expose()));
        if (const auto dead = TRY(context_.store.find_tombstone(digest)))
            context_.reuse_alarm.raise(caller, *dead, {event, place_of(request)});
    } else if (token->owner == caller.uid) {
        const std::string place = place_of(request);
        TRY(context_.auditor.record(caller, caller.uid, token->id, event, "ok", place));
        if (event == "store")
            context_.auditor.note_use(token->id,
                                      {context_.clock.now(), caller.uid.value(), "stored", place});
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
                     log(messages::kEventLost, recorded.error(), {{"AUDIT", event}});
                 done(written);
             });
}

void Feedback::in_turn(Uid owner, Turn turn, Done done) {
    std::deque<Waiting>& waiting = turns_[owner];
    if (waiting.size() == limits::kStoresWaiting)
        return done(Errc::LimitExceeded);
    waiting.push_back({std::move(turn), std::move(done)});
    if (waiting.size() == 1)
        next_turn(owner);
}

void Feedback::next_turn(Uid owner) {
    const Waiting now = turns_[owner].front();
    now.turn([this, owner, done = now.done](const Result<void>& result) {
        turns_[owner].pop_front();
        if (turns_[owner].empty())
            turns_.erase(owner);
        else
            next_turn(owner);
        done(result);
    });
}

void Feedback::store(const Caller& caller, const ReleaseRequest& request, TokenSecret secret,
                     Done done) {
    const Result<bool> own = note_own(caller, request, secret, "store");
    if (!own)
        return done(own.error());
    if (*own || !context_.state.settings.accept_store || !request.username)
        return done({});
    const auto shared = std::make_shared<const TokenSecret>(std::move(secret));
    in_turn(
        caller.uid,
        [this, caller, request, shared](Done finished) {
            keep(caller, request, shared, std::move(finished));
        },
        std::move(done));
}

void Feedback::keep(const Caller& caller, const ReleaseRequest& request,
                    const std::shared_ptr<const TokenSecret>& secret, Done done) {
    find_kept(caller, request, *secret,
              [this, caller, request, secret, done = std::move(done)](const Result<Kept>& kept) {
                  if (!kept)
                      return done(kept.error());
                  if (kept->same)
                      return keep_known(caller, request, *kept->same, done);
                  if (kept->same_place)
                      return replace(caller, request, kept->same_place->id, secret, done);
                  insert(caller, request, secret, done);
              });
}

void Feedback::replace(const Caller& caller, const ReleaseRequest& request, const TokenId& id,
                       std::shared_ptr<const TokenSecret> secret, Done done) {
    // It may have been changed since it was read.
    const auto check = [request](const Token& token) -> Result<void> {
        if (!is_same_place(token, request))
            return Errc::NotFound;
        return {};
    };
    write(
        caller, id, "store",
        [this, id, owner = caller.uid, secret = std::move(secret), check] {
            return context_.store.replace_secret(id, owner, *secret, check, context_.clock.now());
        },
        std::move(done));
}

void Feedback::keep_known(const Caller& caller, const ReleaseRequest& request, const Token& token,
                          Done done) {
    context_.auditor.note_use(
        token.id, {context_.clock.now(), caller.uid.value(), "stored", place_of(request)});
    if (token.state != TokenState::Rejected || token.provenance != Provenance::GitStore)
        return done({});
    write(
        caller, token.id, "store",
        [this, id = token.id, owner = caller.uid] {
            return context_.store.update(id, owner, [](Token& stored) -> Result<void> {
                stored.state = TokenState::Active;
                return {};
            });
        },
        std::move(done));
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
            const Result<std::string> username = parse_username(*request.username);
            if (!id)
                return done(id.error());
            if (!username)
                return done(username.error());
            if (!target)
                return done(target.error());
            Token token{*id, caller.uid, *account};
            token.kind = TokenKind::Imported;
            token.provenance = Provenance::GitStore;
            token.description = describe_stored(request);
            token.targets = {*target};
            token.username = *username;
            token.created = context_.clock.now();
            const std::chrono::seconds lifetime = context_.state.settings.token_lifetime_max;
            token.expires = lifetime.count() == 0 ? 0 : token.created + lifetime.count();
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
    find_kept(caller, request, secret,
              [this, caller, done = std::move(done)](const Result<Kept>& kept) {
                  if (!kept)
                      return done(kept.error());
                  const std::optional<Token>& token = kept->same;
                  if (!token || token->kind != TokenKind::Imported ||
                      token->state == TokenState::Rejected)
                      return done({});
                  reject(caller, *token, done);
              });
}

void Feedback::reject(const Caller& caller, const Token& token, Done done) {
    in_turn(
        caller.uid,
        [this, caller, id = token.id, generation = token.generation](Done finished) {
            const Result<store::StoredTokenPtr> stored = context_.store.find(id);
            // What came before may have done it; then there is nothing to write.
            if (stored && (!*stored || (*stored)->token.state == TokenState::Rejected))
                return finished({});
            const auto work = [this, id, owner = caller.uid, generation] {
                return context_.store.update(id, owner, [generation](Token& now) -> Result<void> {
                    // By now it may have another secret, which no server refused.
                    if (now.generation == generation)
                        now.state = TokenState::Rejected;
                    return {};
                });
            };
            write(caller, id, "erase", work, std::move(finished));
        },
        std::move(done));
}

void Feedback::remember_refused(Uid owner, const ReleaseState& state) {
    if (has_refused(owner, state))
        return;
    std::deque<std::string>& refused = refused_[owner];
    if (refused.size() == limits::kRefusedChildren)
        refused.pop_front();
    refused.push_back(state.text());
}

bool Feedback::has_refused(Uid owner, const ReleaseState& state) const {
    const auto found = refused_.find(owner);
    return found != refused_.end() && std::find(found->second.begin(), found->second.end(),
                                                state.text()) != found->second.end();
}

void Feedback::note_state(const Caller& caller, const ReleaseRequest& request, Verdict verdict,
                          const Done& done) {
    const Result<store::StoredTokenPtr> found = context_.store.find(request.refused->token());
    if (!found)
        return done(found.error());
    if (!*found)
        return done({});
    if ((*found)->token.owner != caller.uid)
        return done(context_.store.find_nothing(request.refused->token()));
    const Token& token = (*found)->token;
    if (verdict == Verdict::Refused && token.kind == TokenKind::Imported) {
        if (token.state == TokenState::Rejected || !request.refused->is_secret((*found)->verifier))
            return done({});
        return reject(caller, token, done);
    }
    const std::string event = verdict == Verdict::Accepted ? "store" : "erase";
    const std::string place = place_of(request);
    if (verdict == Verdict::Refused)
        remember_refused(caller.uid, *request.refused);
    if (verdict == Verdict::Accepted)
        context_.auditor.note_use(token.id,
                                  {context_.clock.now(), caller.uid.value(), "stored", place});
    done(context_.auditor.record(caller, caller.uid, token.id, event, "ok", place));
}

}  // namespace patd
