// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/dbus/status.h"

#include "common/base/memory_lock.h"
#include "common/base/service_limits.h"
#include "common/token/visible_text.h"
#include "daemon/context/peer_process.h"

namespace patd {
namespace {

std::uint32_t as_count(std::size_t number) {
    return static_cast<std::uint32_t>(number);
}

void add(bus::Dict& status, const std::string& name, const Meter& meter, UnixTime now) {
    status.set(name, static_cast<std::int64_t>(meter.total()));
    status.set(name + "-minute", meter.last_minute(now));
}

// To everybody how long he himself has to wait, to root who does.
void add_waits(const std::vector<StepUpServices::Wait>& waits, Uid caller, bus::Dict& status) {
    constexpr std::size_t kListedMax = 100;
    std::vector<std::string> all;
    for (const StepUpServices::Wait& wait : waits) {
        const auto seconds = static_cast<std::uint32_t>(wait.left.count());
        if (wait.uid == caller)
            status.set("password-wait", seconds);
        if (all.size() < kListedMax)
            all.push_back(make_visible(wait.user) + " " + std::to_string(seconds));
    }
    if (caller.is_root())
        status.set("password-waits", std::move(all));
}

Result<void> add_for_root(const Context& context, bus::Dict& status) {
    const ServiceState& state = context.state;
    const store::TokenStore::Size size = TRY(context.store.size());
    status.set("store", state.state_directory);
    status.set("store-bytes", static_cast<std::int64_t>(size.bytes));
    status.set("tokens-all", as_count(size.tokens));
    status.set("config-files", state.config_files);
    status.set("config-refused", state.config_refused);
    const Activity& activity = context.auditor.activity();
    const UnixTime now = context.clock.now();
    add(status, "releases", activity.releases, now);
    add(status, "verifies", activity.verifies, now);
    add(status, "refusals", activity.refusals, now);
    std::vector<std::string> limited;
    for (const Limited::Entry& entry : context.limited.recent())
        limited.push_back(std::to_string(entry.lot.value()) + " " +
                          std::string(limited_name(entry.what)) + " " +
                          std::to_string(entry.count) + " " + std::to_string(entry.ago.count()));
    status.set("limited", std::move(limited));
    return {};
}

}  // namespace

Result<bus::Dict> read_status(const Context& context, const Caller& caller,
                              const std::string& account,
                              const std::vector<StepUpServices::Wait>& waits) {
    const Settings& settings = context.state.settings;
    bus::Dict status;
    status.set("version", std::string(PATD_VERSION));
    status.set("user", account);
    status.set("uid", caller.uid.value());
    status.set("mode", std::string(context.state.key_source == "keyring" ? "user" : "system"));
    if (const Result<void> open = context.store.is_open(); !open) {
        // In per-user mode everything else is behind the keyring.
        status.set("keyring", std::string(errc_name(open.error().code)));
        return status;
    }
    add_waits(waits, caller.uid, status);
    status.set("locked", TRY(context.locks.is_locked(caller.uid)));
    status.set("tokens", as_count(TRY(context.store.count(caller.uid))));
    const UnixTime now = context.clock.now();
    status.set("tokens-expiring",
               as_count(TRY(context.store.count_expiring(caller.uid, now, soon(context)))));
    status.set("expiry-notice", std::int64_t{settings.expiry_notice.count()});
    status.set("tokens-max", as_count(settings.tokens_per_user));
    status.set("token-lifetime-max", std::int64_t{settings.token_lifetime_max.count()});
    status.set("unlock-max", std::int64_t{settings.unlock_max.count()});
    status.set("expose-max", std::int64_t{settings.expose_max.count()});
    if (settings.gateway_origin)
        status.set("gateway", settings.gateway_origin->text());
    status.set("schema", store::kSchemaVersion);
    status.set("key-source", context.state.key_source);
    status.set("release-rules", std::string(has_peer_descriptors() ? "enforced" : "advisory"));
    status.set("started", context.state.started);
    status.set("config-loaded", context.state.config_loaded);
    status.set("memory-locked", check_memory_lock(limits::kLineLockedBytes).has_value());
    status.set("rolled-back", !context.store.may_change());
    status.set("clock", std::string(clock_trust_name(context.clock.trust())));
    status.set("time", context.clock.now());
    if (caller.uid.is_root())
        TRY(add_for_root(context, status));
    return status;
}

}  // namespace patd
