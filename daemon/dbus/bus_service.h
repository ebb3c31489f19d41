// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/bus/call_guard.h"
#include "daemon/context/bouncer.h"
#include "daemon/dbus/admin_bus.h"
#include "daemon/dbus/manager_bus.h"
#include "daemon/dbus/operation_bus.h"
#include "daemon/dbus/token_bus.h"

#include <memory>
#include <string>
#include <vector>

namespace patd {

// The objects of org.patd.Tokens1 on one connection.
// Thread rule: the loop's thread.
class BusService {
  public:
    struct Parts {
        Services services;
        Operations& operations;
        bus::IdentitySource& identity;
        AdminParts admin;
        bus::CallGuard::Authorise authorise = patd::authorise;
        bus::CallGuard::Hold hold = {};
        bus::CallGuard::Count count = {};
    };
    // Registers every object on `bus`, which must outlive it.
    static Result<std::unique_ptr<BusService>> create(sd_bus* bus, const Parts& parts);

  private:
    explicit BusService(const Parts& parts);

    Result<void> add(sd_bus* bus, const char* path, const char* interface, bus::Object& object,
                     const sd_bus_vtable* vtable);
    Result<void> add_all_below(sd_bus* bus, const char* prefix, const char* interface,
                               bus::Object& object, const sd_bus_vtable* vtable);

    bus::CallGuard guard_;
    OperationBus operation_;
    ManagerBus manager_;
    TokenBus token_;
    AdminBus admin_;
    std::vector<bus::SlotPtr> slots_;
};

}  // namespace patd
