// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/bus/call_guard.h"
#include "daemon/dbus/long_reply.h"
#include "daemon/dbus/operation_bus.h"
#include "daemon/exposure/exposures.h"
#include "daemon/operation/password_state.h"
#include "daemon/release/release.h"
#include "daemon/release/verify.h"
#include "daemon/tokens/token_service.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace patd {

// The use-cases that the bus objects call.
struct Services {
    TokenService& tokens;
    Releaser& releaser;
    Verifier& verifier;
    Context context;
    Exposures& exposures;
    PasswordState* password_state =
        nullptr;  // null: there are no service passwords (per-user mode)
};

// org.patd.Tokens1.Manager: translation between the bus and the use-cases, nothing else.
class ManagerBus final : public bus::Object {
  public:
    ManagerBus(bus::CallGuard& guard, const Services& services, OperationBus& operations)
        : Object(guard), services_(services), operations_(operations) {}

    static const sd_bus_vtable* vtable();

    void create(bus::Call call);
    void import(bus::Call call);
    void import_many(bus::Call call);
    void list(bus::Call call);
    void explain(bus::Call call);
    void list_events(bus::Call call);
    void status(bus::Call call);
    void remove_all(bus::Call call);
    void lock(bus::Call call);
    void unlock(bus::Call call);
    void set_service_password(bus::Call call);
    void verify(bus::Call call);
    void open_exposure(bus::Call call);
    void list_exposures(bus::Call call);
    void cut(bus::Call call);
    void list_permissions(bus::Call call);
    void subscribe(bus::Call call);
    void unsubscribe(bus::Call call);

  private:
    using MakePlan = std::function<Result<Plan>(const Caller&, const std::string& account)>;

    using AccountHandler =
        std::function<void(const Caller&, const std::string& account, const CallPtr&)>;

    void reply_status(bus::Call& call, const std::string& account,
                      std::optional<bool> has_password);
    // Goes on with the caller's unit and account name.
    void find_account(bus::Call call, const AccountHandler& handler);
    // The same, and begins the operation of `make_plan`.
    void begin(bus::Call call, MakePlan make_plan);
    struct Importing;
    // Reads some more tokens of an ImportMany. Returns whether there is more.
    Result<bool> read_more(Importing& importing);

    Services services_;
    OperationBus& operations_;
};

// Continues with the caller, with its unit if systemd knows it: for the audit log of operations
// that take human time anyway.
using CallHandler = std::function<void(const Caller&, const std::shared_ptr<bus::Call>&)>;
void find_unit(UnitLookup& units, bus::Call call, const CallHandler& handler);

}  // namespace patd
