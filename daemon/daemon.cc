// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/daemon.h"

#include "common/base/names.h"
#include "daemon/store/master_key.h"

#include <fcntl.h>
#include <systemd/sd-daemon.h>

#include <cstdlib>

namespace patd {
namespace {

Context make_context(store::TokenStore& store, store::AuditLog& audit_log, bus::Executor& writer,
                     Auditor& auditor, Locks& locks, Accounts& accounts, const Clock& clock,
                     Random& random) {
    return {store, audit_log, writer, auditor, locks, accounts, clock, random};
}

// How long the end waits for clients: always for the first of these, for those on the bus who know
// this process by its unique name; at most for the second.
constexpr std::chrono::milliseconds kQuietStep{200};
constexpr int kQuietStepsMin = 1;
constexpr int kQuietStepsMax = 8;

// The listening socket that systemd passed, or one of our own.
Result<UniqueFd> take_listener(const std::string& path) {
    const int passed = sd_listen_fds(1);
    if (passed > 1)
        return Error{Errc::Unavailable, "more than one socket was passed"};
    if (passed < 1)
        return listen_at(path);
    const int fd = SD_LISTEN_FDS_START;
    if (sd_is_socket_unix(fd, SOCK_STREAM, 1, nullptr, 0) <= 0)
        return Error{Errc::Unavailable, "the passed socket is no listening UNIX stream socket"};
    if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) < 0)
        return Error{Errc::Unavailable, "fcntl"};
    return UniqueFd(fd);
}

Result<bus::BusPtr> connect_bus(const std::string& address) {
    sd_bus* raw = nullptr;
    if (address == "system") {
        TRY(bus::check(sd_bus_open_system(&raw), "sd_bus_open_system"));
        return bus::BusPtr(raw);
    }
    TRY(bus::check(sd_bus_new(&raw), "sd_bus_new"));
    bus::BusPtr bus(raw);
    TRY(bus::check(sd_bus_set_address(raw, address.c_str()), "sd_bus_set_address"));
    TRY(bus::check(sd_bus_set_bus_client(raw, 1), "sd_bus_set_bus_client"));
    TRY(bus::check(sd_bus_start(raw), "sd_bus_start"));
    return bus;
}

}  // namespace

Result<std::unique_ptr<Daemon>> Daemon::create(bus::EventLoop& loop, const DaemonOptions& options) {
    std::unique_ptr<Daemon> daemon(new Daemon(loop));
    TRY(daemon->open_stores(options));
    TRY(daemon->build_services(options));
    TRY(daemon->start_line_socket(options));
    if (options.bus_address != "none")
        TRY(daemon->start_bus(options));
    return daemon;
}

Daemon::~Daemon() {
    line_server_.reset();
    bus_service_.reset();
    identity_.reset();
    bus_.reset();
    // The auditor hands its last things to the writer, which finishes what was begun while all that
    // it touches is still there.
    auditor_.reset();
    writer_.reset();
    lookups_.reset();
}

void Daemon::wind_down() {
    if (winding_down_)
        return loop_.stop(EXIT_SUCCESS);
    winding_down_ = true;
    line_server_->stop_accepting();
    // From here on the bus keeps calls for whom it starts next; what it sent before is here.
    if (bus_)
        (void)sd_bus_release_name(bus_.get(), names::kBusName);
    end_when_quiet(0);
}

void Daemon::end_when_quiet(int steps_done) {
    const bool quiet = steps_done >= kQuietStepsMin && !line_server_->is_waited_for();
    if (quiet || steps_done >= kQuietStepsMax)
        return loop_.stop(EXIT_SUCCESS);
    quiet_check_ = loop_.after(kQuietStep, [this, steps_done] { end_when_quiet(steps_done + 1); });
}

Result<void> Daemon::open_stores(const DaemonOptions& options) {
    MasterKey key = TRY(store::find_master_key(options.master_key_file));
    store_ = TRY(store::TokenStore::open({options.state_directory, true}, std::move(key), random_));
    audit_log_ = TRY(store::AuditLog::open(options.state_directory));
    return {};
}

Result<void> Daemon::build_services(const DaemonOptions& options) {
    sockets_ = options.step_up;
    writer_ = std::make_unique<bus::WorkerThread>(loop_);
    lookups_ = std::make_unique<bus::WorkerThread>(loop_);
    auditor_ =
        std::make_unique<Auditor>(Auditor::Parts{loop_, *writer_, *audit_log_, *store_, clock_});
    locks_ = std::make_unique<Locks>(*store_, clock_);
    accounts_ = std::make_unique<Accounts>(*lookups_, clock_);
    const Context context = make_context(*store_, *audit_log_, *writer_, *auditor_, *locks_,
                                         *accounts_, clock_, random_);
    tokens_ = std::make_unique<TokenService>(context);
    releaser_ = std::make_unique<Releaser>(context);
    feedback_ = std::make_unique<Feedback>(context, options.accept_store);
    verifier_ = std::make_unique<Verifier>(context);
    password_check_ = std::make_unique<PasswordCheck>(loop_, sockets_);
    operations_ = std::make_unique<Operations>(loop_, sockets_, random_);
    return {};
}

Result<void> Daemon::start_line_socket(const DaemonOptions& options) {
    line_verbs_ = std::make_unique<LineVerbs>(
        LineVerbs::Services{*releaser_, *feedback_, *verifier_, *password_check_, *accounts_});
    UniqueFd listener = TRY(take_listener(options.line_socket));
    line_server_ = TRY(LineServer::create({loop_, *line_verbs_, clock_}, std::move(listener)));
    return line_server_->lead_the_loop();
}

Result<void> Daemon::start_bus(const DaemonOptions& options) {
    bus_ = TRY(connect_bus(options.bus_address));
    identity_ = TRY(bus::BusIdentity::create(
        bus_.get(), [this](const std::string& name) { operations_->end_connection(name); }));
    const Context context = make_context(*store_, *audit_log_, *writer_, *auditor_, *locks_,
                                         *accounts_, clock_, random_);
    bus_service_ = TRY(BusService::create(
        bus_.get(), {{*tokens_, *releaser_, *verifier_, context}, *operations_, *identity_}));
    // Without its bus the service is half of itself: it ends, and systemd starts it again.
    TRY(bus::check(sd_bus_set_exit_on_disconnect(bus_.get(), 1), "sd_bus_set_exit_on_disconnect"));
    TRY(bus::check(sd_bus_attach_event(bus_.get(), loop_.get(), SD_EVENT_PRIORITY_NORMAL),
                   "sd_bus_attach_event"));
    return bus::check(sd_bus_request_name(bus_.get(), names::kBusName, 0), "sd_bus_request_name");
}

}  // namespace patd
