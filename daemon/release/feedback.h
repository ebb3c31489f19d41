// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/caller.h"
#include "daemon/operation/plan.h"
#include "daemon/policy/selection.h"
#include "daemon/state/context.h"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace patd {

// What git tells a helper after it used a credential: `store` (it worked) and `erase` (it did not).
// Neither ever destroys a token, and none of them tells the caller anything. Must outlive the
// turns. Thread rule: the loop's thread; changes of the store run on the writer.
class Feedback {
  public:
    explicit Feedback(const Context& context) : context_(context) {}

    // Of what patd handed out: notes the success. Of a dead secret of patd's own making: alarm, to
    // the one whose token it was. Of anything else (with AcceptStore=yes): keeps it for exactly
    // that origin, path and username, replacing what an earlier store kept there. The caller held
    // the secret already, so no step-up is needed. Errors: InvalidUsername, InvalidTarget,
    // LimitExceeded.
    void store(const Caller& caller, const ReleaseRequest& request, TokenSecret secret, Done done);
    // An imported token of the caller's whose secret this is becomes rejected. An issued one, or a
    // child, is noted only: a server that lies must not end a token.
    void erase(const Caller& caller, const ReleaseRequest& request, const TokenSecret& secret,
               Done done);

    // What a server said of an answer that only its state (`request.refused`) names. A success is
    // noted as the last use. A refusal makes an imported token whose secret the state names
    // rejected; of an issued one it is noted only. A state that names no token of the caller's is
    // nothing.
    enum class Verdict { Accepted, Refused };
    void note_state(const Caller& caller, const ReleaseRequest& request, Verdict verdict,
                    const Done& done);
    // Whether a server refused the child that `state` names, as far as note_state was told lately:
    // of each owner the last kRefusedChildren are known.
    bool has_refused(Uid owner, const ReleaseState& state) const;

  private:
    using Turn = std::function<void(Done)>;
    struct Waiting {
        Turn turn;
        Done done;
    };
    // What the caller keeps at the origin of a request.
    struct Kept {
        std::optional<Token> same;        // with the secret that the request names
        std::optional<Token> same_place;  // what an earlier store kept for the same place and user
    };
    struct Search;
    using KeptCallback = std::function<void(const Result<Kept>&)>;

    // Runs one `turn` of an owner after the other: two that look before the first has written would
    // keep the same secret twice, and a tie would end every release. LimitExceeded: too many wait.
    void in_turn(Uid owner, Turn turn, Done done);
    void next_turn(Uid owner);
    // Looks through the caller's tokens in turns of his uid.
    void find_kept(const Caller& caller, const ReleaseRequest& request, const TokenSecret& secret,
                   KeptCallback callback);
    // The live token that an own secret or child belongs to.
    Result<std::optional<Token>> find_live(const TokenSecret& secret);
    Result<bool> note_own(const Caller& caller, const ReleaseRequest& request,
                          const TokenSecret& secret, const std::string& event);
    void keep(const Caller& caller, const ReleaseRequest& request,
              const std::shared_ptr<const TokenSecret>& secret, Done done);
    // The caller's secret works: notes it, and takes back that a server refused what git stored.
    void keep_known(const Caller& caller, const ReleaseRequest& request, const Token& token,
                    Done done);
    void insert(const Caller& caller, const ReleaseRequest& request,
                std::shared_ptr<const TokenSecret> secret, Done done);
    // Puts the secret in the place of the one that an earlier store kept.
    void replace(const Caller& caller, const ReleaseRequest& request, const TokenId& id,
                 std::shared_ptr<const TokenSecret> secret, Done done);
    // Takes an imported token out of use until it is reinstated.
    void reject(const Caller& caller, const Token& token, Done done);
    void remember_refused(Uid owner, const ReleaseState& state);
    void write(const Caller& caller, const TokenId& id, std::string event,
               std::function<Result<void>()> work, Done done);

    Context context_;
    std::map<Uid, std::deque<Waiting>> turns_;
    std::map<Uid, std::deque<std::string>> refused_;  // states of children, of owners of tokens
};

}  // namespace patd
