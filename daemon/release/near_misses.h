// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/context/context.h"
#include "daemon/release/selection.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace patd {

// The only thing that keeps a token from covering a request, nearest first. Another host is never
// near.
enum class Miss {
    OtherUser,      // it covers the place, for another user name
    OtherPath,      // the same origin
    OtherPort,      // the same protocol and host
    OtherProtocol,  // the same host
};

struct NearMiss {
    TokenId id;
    std::string description;
    std::string username;
    Target target;  // the nearest one
    Miss why;
};

// The tokens that come nearest to a request without covering it, at most kNearMisses, nearest
// first. Pure. Thread rule: none.
class NearMisses {
  public:
    // `request` must outlive it.
    explicit NearMisses(const ReleaseRequest& request) : request_(request) {}

    void add(const Token& token);
    std::vector<NearMiss> take() { return std::move(misses_); }

  private:
    const ReleaseRequest& request_;
    std::vector<NearMiss> misses_;
};

std::string_view miss_name(Miss miss);

// Searches all of the caller's tokens, in turns of the caller's uid, for those that come near
// `request` but do not cover it. Calls back once. Errors as in TokenStore. The objects in `context`
// must outlive the turns. Thread rule: the loop's thread.
void search_near_misses(const Context& context, const Caller& caller, const ReleaseRequest& request,
                        std::function<void(Result<std::vector<NearMiss>>)> callback);

}  // namespace patd
