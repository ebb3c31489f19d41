// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/limits.h"
#include "common/base/random.h"
#include "daemon/operation/handed_sinks.h"
#include "daemon/operation/operation.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace patd {

// Every operation in progress, under an unguessable name, each bound to the connection that began
// it. Ends those that are idle for 60 s (but while the disk is at work), and those whose connection
// went away.
// Thread rule: the loop's thread.
class Operations {
  public:
    // Must outlive it; they count the operations in progress, and the sinks that Next handed out.
    struct Quotas {
        Quota& operations;
        Quota& sinks;
    };
    Operations(bus::EventLoop& loop, StepUpServices& services, Random& random, const Quotas& quotas)
        : loop_(loop),
          services_(services),
          random_(random),
          under_way_(quotas.operations),
          handed_(loop, quotas.sinks) {}

    // The name of a new operation of `caller`, whose account is `user`. LimitExceeded.
    Result<std::string> begin(const Caller& caller, const std::string& user, Plan plan);

    // The caller's operation; OperationGone for any other name. Restarts its 60 s. Valid until the
    // loop turns.
    Result<Operation*> find(const Caller& caller, const std::string& name);
    // Busy: `operation` needs a password, and another one of the same user is asking for it.
    Result<void> may_step_up(const Operation& operation) const;

    // For operations that are called from now on (OperationIdle=).
    void set_idle(std::chrono::milliseconds idle) { idle_ = idle; }
    void end_connection(const std::string& connection);
    // Destroys operations that are over, at the next turn of the loop.
    void sweep_later();

    std::size_t size() const { return entries_.size(); }
    // Who has to wait before the next password.
    std::vector<StepUpServices::Wait> waits() const { return services_.waits(); }
    void end_wait(Uid uid) { services_.end_wait(uid); }

  private:
    struct Entry {
        std::vector<Ticket> tickets;
        std::unique_ptr<Operation> operation;
        bus::EventLoop::Source deadline;
    };

    // LimitExceeded: the connection has reached its limit.
    Result<void> check_connection(const Caller& caller) const;
    void restart_deadline(const std::string& name);

    bus::EventLoop& loop_;
    StepUpServices& services_;
    Random& random_;
    Quota& under_way_;
    std::chrono::milliseconds idle_ = limits::kOperationIdle;
    HandedSinks handed_;  // outlives the operations
    std::map<std::string, Entry> entries_;
    bus::EventLoop::Source sweep_;
};

}  // namespace patd
