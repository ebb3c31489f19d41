// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/clock.h"
#include "daemon/operation/step_up.h"

#include <chrono>
#include <compare>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace patd {

// Where the step-up services listen.
struct StepUpSockets {
    std::string auth;
    std::string enroll;
};

// The way to patd-auth and patd-enroll, for operations and checks alike. Remembers who was told to
// wait and until when, so that an earlier retry costs no process and no disk.
// Thread rule: the loop's thread. Outlives what it started.
class StepUpServices {
  public:
    StepUpServices(bus::EventLoop& loop, StepUpSockets sockets, const Clock& clock)
        : loop_(loop), sockets_(std::move(sockets)), clock_(clock) {}
    StepUpServices(const StepUpServices&) = delete;
    StepUpServices& operator=(const StepUpServices&) = delete;

    // Like StepUp::start, with the service that `request.op` needs. Throttled: as in `admit`.
    Result<std::unique_ptr<StepUp>> start(const StepUp::Request& request, StepUp::Handler handler);
    // Throttled while the service would say so.
    Result<void> admit(const StepUp::Request& request) const;

    // Users who have to wait because they themselves gave too many wrong passwords, as far as they
    // were told so. Not who was refused at a service: the name there is whatever somebody typed.
    struct Wait {
        Uid uid;
        std::string user;
        std::chrono::seconds left;  // rounded up
    };
    std::vector<Wait> waits() const;
    // Asks for this user again at once, after root set a password.
    void end_wait(Uid uid);
    // Called when a conversation, or root, showed whether this user has a service password.
    void on_password_news(std::function<void(Uid)> tell) { password_news_ = std::move(tell); }

  private:
    // patd-auth's buckets as far as patd can tell them apart: a service's by the remote host too.
    struct Bucket {
        Uid caller;
        std::string user;
        std::string rhost;

        friend auto operator<=>(const Bucket&, const Bucket&) = default;
    };
    static Bucket bucket_of(const StepUp::Request& request);
    void remember(const Bucket& bucket, std::chrono::milliseconds wait);
    void tell_password_news(std::optional<Uid> uid) const;

    bus::EventLoop& loop_;
    StepUpSockets sockets_;
    const Clock& clock_;
    std::map<Bucket, std::chrono::milliseconds> waiting_until_;  // since boot
    std::function<void(Uid)> password_news_;
};

}  // namespace patd
