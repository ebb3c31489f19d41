// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/bus/bus_reader.h"
#include "common/bus/executor.h"
#include "common/bus/identity.h"
#include "daemon/admission/lots.h"
#include "daemon/admission/quota.h"
#include "daemon/admission/service_uids.h"
#include "daemon/admission/sub_uids.h"
#include "daemon/config/config.h"
#include "daemon/context/clock_guard.h"
#include "daemon/context/store_gate.h"
#include "daemon/dbus/bus_service.h"
#include "daemon/exposure/exposures.h"
#include "daemon/line/line_server.h"
#include "daemon/line/line_verbs.h"
#include "daemon/upkeep/admin_service.h"
#include "daemon/upkeep/clock_keeper.h"
#include "daemon/upkeep/expiry_notices.h"
#include "daemon/upkeep/rollback_admin.h"

#include <memory>
#include <string>

namespace patd {

// Where things are; the defaults are those of the installed service.
struct DaemonOptions {
    std::string state_directory;
    std::string line_socket;
    StepUpSockets step_up;
    std::string counter_socket;  // patd-counter
    std::string master_key_file;
    // "system", "session", "none", or an address of a message bus.
    std::string bus_address = "system";
    bool accept_store = true;  // false overrides AcceptStore=
    // The configuration files are below it; "" is /.
    std::string config_root;
};

// The composition root: builds every part, owns it, and takes it down in the right order. Nothing
// else makes services.
class Daemon {
  public:
    // `loop` must outlive it. With a `gate`, which opens the store, it serves only this process's
    // user.
    static Result<std::unique_ptr<Daemon>> create(bus::EventLoop& loop,
                                                  const DaemonOptions& options,
                                                  const Config& config = {},
                                                  std::unique_ptr<StoreGate> gate = nullptr);
    ~Daemon();

    // Reads the configuration again, off the loop. A faulty one only changes the log and `status`;
    // one that cannot be read now is retried until it can. Tells systemd (sd_notify(3)) when it
    // begins and when it is done.
    void reload();
    const ServiceState& state() const { return state_; }
    // Ends the loop with success once all accepted clients have been answered, or a moment later at
    // most. New clients wait at the sockets, for the next process. A second call ends it at once.
    void wind_down();

  private:
    Daemon(bus::EventLoop& loop, const DaemonOptions& options, std::unique_ptr<StoreGate> gate)
        : loop_(loop), options_(options), gate_(std::move(gate)) {}

    Context context();
    std::function<void(Uid)> note_limited(Limited::What what);
    void end_when_quiet(int steps_done);
    Result<void> open_stores();
    // The way to the writer; with a witness, through it.
    bus::Executor& changes() const;
    bus::CallGuard::Authorise make_authorise() const;
    bus::CallGuard::Hold make_hold() const;
    std::function<bool(Uid)> make_is_service() const;
    // On the writer, with a store that the gate has opened and nobody has used yet.
    Result<void> resume_clock(store::TokenStore& opened);
    // Called each time the gate has opened the store: resumes what rested while it was closed.
    void on_store_opened();
    void build_services();
    Result<void> start_line_socket();
    Result<void> start_bus();
    // Puts the settings in force.
    void apply(const Config& config);
    void end_reload(const Config& config);

    bus::EventLoop& loop_;
    SystemClock system_clock_;
    ClockGuard clock_{system_clock_};
    SystemRandom random_;
    DaemonOptions options_;
    std::unique_ptr<StoreGate> gate_;
    StepUpServices step_ups_{loop_, options_.step_up, clock_};
    ServiceState state_;
    Limited limited_{clock_};
    std::unique_ptr<store::TokenStore> store_;
    std::unique_ptr<store::AuditLog> audit_log_;
    std::unique_ptr<bus::WorkerThread> writer_;
    std::unique_ptr<WitnessKeeper> witness_;  // null in per-user mode
    std::unique_ptr<bus::WorkerThread> lookups_;
    std::unique_ptr<bus::LazyWorker> jobs_;
    std::unique_ptr<UnitLookup> units_;
    std::unique_ptr<Auditor> auditor_;
    std::unique_ptr<Locks> locks_;
    std::unique_ptr<Accounts> accounts_;
    std::unique_ptr<ServiceUids> services_;
    std::unique_ptr<Lots> lots_;
    std::unique_ptr<Turns> turns_;
    std::unique_ptr<Quota> calls_;  // unanswered calls of the bus
    Subscriptions subscriptions_;
    std::unique_ptr<ReuseAlarm> reuse_alarm_;
    std::unique_ptr<TokenService> tokens_;
    std::unique_ptr<Releaser> releaser_;
    std::unique_ptr<Feedback> feedback_;
    std::unique_ptr<Verifier> verifier_;
    std::unique_ptr<GatewayExchange> gateway_;
    std::unique_ptr<PasswordCheck> password_check_;
    std::unique_ptr<PasswordState> password_state_;  // null in per-user mode
    std::unique_ptr<Quota> under_way_;               // operations
    std::unique_ptr<Quota> handed_;                  // their sinks
    std::unique_ptr<Operations> operations_;
    std::unique_ptr<KeyRotation> rotation_;
    std::unique_ptr<OwnerCheck> owners_;
    std::unique_ptr<ClockKeeper> clock_keeper_;
    std::unique_ptr<ExpiryNotices> expiry_notices_;
    std::unique_ptr<AdminService> admin_;
    std::unique_ptr<RollbackAdmin> rollback_;  // null in per-user mode
    std::unique_ptr<LineVerbs> line_verbs_;
    std::unique_ptr<LineHandler> held_verbs_;
    std::unique_ptr<LineServer> line_server_;
    std::unique_ptr<Exposures> exposures_;
    bus::BusPtr bus_;
    std::unique_ptr<bus::BusReader> bus_reader_;
    std::unique_ptr<bus::BusIdentity> identity_;
    std::unique_ptr<BusService> bus_service_;
    bool has_resumed_clock_ = false;  // used by the writer
    bool reloading_ = false;
    bool reload_again_ = false;
    bool unreadable_told_ = false;  // the newest configuration cannot be read, and that is logged
    bus::EventLoop::Source read_again_;
    bool winding_down_ = false;
    bus::EventLoop::Source quiet_check_;
};

// One message for each fault.
void log_faults(const Config& config);

}  // namespace patd
