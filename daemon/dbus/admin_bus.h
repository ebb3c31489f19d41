// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/dbus/manager_bus.h"
#include "daemon/upkeep/admin_service.h"
#include "daemon/upkeep/clock_keeper.h"
#include "daemon/upkeep/owner_check.h"
#include "daemon/upkeep/rollback_admin.h"

namespace patd {

// What only root may use.
struct AdminParts {
    AdminService& service;
    OwnerCheck& owners;
    ClockKeeper& clock;
    RollbackAdmin* rollback;  // null where there is no witness (per-user mode)
};

// org.patd.Tokens1.Admin: what root may see and do. Metadata only.
class AdminBus final : public bus::Object {
  public:
    AdminBus(bus::CallGuard& guard, const Services& services, OperationBus& operations,
             const AdminParts& admin)
        : Object(guard),
          services_(services),
          operations_(operations),
          admin_(admin.service),
          owners_(admin.owners),
          clock_(admin.clock),
          rollback_(admin.rollback) {}

    static const sd_bus_vtable* vtable();

    void list(bus::Call call);
    void list_owners(bus::Call call);
    void revoke(bus::Call call);
    void list_events(bus::Call call);
    void check_owners(bus::Call call);
    void reinstate(bus::Call call);
    void import(bus::Call call);
    void export_key(bus::Call call);
    void confirm_export(bus::Call call);
    void backup(bus::Call call);
    void restore(bus::Call call);
    void rotate_key(bus::Call call);
    void rotate_master_key(bus::Call call);
    void accept_clock(bus::Call call);
    void accept_rollback(bus::Call call);
    void end_wait(bus::Call call);
    void status(bus::Call call);

  private:
    Services services_;
    OperationBus& operations_;
    AdminService& admin_;
    OwnerCheck& owners_;
    ClockKeeper& clock_;
    RollbackAdmin* rollback_;
};

}  // namespace patd
