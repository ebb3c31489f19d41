// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/dbus/manager_bus.h"

namespace patd {

// org.patd.Tokens1.Token: translation between the bus and the use-cases, nothing else. One object
// answers for every id, so that an id that does not exist looks like one of somebody else's.
class TokenBus final : public bus::Object {
  public:
    TokenBus(bus::CallGuard& guard, const Services& services, OperationBus& operations)
        : Object(guard), services_(services), operations_(operations) {}

    static const sd_bus_vtable* vtable();

    void show(bus::Call call);
    void update(bus::Call call);
    void regenerate(bus::Call call);
    void remove(bus::Call call);

  private:
    using MakePlan = std::function<Result<Plan>(const Caller&, const TokenId&)>;
    void begin(bus::Call call, const MakePlan& make_plan);

    Services services_;
    OperationBus& operations_;
};

}  // namespace patd
