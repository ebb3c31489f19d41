// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/operation/step_up_services.h"

#include "common/base/limits.h"

#include <utility>

namespace patd {

StepUpServices::Bucket StepUpServices::bucket_of(const StepUp::Request& request) {
    return {request.caller, request.user, request.caller.is_root() ? request.rhost : ""};
}

Result<void> StepUpServices::admit(const StepUp::Request& request) const {
    const auto found = waiting_until_.find(bucket_of(request));
    if (found != waiting_until_.end() && clock_.since_boot() < found->second)
        return Errc::Throttled;
    return {};
}

std::vector<StepUpServices::Wait> StepUpServices::waits() const {
    const std::chrono::milliseconds now = clock_.since_boot();
    std::vector<Wait> waits;
    for (const auto& [bucket, until] : waiting_until_) {
        if (!bucket.caller.is_root() && until > now)
            waits.push_back(
                {bucket.caller, bucket.user, std::chrono::ceil<std::chrono::seconds>(until - now)});
    }
    return waits;
}

void StepUpServices::end_wait(Uid uid) {
    std::erase_if(waiting_until_, [uid](const auto& known) { return known.first.caller == uid; });
    tell_password_news(uid);
}

void StepUpServices::tell_password_news(std::optional<Uid> uid) const {
    if (uid && password_news_)
        password_news_(*uid);
}

// One that is not remembered costs a process, and is refused all the same.
void StepUpServices::remember(const Bucket& bucket, std::chrono::milliseconds wait) {
    const std::chrono::milliseconds now = clock_.since_boot();
    if (waiting_until_.size() >= limits::kThrottlesKnown)
        std::erase_if(waiting_until_, [now](const auto& known) { return known.second <= now; });
    if (waiting_until_.size() < limits::kThrottlesKnown)
        waiting_until_.insert_or_assign(bucket, now + wait);
}

Result<std::unique_ptr<StepUp>> StepUpServices::start(const StepUp::Request& request,
                                                      StepUp::Handler handler) {
    // Nobody guesses, and nobody has to wait.
    if (request.op == "state")
        return StepUp::start(loop_, sockets_.auth, request, std::move(handler));
    TRY(admit(request));
    const Bucket bucket = bucket_of(request);
    handler.on_throttled = [this, bucket](std::chrono::milliseconds wait) {
        remember(bucket, wait);
    };
    // A charged attempt may be credited again, and then nobody has to wait any more.
    handler.on_left = [this, bucket] { waiting_until_.erase(bucket); };
    handler.on_outcome = [this, bucket, uid = request.uid,
                          tell = std::move(handler.on_outcome)](const Result<void>& outcome) {
        if (outcome)
            waiting_until_.erase(bucket);
        if (outcome || outcome.error().code == Errc::NoServicePassword)
            tell_password_news(uid);
        tell(outcome);
    };
    const std::string& socket = request.op == "enroll" ? sockets_.enroll : sockets_.auth;
    return StepUp::start(loop_, socket, request, std::move(handler));
}

}  // namespace patd
