// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/bus/call_guard.h"
#include "daemon/operation/operations.h"

namespace patd {

// org.patd.Tokens1.Operation: translation between the bus and Operation, nothing else.
class OperationBus final : public bus::Object {
  public:
    OperationBus(bus::CallGuard& guard, Operations& operations)
        : Object(guard), operations_(operations) {}

    static const sd_bus_vtable* vtable();
    // Who has to wait before the next password, and that one no longer has to.
    std::vector<StepUpServices::Wait> waits() const { return operations_.waits(); }
    void end_wait(Uid uid) { operations_.end_wait(uid); }
    // Answers `call` with the path of a new operation for `plan`, or the plan's error.
    void begin(bus::Call call, const std::string& user, Result<Plan> plan);

    void next(bus::Call call);
    void commit(bus::Call call);
    void acknowledge(bus::Call call);
    void cancel(bus::Call call);

  private:
    Operations& operations_;
};

}  // namespace patd
