// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/daemon.h"

#include "common/base/log_messages.h"
#include "common/base/names.h"
#include "common/bus/firewall.h"
#include "daemon/dbus/signals_bus.h"
#include "daemon/store/keys/master_key.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <limits>

namespace patd {
namespace {

// How long shutdown waits for clients: always the first of these, for those on the bus who know
// this process by its unique name; at most the second.
constexpr std::chrono::milliseconds kQuietStep{200};
constexpr int kQuietStepsMin = 1;
constexpr int kQuietStepsMax = 8;
// A configuration that could not be read is read again after this.
constexpr std::chrono::milliseconds kReadAgain{500};
// How long after the start the first owners are told that tokens expire.
constexpr std::chrono::seconds kFirstNotices{60};

// The listening socket that systemd passed, or our own.
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

std::size_t descriptors_max() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return std::numeric_limits<std::size_t>::max();
    return limit.rlim_cur;
}

Result<bus::BusPtr> connect_bus(const std::string& address) {
    sd_bus* raw = nullptr;
    if (address == "session") {
        TRY(bus::check(sd_bus_open_user(&raw), "sd_bus_open_user"));
        return bus::BusPtr(raw);
    }
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

// Holds every request until the store is open, or the reason why it is not is known.
class HeldVerbs final : public LineHandler {
  public:
    HeldVerbs(StoreGate& gate, LineHandler& verbs) : gate_(gate), verbs_(verbs) {}
    void handle(const Caller& caller, const line::LineMessage& request, SecretBuffer& reply,
                std::function<void()> done) override {
        gate_.when_open([this, caller, &request, &reply, done = std::move(done)] {
            verbs_.handle(caller, request, reply, done);
        });
    }

  private:
    StoreGate& gate_;
    LineHandler& verbs_;
};

// The protocol of Type=notify-reload (systemd.service(5)); the time is systemd's clock.
void notify_reloading() {
    timespec now{};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    const std::int64_t now_us = std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
    (void)sd_notify(0, ("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(now_us)).c_str());
}

}  // namespace

void log_faults(const Config& config) {
    for (const ConfigFault& fault : config.faults) {
        if (fault.may_pass)
            log(messages::kConfigUnreadable, {{"FAULT", fault.text}, {"FILE", fault.file}});
        else
            log(messages::kConfigFault, {{"FAULT", fault.text},
                                         {"FILE", fault.file},
                                         {"LINE", std::to_string(fault.line)}});
    }
}

Result<std::unique_ptr<Daemon>> Daemon::create(bus::EventLoop& loop, const DaemonOptions& options,
                                               const Config& config,
                                               std::unique_ptr<StoreGate> gate) {
    std::unique_ptr<Daemon> daemon(new Daemon(loop, options, std::move(gate)));
    TRY(daemon->open_stores());
    daemon->build_services();
    TRY(daemon->start_line_socket());
    if (options.bus_address != "none")
        TRY(daemon->start_bus());
    daemon->state_.started = daemon->clock_.now();
    daemon->apply(config);
    if (daemon->gate_) {
        daemon->gate_->attach(
            {loop, *daemon->writer_, *daemon->store_, daemon->random_, options.state_directory,
             [raw = daemon.get()](store::TokenStore& opened) { return raw->resume_clock(opened); },
             [raw = daemon.get()] { raw->on_store_opened(); }});
        return daemon;
    }
    if (daemon->witness_->rollback() == Rollback::None)
        daemon->rotation_->resume();
    daemon->owners_->begin();
    daemon->clock_keeper_->begin();
    return daemon;
}

Daemon::~Daemon() {
    // First, those who would get Internal for the requests that the gate drops: their connections
    // are closed unanswered, and they ask the next process.
    exposures_.reset();
    line_server_.reset();
    if (gate_)
        gate_->detach();
    bus_service_.reset();
    identity_.reset();
    units_.reset();
    bus_reader_.reset();
    bus_.reset();
    // Nobody is left to be told the end of a change that the writer drops.
    operations_.reset();
    if (feedback_)
        feedback_->stop();
    // The auditor passes its last events to the writer, which finishes what was begun while
    // everything it uses still exists.
    auditor_.reset();
    jobs_.reset();
    writer_.reset();
    lookups_.reset();
}

Context Daemon::context() {
    return {*store_, *audit_log_, changes(),      *auditor_,     *locks_, *accounts_, clock_,
            random_, state_,      subscriptions_, *reuse_alarm_, *units_, *turns_,    limited_};
}

void Daemon::wind_down() {
    if (winding_down_)
        return loop_.stop(EXIT_SUCCESS);
    winding_down_ = true;
    clock_keeper_->look();
    line_server_->stop_accepting();
    // From here on the bus queues calls for the next process; everything it sent earlier is here.
    if (bus_)
        (void)sd_bus_release_name(bus_.get(), names::kBusName);
    end_when_quiet(0);
}

void Daemon::end_when_quiet(int steps_done) {
    const bool quiet = steps_done >= kQuietStepsMin && !line_server_->has_pending_clients();
    if (quiet || steps_done >= kQuietStepsMax)
        return loop_.stop(EXIT_SUCCESS);
    quiet_check_ = loop_.after(kQuietStep, [this, steps_done] { end_when_quiet(steps_done + 1); });
}

// A user's own service serves only its user.
bus::CallGuard::Authorise Daemon::make_authorise() const {
    if (!gate_)
        return authorise;
    return [user = Uid(getuid())](const Caller& caller, Access access) {
        return authorise_user(user, caller, access);
    };
}

// A user's own service has no other services as clients.
std::function<bool(Uid)> Daemon::make_is_service() const {
    if (gate_)
        return {};
    return [this](Uid uid) { return services_->has(uid); };
}

bus::CallGuard::Hold Daemon::make_hold() const {
    return [this](Uid uid, std::function<void()> go) {
        turns_->add(uid, [this, go = std::move(go)] {
            if (gate_)
                gate_->when_open(go);
            else
                go();
            return Turns::Progress::Finished;
        });
    };
}

// Later the clock has run on in this process, and knows more than what was kept of it.
Result<void> Daemon::resume_clock(store::TokenStore& opened) {
    if (has_resumed_clock_)
        return {};
    TRY(ClockKeeper::resume(opened, clock_));
    has_resumed_clock_ = true;
    return {};
}

void Daemon::on_store_opened() {
    clock_keeper_->begin();
    expiry_notices_->on_store_opened();
}

Result<void> Daemon::open_stores() {
    state_.state_directory = options_.state_directory;
    if (gate_) {
        state_.key_source = "keyring";
        store_ = std::make_unique<store::TokenStore>(
            Error{Errc::KeyringFailed, "the keyring was not asked yet"});
        audit_log_ = TRY(store::AuditLog::open(options_.state_directory));
        return {};
    }
    const Result<UniqueFd> asked = WitnessLink(options_.step_up.auth).ask();
    const Result<UniqueFd> counter = CounterLink(options_.counter_socket).ask();
    MasterKey key = TRY(store::find_master_key(options_.master_key_file));
    state_.key_source = store::is_master_key_passed() ? "credential" : "file";
    store_ =
        TRY(store::TokenStore::open({options_.state_directory, true}, std::move(key), random_));
    TRY(AdminService::remove_copies(options_.state_directory));
    TRY(ClockKeeper::resume(*store_, clock_));
    audit_log_ = TRY(store::AuditLog::open(options_.state_directory));
    witness_ = std::make_unique<WitnessKeeper>(WitnessKeeper::Parts{
        loop_, *store_, clock_, options_.step_up.auth, options_.counter_socket});
    return witness_->compare(asked, counter);
}

bus::Executor& Daemon::changes() const {
    if (witness_)
        return *witness_;
    return *writer_;
}

std::function<void(Uid)> Daemon::note_limited(Limited::What what) {
    return [this, what](Uid uid) { limited_.note(lots_->lot_of(uid), what); };
}

void Daemon::build_services() {
    writer_ = std::make_unique<bus::WorkerThread>(loop_);
    if (witness_)
        witness_->begin(*writer_);
    lookups_ = std::make_unique<bus::WorkerThread>(loop_);
    units_ = std::make_unique<UnitLookup>(loop_);
    auditor_ =
        std::make_unique<Auditor>(Auditor::Parts{loop_, changes(), *audit_log_, *store_, clock_});
    locks_ = std::make_unique<Locks>(*store_, clock_);
    accounts_ = std::make_unique<Accounts>(*lookups_, clock_);
    services_ = std::make_unique<ServiceUids>(*accounts_, read_login_uid_min(options_.config_root));
    const auto owns_tokens = [this](Uid uid) {
        const Result<std::size_t> tokens = store_->count(uid);
        return tokens && *tokens > 0;
    };
    const auto is_sub_uid = [sub_uids = SubUids::read(options_.config_root)](Uid uid) {
        return sub_uids.contains(uid);
    };
    lots_ = std::make_unique<Lots>(
        Lots::Parts{owns_tokens, *accounts_, clock_, make_is_service(), is_sub_uid});
    const Turns::LotOf lot_of = [this](Uid uid) { return lots_->lot_of(uid); };
    turns_ = std::make_unique<Turns>(loop_, lot_of);
    calls_ = std::make_unique<Quota>(Quota::Limits{limits::kBusCallsPerUser, limits::kBusCalls},
                                     lot_of, note_limited(Limited::What::Calls));
    reuse_alarm_ = std::make_unique<ReuseAlarm>(
        ReuseAlarm::Parts{*store_, changes(), *auditor_, clock_, state_, subscriptions_});
    tokens_ = std::make_unique<TokenService>(context());
    releaser_ = std::make_unique<Releaser>(context());
    feedback_ = std::make_unique<Feedback>(context());
    verifier_ = std::make_unique<Verifier>(context());
    gateway_ = std::make_unique<GatewayExchange>(context());
    password_check_ = std::make_unique<PasswordCheck>(loop_, step_ups_, clock_);
    password_check_->on_refused(note_limited(Limited::What::Checks));
    if (!gate_)
        password_state_ = std::make_unique<PasswordState>(loop_, step_ups_, clock_);
    under_way_ =
        std::make_unique<Quota>(Quota::Limits{limits::kOperationsPerUser, limits::kOperations},
                                lot_of, note_limited(Limited::What::Operations));
    handed_ = std::make_unique<Quota>(
        Quota::Limits{limits::kHandedDescriptorsPerUser, limits::kHandedDescriptors}, lot_of,
        note_limited(Limited::What::Descriptors));
    operations_ = std::make_unique<Operations>(loop_, step_ups_, random_,
                                               Operations::Quotas{*under_way_, *handed_});
    jobs_ = std::make_unique<bus::LazyWorker>(loop_);
    const auto find_key = [file = options_.master_key_file] {
        return store::find_master_key(file);
    };
    rotation_ = std::make_unique<KeyRotation>(loop_, context(), find_key);
    admin_ = std::make_unique<AdminService>(context(), find_key, *jobs_, *rotation_);
    if (witness_)
        rollback_ =
            std::make_unique<RollbackAdmin>(context(), *witness_, [this] { rotation_->resume(); });
    owners_ = std::make_unique<OwnerCheck>(OwnerCheck::Parts{loop_, *lookups_, context()});
    clock_keeper_ = std::make_unique<ClockKeeper>(ClockKeeper::Parts{loop_, clock_, context()});
    expiry_notices_ = std::make_unique<ExpiryNotices>(ExpiryNotices::Parts{loop_, context()});
}

Result<void> Daemon::start_line_socket() {
    line_verbs_ = std::make_unique<LineVerbs>(
        LineVerbs::Services{*releaser_, *feedback_, *verifier_, *password_check_, *accounts_,
                            *units_, state_, *gateway_},
        make_authorise());
    exposures_ = std::make_unique<Exposures>(Exposure::Parts{loop_, *line_verbs_, context()});
    if (gate_)
        held_verbs_ = std::make_unique<HeldVerbs>(*gate_, *line_verbs_);
    LineHandler& handler = gate_ ? *held_verbs_ : *line_verbs_;
    UniqueFd listener = TRY(take_listener(options_.line_socket));
    line_server_ = TRY(LineServer::create({loop_, handler, clock_, *turns_, {}, make_is_service()},
                                          std::move(listener)));
    line_server_->on_refused(note_limited(Limited::What::Connections));
    return line_server_->drive_loop();
}

Result<void> Daemon::start_bus() {
    bus_ = TRY(connect_bus(options_.bus_address));
    units_->use_bus(bus_.get());
    identity_ = TRY(bus::BusIdentity::create(bus_.get(), [this](const std::string& name) {
        bus::guarded("operations of who left", [&] { operations_->end_connection(name); });
        subscriptions_.forget(name);
    }));
    subscriptions_.send_by([this](const std::string& connection, const OwnerSignal& signal) {
        if (const auto sent = send_signal(bus_.get(), connection, signal); !sent)
            log(messages::kSignalNotSent, sent.error());
    });
    bus_service_ = TRY(BusService::create(
        bus_.get(),
        {{*tokens_, *releaser_, *verifier_, context(), *exposures_, password_state_.get()},
         *operations_,
         *identity_,
         {*admin_, *owners_, *clock_keeper_, rollback_.get()},
         make_authorise(),
         make_hold(),
         [this](Uid uid) {
             turns_->charge(uid, limits::kCallCharge);
             return calls_->take(uid);
         }}));
    // Without its bus the service is half of itself: it ends, and systemd starts it again.
    TRY(bus::check(sd_bus_set_exit_on_disconnect(bus_.get(), 1), "sd_bus_set_exit_on_disconnect"));
    TRY(bus::check(sd_bus_attach_event(bus_.get(), loop_.get(), SD_EVENT_PRIORITY_NORMAL),
                   "sd_bus_attach_event"));
    bus_reader_ = TRY(bus::BusReader::create(bus_.get(), loop_));
    return bus::check(sd_bus_request_name(bus_.get(), names::kBusName, 0), "sd_bus_request_name");
}

void Daemon::apply(const Config& config) {
    const bool at_start = state_.config_loaded == 0;
    state_.settings = config.settings;
    state_.catalogue = config.catalogue;
    state_.forges = config.forges;
    state_.settings.accept_store = config.settings.accept_store && options_.accept_store;
    // The gateway asks the service of the machine.
    if (gate_)
        state_.settings.gateway_origin.reset();
    state_.config_loaded = clock_.now();
    state_.config_files = static_cast<std::uint32_t>(config.files.size());
    state_.config_refused = false;
    store_->limit_tokens(state_.settings.tokens_per_user);
    audit_log_->keep_events(state_.settings.audit_events_per_user);
    operations_->set_idle(state_.settings.operation_idle);
    expiry_notices_->set_notice(state_.settings.expiry_notice,
                                at_start ? kFirstNotices : std::chrono::seconds(0));
    services_->set_named(state_.settings.service_accounts);
    const LinePlaces places{state_.settings.line_connections,
                            state_.settings.line_connections_per_user};
    line_server_->set_limits(places.within(descriptors_max()));
}

void Daemon::reload() {
    reload_again_ = reloading_;
    if (reloading_)
        return;
    reloading_ = true;
    read_again_ = {};
    notify_reloading();
    bus::run(
        *writer_, [root = options_.config_root] { return load_config(root); },
        [this](const Config& config) { end_reload(config); });
}

void Daemon::end_reload(const Config& config) {
    reloading_ = false;
    if (config.faults.empty()) {
        apply(config);
        log(messages::kConfigLoaded, {{"FILES", std::to_string(config.files.size())}});
        unreadable_told_ = false;
    } else {
        state_.config_refused = true;
        // Retries of one unreadable configuration are logged once.
        if (!std::exchange(unreadable_told_, config.may_pass()) || !config.may_pass()) {
            log_faults(config);
            log(messages::kConfigRefused, {{"FAULTS", std::to_string(config.faults.size())}});
        }
        if (config.may_pass())
            read_again_ = loop_.after(kReadAgain, [this] { reload(); });
    }
    (void)sd_notify(0, config.faults.empty()
                           ? "READY=1\nSTATUS=Serving."
                           : "READY=1\nSTATUS=Serving with the configuration before the last: "
                             "the new one is faulty, see the journal.");
    if (reload_again_)
        reload();
}

}  // namespace patd
