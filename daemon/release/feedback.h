// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/caller.h"
#include "common/bus/done.h"
#include "daemon/context/context.h"
#include "daemon/release/selection.h"
#include "daemon/release/stored_credential.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace patd {

// What git tells a helper after it used a credential: `store` (it worked) and `erase` (it did not,
// or the user wants it forgotten). What git stored by itself follows git's rules (docs/adr/0021);
// neither message ever destroys anything of a token made on purpose, and none tells the caller
// anything. Must outlive the turns. Thread rule: the loop's thread; changes of the store run on the
// writer.
class Feedback {
  public:
    explicit Feedback(const Context& context) : context_(context) {}
    // Nobody is told how pending work ends, and no waiting turn begins any more. The writer
    // finishes what it has: this must outlive it.
    void stop() { alive_.reset(); }

    // For a secret that patd handed out: notes the success, and clears a server's refusal of it
    // there, or higher up the same path. For a dead secret that patd made: raises the alarm with
    // the token's owner. For anything else (with AcceptStore=yes): keeps it for exactly that
    // origin, path and username, replacing what an earlier store kept there. The caller already had
    // the secret, so no step-up is needed. Errors: InvalidUsername, TokenAsUsername, InvalidTarget,
    // LimitExceeded.
    void store(const Caller& caller, const ReleaseRequest& request, StoredCredential given,
               Done done);
    // What git stored with this secret, for the user and path if they are named, is not released
    // any more until git stores again. An imported token of the caller's whose secret this is is
    // refused at that place: rejected, if that leaves nothing of it. An issued one, or a child, is
    // noted only: a server that lies must not end a token.
    // `tell` is called with it first, unless git stored it: its owner may want to know which it
    // was.
    using Tell = std::function<void(const Token&)>;
    struct Ending {
        template <typename Callback>
        // NOLINTNEXTLINE(google-explicit-constructor): most callers have nothing to tell
        Ending(Callback callback, Tell told = {})
            : done(std::move(callback)), tell(std::move(told)) {}
        Done done;
        Tell tell;
    };
    void erase(const Caller& caller, const ReleaseRequest& request, const TokenSecret& secret,
               const Ending& ending);
    // Without a secret: all that git, or the tool that asks, stored for the host, and for the user
    // and path if they are named. Nothing else.
    void forget(const Caller& caller, const ReleaseRequest& request, Done done);

    // What a server said about an answer that only its state (`request.refused`) names. A success
    // is treated as in `store`. A refusal makes an imported token whose secret the state names
    // rejected; for an issued one it is only noted. A state that names no token of the caller's has
    // no effect.
    enum class Reception { Accepted, Refused };
    void note_state(const Caller& caller, const ReleaseRequest& request, Reception reception,
                    const Ending& ending);
    // Whether a server refused the child that `state` names, as far as note_state was told lately:
    // of each owner the last kRefusedChildren are known.
    bool has_refused(Uid owner, const ReleaseState& state) const;

  private:
    using Turn = std::function<void(Done)>;
    struct Waiting {
        Turn turn;
        Done finished;
    };
    using Given = std::shared_ptr<const StoredCredential>;
    // What the caller keeps at a request's origin.
    struct Kept {
        struct Place {
            Token token;
            bool has_secret = false;  // that very one
        };
        std::optional<Token> own;         // made on purpose, with the secret that git stores
        std::optional<Token> same;        // another one that git stored with it
        std::optional<Place> same_place;  // what an earlier store kept for the same place and user
    };
    using KeptCallback = std::function<void(const Result<Kept>&)>;
    using Look = std::function<void(const store::StoredToken&)>;
    // What a change's event says.
    struct Change {
        TokenId id;
        std::string event;
        std::string place;
    };

    // Runs an owner's turns one after the other: two that look before the first has written would
    // keep the same secret twice, and a tie would end every release. LimitExceeded: too many wait.
    void in_turn(Uid owner, Turn turn, Done done);
    void next_turn(Uid owner);
    void end_turn(Uid owner, std::uint64_t number);
    // Looks at each of the caller's tokens at `origin`, in turns of the caller's uid.
    void look_through(const Caller& caller, const Origin& origin, Look look, Done done);
    void find_kept(const Caller& caller, const ReleaseRequest& request, const TokenSecret& secret,
                   KeptCallback callback);
    // The live token that a secret or child made by patd belongs to.
    Result<std::optional<Token>> find_live(const TokenSecret& secret);
    using Noted = std::pair<std::string, Tell>;  // the event, and whom to tell
    Result<bool> note_own(const Caller& caller, const ReleaseRequest& request,
                          const TokenSecret& secret, const Noted& noted);
    void keep(const Caller& caller, const ReleaseRequest& request, const Given& given, Done done);
    // The caller's secret works: notes it. For what git stored, also clears a server's refusal, and
    // takes over the expiry.
    void keep_known(const Caller& caller, const ReleaseRequest& request, const Token& token,
                    const Given& given, Done done);
    // For a token made on purpose: clears the refusal of its secret where it worked.
    void accept(const Caller& caller, const ReleaseRequest& request, const Token& token, Done done);
    void insert(const Caller& caller, const ReleaseRequest& request, const Given& given, Done done);
    // Replaces the secret that an earlier store kept.
    void replace(const Caller& caller, const ReleaseRequest& request, const TokenId& id,
                 const Given& given, Done done);
    // The same secret with another refresh token: a new entry takes the place of `id`.
    void exchange(const Caller& caller, const ReleaseRequest& request, const Token& token,
                  const Given& given, Done done);
    Result<bool> is_same_refresh_token(const Token& token, const RefreshToken& refresh);
    // When what is stored at `created` ends: as git says, and TokenLifetimeMax= allows.
    UnixTime expiry_of(const StoredCredential& given, UnixTime created) const;
    // Rejects those at the request's origin.
    void reject_each(const Caller& caller, const ReleaseRequest& request,
                     std::function<bool(const store::StoredToken&)> which, Done done);
    void reject_next(const Caller& caller, const ReleaseRequest& request,
                     const std::shared_ptr<std::vector<Token>>& tokens, const Done& done);
    void reject(const Caller& caller, const ReleaseRequest& request, const Token& token, Done done);
    void remember_refused(Uid owner, const ReleaseState& state);
    void write(const Caller& caller, const Change& change, std::function<Result<void>()> work,
               Done done);

    Context context_;
    std::map<Uid, std::map<std::uint64_t, Waiting>> turns_;  // by number; the first is in progress
    std::uint64_t last_turn_ = 0;
    std::map<Uid, std::deque<std::string>> refused_;  // states of children, by the token's owner
    // Expires with this object: a turn that is dropped later has nobody to tell.
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace patd
