// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/limits.h"
#include "daemon/release/feedback.h"
#include "daemon/release/feedback_place.h"
#include "daemon/release/stored_by.h"

#include <algorithm>

// What git says of an answer that a server refused, and what it is to forget.
namespace patd {
namespace {

// Whether git means this one when it says what to forget: all that it names must match.
bool is_meant(const Token& token, const ReleaseRequest& request) {
    if (!is_stored_by_git(token) || !is_stored_by_asker(token, request) ||
        (request.username && token.username != *request.username))
        return false;
    return std::any_of(token.targets.begin(), token.targets.end(), [&](const Target& target) {
        return target.origin() == request.origin &&
               (request.path.empty() || target.path() == request.path);
    });
}

// Without a path it is the host that is meant.
bool may_be_used_at(const Token& token, const ReleaseRequest& request) {
    return std::any_of(token.targets.begin(), token.targets.end(), [&](const Target& target) {
        return target.origin() == request.origin &&
               (request.path.empty() || target.covers(request.origin, request.path));
    });
}

// What git stored it asks for anew by itself.
void tell_of(const Token& token, const Feedback::Tell& tell) {
    if (tell && !is_stored_by_git(token))
        tell(token);
}

}  // namespace

void Feedback::erase(const Caller& caller, const ReleaseRequest& request, const TokenSecret& secret,
                     const Ending& ending) {
    const auto& [done, tell] = ending;
    const Result<bool> own = note_own(caller, request, secret, {"erase", tell});
    if (!own)
        return done(own.error());
    if (*own)
        return done({});
    const Result<Digest> digest = context_.store.digest(secret.reveal());
    if (!digest)
        return done(digest.error());
    reject_each(
        caller, request,
        [request, digest = *digest, tell](const store::StoredToken& stored) {
            const Token& token = stored.token;
            const bool is_refused = is_same_secret(stored, digest) &&
                                    token.kind == TokenKind::Imported &&
                                    (is_stored_by_git(token) ? is_meant(token, request)
                                                             : may_be_used_at(token, request));
            if (is_refused)
                tell_of(token, tell);
            return is_refused;
        },
        done);
}

void Feedback::forget(const Caller& caller, const ReleaseRequest& request, Done done) {
    reject_each(
        caller, request,
        [request](const store::StoredToken& stored) { return is_meant(stored.token, request); },
        std::move(done));
}

void Feedback::reject_each(const Caller& caller, const ReleaseRequest& request,
                           std::function<bool(const store::StoredToken&)> which, Done done) {
    const auto found = std::make_shared<std::vector<Token>>();
    look_through(
        caller, request.origin,
        [found, which = std::move(which)](const store::StoredToken& stored) {
            if (stored.token.state == TokenState::Active && which(stored))
                found->push_back(stored.token);
        },
        [this, caller, request, found, done = std::move(done)](const Result<void>& looked) {
            if (!looked)
                return done(looked.error());
            reject_next(caller, request, found, done);
        });
}

// One after the other, so that what others write has its turn.
void Feedback::reject_next(const Caller& caller, const ReleaseRequest& request,
                           const std::shared_ptr<std::vector<Token>>& tokens, const Done& done) {
    if (tokens->empty())
        return done({});
    const Token token = std::move(tokens->back());
    tokens->pop_back();
    reject(caller, request, token,
           [this, caller, request, tokens, done](const Result<void>& rejected) {
               if (!rejected)
                   return done(rejected.error());
               reject_next(caller, request, tokens, done);
           });
}

// The whole of what git stored; a token made on purpose at that place.
void Feedback::reject(const Caller& caller, const ReleaseRequest& request, const Token& token,
                      Done done) {
    const auto is_done = [request](const Token& now) {
        return now.state == TokenState::Rejected ||
               is_refused_at(now, request.origin, request.path);
    };
    const auto refuse = [request](Token& now) {
        // A place that no target can name is the whole of its host.
        if (const Result<Target> place = feedback_target(request); place && !is_stored_by_git(now))
            refuse_at(now, *place);
        else
            now.state = TokenState::Rejected;
    };
    in_turn(
        caller.uid,
        [this, caller, place = feedback_where(request), id = token.id,
         generation = token.generation, is_done, refuse](Done finished) {
            const Result<store::StoredTokenPtr> stored = context_.store.find(id);
            // What came before may have done it; then there is nothing to write.
            if (stored && (!*stored || is_done((*stored)->token)))
                return finished({});
            const auto work = [this, id, owner = caller.uid, generation, refuse] {
                return context_.store.update(id, owner, [&](Token& now) -> Result<void> {
                    // By now it may have another secret, which no server refused.
                    if (now.generation == generation)
                        refuse(now);
                    return {};
                });
            };
            write(caller, {id, "erase", place}, work, std::move(finished));
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

void Feedback::note_state(const Caller& caller, const ReleaseRequest& request, Reception reception,
                          const Ending& ending) {
    const auto& [done, tell] = ending;
    const Result<store::StoredTokenPtr> found = context_.store.find(request.refused->token());
    if (!found)
        return done(found.error());
    if (!*found)
        return done({});
    if ((*found)->token.owner != caller.uid)
        return done(context_.store.find_nothing(request.refused->token()));
    const Token& token = (*found)->token;
    if (reception == Reception::Refused && !gives_children(token)) {
        if (token.state == TokenState::Rejected || !may_be_used_at(token, request) ||
            !request.refused->is_secret((*found)->verifier))
            return done({});
        tell_of(token, tell);
        return reject(caller, request, token, done);
    }
    if (reception == Reception::Refused)
        tell_of(token, tell);
    const std::string event = reception == Reception::Accepted ? "store" : "erase";
    const std::string place = feedback_where(request);
    if (reception == Reception::Refused)
        remember_refused(caller.uid, *request.refused);
    if (reception == Reception::Accepted)
        context_.auditor.note_use(token.id,
                                  {context_.clock.now(), caller.uid.value(), "stored", place});
    if (reception == Reception::Accepted && is_refused_at(token, request.origin, request.path) &&
        request.refused->is_secret((*found)->verifier))
        return in_turn(
            caller.uid,
            [this, caller, request, token](Done finished) {
                accept(caller, request, token, std::move(finished));
            },
            done);
    done(context_.auditor.record(caller, caller.uid, token.id, event, "ok", place));
}

}  // namespace patd
