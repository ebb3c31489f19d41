// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/caller.h"
#include "common/base/result.h"
#include "common/token/token.h"

#include <functional>
#include <map>
#include <set>
#include <string>

namespace patd {

// An unsolicited message to an owner about a token: it expires soon, or a dead secret of it was
// presented.
struct OwnerSignal {
    enum class Kind { TokenExpiring, SecretReused };

    Kind kind = Kind::TokenExpiring;
    Uid owner;
    TokenId token;
    UnixTime expires = 0;  // of TokenExpiring
    std::string how = {};  // of SecretReused: "verify", "store" or "erase"
};

// Which connections of an owner subscribed to signals about that owner's tokens. A signal goes to
// each of them by its unique name, and to nobody else.
// Thread rule: the loop's thread.
class Subscriptions {
  public:
    // Sends one signal to one connection.
    using Send = std::function<void(const std::string& connection, const OwnerSignal& signal)>;

    // From now on signals are sent with `send`; before that, and without a bus, there is nobody to
    // tell.
    void send_by(Send send) { send_ = std::move(send); }

    // Subscribes the caller's connection; twice counts once. LimitExceeded: the user has reached
    // the limit.
    Result<void> add(const Caller& caller);
    void remove(const Caller& caller);
    // The connection is gone.
    void forget(const std::string& connection);

    void tell(const OwnerSignal& signal) const;

  private:
    std::map<Uid, std::set<std::string>> connections_;
    Send send_;
};

}  // namespace patd
