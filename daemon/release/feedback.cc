// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/release/feedback.h"

#include "common/base/limits.h"
#include "common/token/foreign_token.h"
#include "common/token/token_string.h"
#include "common/token/visible_text.h"
#include "daemon/context/blank_token.h"
#include "daemon/context/change.h"
#include "daemon/release/child_token.h"
#include "daemon/release/feedback_place.h"
#include "daemon/release/stored_by.h"

#include <algorithm>

namespace patd {
namespace {

std::string_view text_of(const TokenSecret& secret) {
    const std::span<const char> bytes = secret.reveal();
    return {bytes.data(), bytes.size()};
}

bool is_same_place(const Token& token, const ReleaseRequest& request) {
    return is_stored_by_git(token) && is_stored_by_asker(token, request) &&
           token.targets.size() == 1 && token.targets.front().url() == feedback_place(request) &&
           token.username == request.username.value_or("");
}

bool covers(const Token& token, const ReleaseRequest& request) {
    return std::any_of(token.targets.begin(), token.targets.end(), [&](const Target& target) {
        return target.covers(request.origin, request.path);
    });
}

// Whether git gave it for the same user.
bool is_known(const Token& token, const ReleaseRequest& request) {
    return is_stored_by_asker(token, request) && token.username == request.username.value_or("") &&
           covers(token, request);
}

// GitHub's documentation used a token as the user name, and this as the password.
constexpr std::string_view kOauthBasic = "x-oauth-basic";

// Errors: TokenAsUsername, InvalidUsername.
Result<void> check_stored_username(std::string_view username, const TokenSecret& secret) {
    if (looks_like_token(username) || (!username.empty() && text_of(secret) == kOauthBasic))
        return Errc::TokenAsUsername;
    if (username.size() > limits::kStoredUsernameBytes ||
        (!username.empty() && !is_visible_utf8(username)))
        return Errc::InvalidUsername;
    return {};
}

// The later of two ends; 0 means none.
UnixTime last_end(UnixTime end, UnixTime other) {
    return end == 0 || other == 0 ? 0 : std::max(end, other);
}

}  // namespace

void Feedback::look_through(const Caller& caller, const Origin& origin, Look look, Done done) {
    const auto survey =
        std::make_shared<store::Survey>(context_.store.survey_origin(caller.uid, origin));
    context_.turns.work(caller.uid, [survey, look = std::move(look), done = std::move(done)] {
        const Result<bool> more = survey->step(look);
        if (more && *more)
            return Turns::Progress::More;
        done(more ? Result<void>() : Result<void>(more.error()));
        return Turns::Progress::Finished;
    });
}

void Feedback::find_kept(const Caller& caller, const ReleaseRequest& request,
                         const TokenSecret& secret, KeptCallback callback) {
    const Result<Digest> digest = context_.store.digest(secret.reveal());
    if (!digest)
        return callback(digest.error());
    const auto kept = std::make_shared<Kept>();
    look_through(
        caller, request.origin,
        [kept, request, digest = *digest](const store::StoredToken& stored) {
            const bool same = is_same_secret(stored, digest);
            // A copy of it stored for git would not have its rules.
            if (same && !is_stored_by_git(stored.token))
                kept->own = stored.token;
            else if (!kept->same_place && is_same_place(stored.token, request))
                kept->same_place = Kept::Place{stored.token, same};
            else if (!kept->same && same && is_known(stored.token, request))
                kept->same = stored.token;
        },
        [kept, callback = std::move(callback)](const Result<void>& done) {
            callback(done ? Result<Kept>(std::move(*kept)) : Result<Kept>(done.error()));
        });
}

Result<std::optional<Token>> Feedback::find_live(const TokenSecret& secret) {
    if (const std::optional<TokenId> id = issued_token_id(text_of(secret))) {
        const Digest digest = TRY(context_.store.digest(secret.reveal()));
        const store::StoredTokenPtr stored = TRY(context_.store.find(*id));
        if (stored && constant_time_equal(stored->verifier, digest))
            return std::optional<Token>(stored->token);
        if (stored)
            TRY(context_.store.find_nothing(*id));
        return std::optional<Token>();
    }
    const Result<OpenedChild> child = open_child(secret.reveal(), context_.store);
    if (!child)
        return std::optional<Token>();
    const store::StoredTokenPtr parent = TRY(context_.store.find(child->parent));
    if (!parent || parent->token.generation != child->generation)
        return std::optional<Token>();
    return std::optional<Token>(parent->token);
}

// Whether patd made the secret; notes its use if it is alive and the caller's.
Result<bool> Feedback::note_own(const Caller& caller, const ReleaseRequest& request,
                                const TokenSecret& secret, const Noted& noted) {
    const std::string& event = noted.first;
    if (token_shape(text_of(secret)) == TokenShape::None)
        return false;
    const std::optional<Token> token = TRY(find_live(secret));
    if (!token) {
        const Digest digest = TRY(context_.store.digest(secret.reveal()));
        if (const auto dead = TRY(context_.store.find_tombstone(digest)))
            context_.reuse_alarm.raise(caller, *dead, {event, feedback_where(request)});
    } else if (token->owner == caller.uid) {
        const std::string place = feedback_where(request);
        TRY(context_.auditor.record(caller, caller.uid, token->id, event, "ok", place));
        if (noted.second)
            noted.second(*token);
        if (event == "store")
            context_.auditor.note_use(token->id,
                                      {context_.clock.now(), caller.uid.value(), "stored", place});
    }
    return true;
}

void Feedback::write(const Caller& caller, const Change& change, std::function<Result<void>()> work,
                     Done done) {
    patd::change(context_.auditor, context_.writer,
                 {caller, caller.uid, change.id, change.event, change.place}, std::move(work),
                 std::move(done));
}

void Feedback::in_turn(Uid owner, Turn turn, Done done) {
    const auto found = turns_.find(owner);
    if (found != turns_.end() && found->second.size() == limits::kStoresWaiting)
        return done(Errc::LimitExceeded);
    const std::uint64_t number = ++last_turn_;
    Done finished = owe<void>([this, alive = std::weak_ptr(alive_), owner, number,
                               done = std::move(done)](const Result<void>& result) {
        if (alive.expired())
            return;
        end_turn(owner, number);
        done(result);
    });
    std::map<std::uint64_t, Waiting>& waiting = turns_[owner];
    waiting.emplace(number, Waiting{std::move(turn), std::move(finished)});
    if (waiting.size() == 1)
        next_turn(owner);
}

// A turn that throws has dropped its end, and so is over.
void Feedback::next_turn(Uid owner) {
    Waiting& first = turns_.at(owner).begin()->second;
    const Turn turn = std::move(first.turn);
    Done finished = std::move(first.finished);
    bus::guarded("store or erase", [&] { turn(std::move(finished)); });
}

void Feedback::end_turn(Uid owner, std::uint64_t number) {
    const auto found = turns_.find(owner);
    if (found == turns_.end())
        return;
    const auto ended = found->second.find(number);
    const bool was_first = ended == found->second.begin();
    if (ended != found->second.end())
        found->second.erase(ended);
    if (found->second.empty())
        turns_.erase(found);
    else if (was_first)
        next_turn(owner);
}

void Feedback::store(const Caller& caller, const ReleaseRequest& request, StoredCredential given,
                     Done done) {
    const Result<bool> own = note_own(caller, request, given.secret, {"store", {}});
    if (!own)
        return done(own.error());
    const bool names_nobody = !request.username && given.scheme != AuthScheme::Bearer;
    if (*own || !context_.state.settings.accept_store || names_nobody)
        return done({});
    if (const auto checked = check_stored_username(request.username.value_or(""), given.secret);
        !checked)
        return done(checked.error());
    const auto shared = std::make_shared<const StoredCredential>(std::move(given));
    in_turn(
        caller.uid,
        [this, caller, request, shared](Done finished) {
            keep(caller, request, shared, std::move(finished));
        },
        std::move(done));
}

void Feedback::keep(const Caller& caller, const ReleaseRequest& request, const Given& given,
                    Done done) {
    find_kept(caller, request, given->secret,
              [this, caller, request, given, done = std::move(done)](const Result<Kept>& kept) {
                  if (!kept)
                      return done(kept.error());
                  if (kept->own)
                      return keep_known(caller, request, *kept->own, given, done);
                  if (kept->same_place && !kept->same_place->has_secret)
                      return replace(caller, request, kept->same_place->token.id, given, done);
                  if (kept->same_place)
                      return keep_known(caller, request, kept->same_place->token, given, done);
                  if (kept->same)
                      return keep_known(caller, request, *kept->same, given, done);
                  insert(caller, request, given, done);
              });
}

UnixTime Feedback::expiry_of(const StoredCredential& given, UnixTime created) const {
    const UnixTime end = latest_expiry(context_, created);
    return given.expires == 0 || end == 0 ? std::max(given.expires, end)
                                          : std::min(given.expires, end);
}

void Feedback::replace(const Caller& caller, const ReleaseRequest& request, const TokenId& id,
                       const Given& given, Done done) {
    const Result<Target> target = feedback_target(request, given->scheme);
    if (!target)
        return done(target.error());
    const UnixTime now = context_.clock.now();
    const auto renew = [request, target = *target, now,
                        expires = expiry_of(*given, now)](Token& token) -> Result<void> {
        // It may have been changed since it was read.
        if (!is_same_place(token, request))
            return Errc::NotFound;
        token.targets = {target};
        token.created = now;
        token.expires = expires;
        return {};
    };
    write(
        caller, {id, "store", feedback_where(request)},
        [this, id, owner = caller.uid, given, renew, now] {
            return context_.store.replace_secret(id, owner, {given->secret, given->refresh}, renew,
                                                 now);
        },
        std::move(done));
}

Result<bool> Feedback::is_same_refresh_token(const Token& token, const RefreshToken& refresh) {
    if (token.refresh_bytes != refresh.size())
        return false;
    if (refresh.empty())
        return true;
    const RefreshToken kept = TRY(context_.store.open_refresh_token(token.id));
    return constant_time_equal(TRY(context_.store.digest(kept.reveal())),
                               TRY(context_.store.digest(refresh.reveal())));
}

void Feedback::keep_known(const Caller& caller, const ReleaseRequest& request, const Token& token,
                          const Given& given, Done done) {
    const UnixTime now = context_.clock.now();
    context_.auditor.note_use(token.id,
                              {now, caller.uid.value(), "stored", feedback_where(request)});
    if (!is_stored_by_git(token))
        return accept(caller, request, token, std::move(done));
    const bool is_dead =
        token.state == TokenState::Rejected || is_expired(token, context_.clock.expiry_time());
    // An older git, and a client that asked with --ttl, says less than what is kept.
    const Result<bool> same_refresh = !is_dead && given->refresh.empty()
                                          ? Result<bool>(true)
                                          : is_same_refresh_token(token, given->refresh);
    if (!same_refresh)
        return done(same_refresh.error());
    // A secret cannot replace itself.
    if (!*same_refresh)
        return exchange(caller, request, token, given, std::move(done));
    const UnixTime created = is_dead ? now : token.created;
    const UnixTime said = expiry_of(*given, created);
    const UnixTime expires = is_dead               ? said
                             : given->expires == 0 ? token.expires
                                                   : last_end(token.expires, said);
    if (!is_dead && expires == token.expires)
        return done({});
    write(
        caller, {token.id, "store", feedback_where(request)},
        [this, id = token.id, generation = token.generation, owner = caller.uid, created, expires] {
            return context_.store.update(id, owner, [&](Token& stored) -> Result<void> {
                // By now it may have another secret, or be made on purpose.
                if (stored.generation != generation || !is_stored_by_git(stored))
                    return {};
                reinstate(stored);
                stored.created = created;
                stored.expires = expires;
                return {};
            });
        },
        std::move(done));
}

void Feedback::accept(const Caller& caller, const ReleaseRequest& request, const Token& token,
                      Done done) {
    if (!is_refused_at(token, request.origin, request.path))
        return done({});
    write(
        caller, {token.id, "store", feedback_where(request)},
        [this, request, id = token.id, owner = caller.uid, generation = token.generation] {
            return context_.store.update(id, owner, [&](Token& now) -> Result<void> {
                // Nothing was said about any other secret.
                if (now.generation == generation)
                    std::erase_if(now.refused, [&](const Target& place) {
                        return place.covers(request.origin, request.path);
                    });
                return {};
            });
        },
        std::move(done));
}

void Feedback::exchange(const Caller& caller, const ReleaseRequest& request, const Token& token,
                        const Given& given, Done done) {
    const Result<TokenId> next = TokenId::generate(context_.random);
    if (!next)
        return done(next.error());
    const UnixTime now = context_.clock.now();
    const auto renew = [now, expires = expiry_of(*given, now)](Token& renewed) -> Result<void> {
        // Its owner may have taken it over since it was read.
        if (!is_stored_by_git(renewed))
            return Errc::NotFound;
        renewed.created = now;
        renewed.expires = expires;
        return {};
    };
    write(
        caller, {*next, "store", feedback_where(request)},
        [this, before = token.id, owner = caller.uid, next = *next, given, renew] {
            return context_.store.renew(before, owner, next, {given->secret, given->refresh},
                                        renew);
        },
        std::move(done));
}

void Feedback::insert(const Caller& caller, const ReleaseRequest& request, const Given& given,
                      Done done) {
    context_.accounts.find_name(caller.uid, [this, caller, request, given, done = std::move(done)](
                                                const Result<std::string>& account) {
        if (!account)
            return done(account.error());
        const Result<Target> target = feedback_target(request, given->scheme);
        if (!target)
            return done(target.error());
        const TokenOwner owner{caller.uid, *account};
        Result<Token> blank = make_blank_token(context_, owner, TokenKind::Imported);
        if (!blank)
            return done(blank.error());
        Token token = std::move(*blank);
        token.provenance = Provenance::GitStore;
        token.description = describe_stored(request, feedback_place(request));
        token.targets = {*target};
        token.username = request.username.value_or("");
        token.expires = expiry_of(*given, token.created);
        write(
            caller, {token.id, "store", feedback_where(request)},
            [this, token, given] {
                return context_.store.insert(token, {given->secret, given->refresh});
            },
            done);
    });
}

}  // namespace patd
