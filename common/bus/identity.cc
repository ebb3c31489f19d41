// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/bus/identity.h"

#include "common/base/limits.h"
#include "common/bus/dict.h"
#include "common/bus/firewall.h"

namespace patd::bus {

struct BusIdentity::Pending {
    BusIdentity* identity = nullptr;
    std::string name;
    SlotPtr slot;
    std::vector<Callback> waiting;
};

namespace {

constexpr char kBus[] = "org.freedesktop.DBus";
constexpr char kBusPath[] = "/org/freedesktop/DBus";
// The rule names the sender, which is checked again when a signal comes: a signal forged by another
// peer has no effect (CVE-2013-0292).
constexpr char kVanishedRule[] =
    "type='signal',sender='org.freedesktop.DBus',path='/org/freedesktop/DBus',"
    "interface='org.freedesktop.DBus',member='NameOwnerChanged',arg2=''";

// UnixUserID is the effective uid that the bus took with SO_PEERCRED at connect. Other keys
// (groups, security label, descriptors) do not matter here, whatever their types.
Result<Uid> read_uid(sd_bus_message* reply) {
    if (sd_bus_message_is_method_error(reply, nullptr) != 0)
        return Error{Errc::AccessDenied, "caller is gone"};
    if (sd_bus_message_enter_container(reply, 'a', "{sv}") <= 0)
        return Error{Errc::AccessDenied, "credentials reply"};
    while (sd_bus_message_enter_container(reply, 'e', "sv") > 0) {
        const std::string key = TRY(read_string(reply));
        if (key == "UnixUserID") {
            std::uint32_t uid{};
            if (sd_bus_message_read(reply, "v", "u", &uid) <= 0)
                return Error{Errc::AccessDenied, "credentials reply"};
            return Uid(uid);
        }
        if (sd_bus_message_skip(reply, "v") < 0 || sd_bus_message_exit_container(reply) < 0)
            break;
    }
    return Error{Errc::AccessDenied, "the bus does not know the caller"};
}

}  // namespace

BusIdentity::BusIdentity(sd_bus* bus, OnVanished on_vanished)
    : bus_(bus), on_vanished_(std::move(on_vanished)) {}

BusIdentity::~BusIdentity() = default;

Result<std::unique_ptr<BusIdentity>> BusIdentity::create(sd_bus* bus, OnVanished on_vanished) {
    std::unique_ptr<BusIdentity> identity(new BusIdentity(bus, std::move(on_vanished)));
    sd_bus_slot* slot = nullptr;
    TRY(check(sd_bus_add_match_async(bus, &slot, kVanishedRule, on_name_owner_changed, nullptr,
                                     identity.get()),
              "sd_bus_add_match_async"));
    identity->match_.reset(slot);
    return identity;
}

void BusIdentity::look_up(sd_bus_message* message, Callback callback) {
    const char* sender = sd_bus_message_get_sender(message);
    if (sender == nullptr || sender[0] != ':')
        return callback(Error{Errc::AccessDenied, "no sender"});
    const std::string name(sender);
    if (const auto known = known_.find(name); known != known_.end())
        return callback(known->second);
    const auto asked_before = pending_.find(name);
    const bool asked = asked_before != pending_.end();
    const bool is_full = asked && asked_before->second->waiting.size() >= limits::kBusCallsPerUser;
    if (is_full || waiting_ >= limits::kBusCalls)
        return callback(Error{Errc::LimitExceeded, "too many calls of a new connection"});
    if (asked) {
        asked_before->second->waiting.push_back(std::move(callback));
        ++waiting_;
        return;
    }
    // Complete before it is registered: if this throws, nothing was asked, and the next caller
    // asks.
    auto pending = std::make_unique<Pending>();
    pending->identity = this;
    pending->name = name;
    pending->waiting.push_back(std::move(callback));
    Pending& asking = *pending_.emplace(name, std::move(pending)).first->second;
    ++waiting_;
    ask(asking);
}

void BusIdentity::ask(Pending& pending) {
    sd_bus_slot* slot = nullptr;
    const int sent =
        sd_bus_call_method_async(bus_, &slot, kBus, kBusPath, kBus, "GetConnectionCredentials",
                                 on_credentials, &pending, "s", pending.name.c_str());
    pending.slot.reset(slot);
    if (sent < 0)
        answer(pending, Errc::AccessDenied);
}

int BusIdentity::on_credentials(sd_bus_message* reply, void* userdata, sd_bus_error*) {
    auto* pending = static_cast<Pending*>(userdata);
    guarded("identity reply", [&] {
        Result<Uid> uid = Errc::Internal;
        guarded("credentials", [&] { uid = read_uid(reply); });
        pending->identity->answer(*pending, uid);
    });
    return 1;
}

void BusIdentity::answer(const Pending& asked, const Result<Uid>& uid) {
    const auto found = pending_.find(asked.name);
    const std::unique_ptr<Pending> pending = std::move(found->second);
    pending_.erase(found);
    waiting_ -= pending->waiting.size();
    if (uid) {
        if (known_.size() >= limits::kIdentityCache)
            known_.clear();
        known_.insert_or_assign(pending->name, *uid);
    }
    // If one throws, the others still run.
    for (const Callback& callback : pending->waiting)
        guarded("identified call", [&] { callback(uid); });
}

int BusIdentity::on_name_owner_changed(sd_bus_message* signal, void* userdata, sd_bus_error*) {
    auto* identity = static_cast<BusIdentity*>(userdata);
    const char* sender = sd_bus_message_get_sender(signal);
    const char* name = nullptr;
    if (sender == nullptr || std::string_view(sender) != kBus ||
        sd_bus_message_read(signal, "s", &name) <= 0 || name[0] != ':')
        return 0;
    guarded("name owner change", [&] {
        identity->known_.erase(name);
        identity->on_vanished_(name);
    });
    return 0;
}

}  // namespace patd::bus
