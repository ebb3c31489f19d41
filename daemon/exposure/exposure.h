// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/context/context.h"
#include "daemon/exposure/exposed_listener.h"
#include "daemon/line/line_server.h"
#include "daemon/line/line_verbs.h"

#include <memory>
#include <string>
#include <vector>

namespace patd {

// One line socket that an owner opened for a container or an agent: whoever reaches it acts as the
// owner, and gets the tokens that it names and nothing else. Not the peer's credentials decide
// here, but the directory of the socket. Only `get` and `capability` are answered; `store` and
// `erase` are noted, and change nothing; every other verb is AccessDenied. Destroying it shuts the
// socket and all connections at once; pending answers are never sent. Thread rule: the loop's
// thread.
class Exposure final : public LineHandler {
  public:
    struct Parts {
        bus::EventLoop& loop;
        LineVerbs& verbs;
        Context context;
    };
    struct Terms {
        std::string id;
        std::string path;  // of the socket
        Uid owner;
        std::vector<TokenId> only;
        std::chrono::milliseconds ends{};  // CLOCK_BOOTTIME
    };
    // `listener` has been checked (check_listener). Unavailable.
    static Result<std::unique_ptr<Exposure>> create(const Parts& parts, Terms terms,
                                                    UniqueFd listener);

    const Terms& terms() const { return terms_; }
    // When it ends, by the current wall clock.
    UnixTime expires() const;
    // Why it must be cut: "expired", "gone" (none of its tokens is left), "closed" (by its user);
    // "" while it serves.
    std::string_view end_reason();

    void handle(const Caller& peer, const line::LineMessage& request, SecretBuffer& reply,
                std::function<void()> done) override;

  private:
    Exposure(const Parts& parts, Terms terms) : parts_(parts), terms_(std::move(terms)) {}

    // LimitExceeded if there were too many in this minute; Unavailable if its time is over.
    Result<void> admit();
    Result<void> note(const Caller& caller, const line::LineMessage& request);

    Parts parts_;
    Terms terms_;
    bool closed_ = false;
    UnixTime minute_ = 0;
    std::size_t asked_ = 0;  // in that minute
    // A late answer looks at this: it expires with the exposure.
    std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
    std::unique_ptr<LineServer> server_;
    std::unique_ptr<Acceptor> acceptor_;
};

}  // namespace patd
