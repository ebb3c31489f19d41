// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/exposure/exposure.h"

#include <memory>
#include <string>
#include <vector>

namespace patd {

// All exposures (docs/adr/0012): opens them for owners, and cuts each on request, when its time is
// over, and when none of its tokens is left. They are kept only in memory: a restart cuts them all.
// Thread rule: the loop's thread.
class Exposures {
  public:
    // `parts` must outlive it.
    explicit Exposures(const Exposure::Parts& parts) : parts_(parts) {}

    struct Request {
        std::string account;  // the caller's account name
        std::vector<std::string> only;
        std::chrono::seconds duration{};
    };
    // Returns the id. An owner's lock, a rule or a token's confirm=always still applies to each
    // release. Errors: BadListener, NotFound (not an id, or not the caller's token), Locked,
    // InvalidExpiry (longer than ExposeMax=), LimitExceeded, Unavailable.
    Result<std::string> open(const Caller& caller, UniqueFd listener, const Request& request);
    // NotFound: it does not exist, or is not the caller's.
    Result<void> cut(const Caller& caller, const std::string& id);
    // The owner's, oldest first.
    std::vector<const Exposure*> list(Uid owner);

  private:
    Result<std::vector<TokenId>> find_tokens(const Caller& caller, const Request& request);
    Result<void> check_room(Uid owner) const;
    // One for each token, or none at all.
    Result<std::vector<store::BegunEvents>> begin_events(const Caller& caller,
                                                         const Exposure& exposure);
    void cut_ended();
    void schedule_sweep();
    void record_cut(const Caller& caller, const Exposure& exposure, std::string_view reason);

    Exposure::Parts parts_;
    std::vector<std::unique_ptr<Exposure>> exposures_;
    bus::EventLoop::Source sweeper_;
};

}  // namespace patd
