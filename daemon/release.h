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
#include <utility>
#include <vector>

namespace patd {

// What leaves for git or a script.
struct Released {
    std::string username;
    TokenSecret password;  // a child of an issued token, or an imported token's own secret
    UnixTime expires = 0;  // 0: never
};

// A request judged. The Selection points into the candidates: it moves, and is not copied.
struct Judgement {
    Judgement(Caller by, ReleaseRequest asked) : caller(std::move(by)), request(std::move(asked)) {}
    Judgement(Judgement&&) = default;
    Judgement& operator=(Judgement&&) = default;
    Judgement(const Judgement&) = delete;

    Caller caller;  // with its unit, where it was asked for and known
    ReleaseRequest request;
    std::vector<Candidate> candidates;
    Selection selection;
};

// Hands tokens out to their owners: chooses, checks, records, and only then gives the secret.
// Thread rule: the loop's thread.
class Releaser {
  public:
    explicit Releaser(const Context& context) : context_(context) {}

    // Calls back once: nothing when no token of the caller's covers the request; else the release,
    // or why there is none (Locked, Expired, Rejected, ConfirmRequired, RuleDenied, Ambiguous,
    // Unavailable).
    using Callback = std::function<void(Result<std::optional<Released>>)>;
    void get(const Caller& caller, const ReleaseRequest& request, const Callback& callback);

    // What get goes by, and without doing anything what it would do. systemd is asked for the
    // caller's unit when a rule depends on it, or RecordUnits= wants it known; with `as_unit` the
    // caller is taken for a process of that unit.
    using JudgeCallback = std::function<void(Result<Judgement>)>;
    void judge(const Caller& caller, const ReleaseRequest& request,
               const std::optional<std::string>& as_unit, const JudgeCallback& callback);

  private:
    Result<std::vector<Candidate>> find_candidates(const Caller& caller,
                                                   const ReleaseRequest& request);
    Result<Judgement> judge_for(const Caller& caller, const std::string& account,
                                const ReleaseRequest& request, const Result<CallerUnit>& unit);
    Result<std::optional<Released>> release(const Judgement& judgement);
    Result<Released> make_released(const Judged& judged, UnixTime now);

    Context context_;
};

}  // namespace patd
