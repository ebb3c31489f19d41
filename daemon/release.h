// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/caller.h"
#include "common/base/secrets.h"
#include "daemon/context.h"
#include "daemon/selection.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace patd {

// What leaves for git or a script.
struct Released {
    std::string username;
    TokenSecret password;  // a child of an issued token, or an imported token's own secret
    UnixTime expires = 0;  // 0: never
};

// Hands tokens out to their owners: chooses, checks, records, and only then gives the secret.
// Thread rule: the loop's thread.
class Releaser {
  public:
    explicit Releaser(const Context& context) : context_(context) {}

    // Calls back once: nothing when no token of the caller's covers the request; else the release,
    // or why there is none (Locked, Expired, Rejected, ConfirmRequired, Ambiguous, Unavailable).
    using Callback = std::function<void(Result<std::optional<Released>>)>;
    void get(const Caller& caller, const ReleaseRequest& request, const Callback& callback);

    // What get would do, without doing it. The Selection points into `candidates`.
    Result<Selection> explain(const Caller& caller, const ReleaseRequest& request,
                              std::vector<Candidate>& candidates);

  private:
    Result<std::vector<Candidate>> find_candidates(const Caller& caller,
                                                   const ReleaseRequest& request);
    Result<std::optional<Released>> release(const Caller& caller, const std::string& account,
                                            const ReleaseRequest& request);
    Result<Released> make_released(const Judged& judged, const ReleaseRequest& request,
                                   UnixTime now);

    Context context_;
};

}  // namespace patd
