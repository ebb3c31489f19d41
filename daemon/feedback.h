// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/caller.h"
#include "daemon/context.h"
#include "daemon/plan.h"
#include "daemon/selection.h"

#include <string>

namespace patd {

// What git tells a helper after it used a credential: `store` (it worked) and `erase` (it did not).
// Neither ever destroys a token, and none of them tells the caller anything.
// Thread rule: the loop's thread; changes of the store run on the writer.
class Feedback {
  public:
    // `accept_store`: whether an unknown secret is kept as an imported token (AcceptStore=).
    Feedback(const Context& context, bool accept_store)
        : context_(context), accept_store_(accept_store) {}

    // Of what patd handed out: notes the success. Of a dead secret of patd's own making: alarm. Of
    // anything else: keeps it for exactly that origin, path and username, replacing what an earlier
    // store kept there. The caller held the secret already, so no step-up is needed.
    void store(const Caller& caller, const ReleaseRequest& request, TokenSecret secret, Done done);
    // An imported token of the caller's whose secret this is becomes rejected. An issued one, or a
    // child, is noted only: a server that lies must not end a token.
    void erase(const Caller& caller, const ReleaseRequest& request, const TokenSecret& secret,
               Done done);

  private:
    using Kept = std::vector<store::StoredToken>;

    Result<std::optional<Token>> find_matching(const Kept& kept, const TokenSecret& secret);
    Result<bool> note_own(const Caller& caller, const ReleaseRequest& request,
                          const TokenSecret& secret, const std::string& event);
    void keep(const Caller& caller, const ReleaseRequest& request, const Kept& kept,
              TokenSecret secret, Done done);
    void insert(const Caller& caller, const ReleaseRequest& request,
                std::shared_ptr<const TokenSecret> secret, Done done);
    void write(const Caller& caller, const TokenId& id, std::string event,
               std::function<Result<void>()> work, Done done);

    Context context_;
    bool accept_store_;
};

}  // namespace patd
