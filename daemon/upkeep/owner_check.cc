// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/upkeep/owner_check.h"

#include "common/base/log_messages.h"
#include "common/bus/firewall.h"

#include <pwd.h>
#include <unistd.h>

namespace patd {
namespace {

using store::OwnerSummary;
using store::StoreAdmin;
using Hidden = std::vector<std::pair<Uid, TokenId>>;

constexpr std::chrono::minutes kSecondLook{10};
constexpr std::size_t kPasswdEntryBytes = 65536;  // a passwd entry of a directory service

Result<Hidden> quarantine(store::TokenStore& store,
                          const std::vector<std::pair<Uid, std::string>>& accounts) {
    Hidden hidden;
    for (const auto& [owner, name] : accounts) {
        for (const TokenId& id : TRY(StoreAdmin(store).quarantine(owner, name)))
            hidden.emplace_back(owner, id);
    }
    return hidden;
}

}  // namespace

OwnerFate OwnerCheck::look_up(const OwnerSummary& owner) {
    std::vector<char> buffer(kPasswdEntryBytes);
    passwd entry{};
    passwd* found = nullptr;
    // "No entry and no error" comes from a source that knows; a source that cannot be reached is an
    // error (getpwuid_r(3)).
    if (getpwuid_r(owner.owner.value(), &entry, buffer.data(), buffer.size(), &found) != 0)
        return OwnerFate::Unknown;
    if (found == nullptr)
        return OwnerFate::Gone;
    return owner.name == entry.pw_name ? OwnerFate::Same : OwnerFate::Reassigned;
}

OwnerCheck::OwnerCheck(const Parts& parts, Lookup lookup)
    : parts_(parts), lookup_(std::move(lookup)) {}

void OwnerCheck::begin(std::chrono::minutes period) {
    period_ = period;
    look(Trust::Twice, [this](const Result<std::uint32_t>& hidden) {
        if (!hidden)
            log(messages::kOwnersNotChecked, hidden.error());
        look_again_in(missing_.empty() ? period_ : kSecondLook);
    });
}

void OwnerCheck::look_again_in(std::chrono::minutes delay) {
    timer_ = parts_.loop.after(delay, [this] { begin(period_); });
}

void OwnerCheck::check_now(const std::function<void(Result<std::uint32_t>)>& callback) {
    look(Trust::AtOnce, bus::firewalled("owners", callback));
}

void OwnerCheck::look(Trust trust, const std::function<void(Result<std::uint32_t>)>& callback) {
    if (looking_)
        return callback(Errc::Busy);
    looking_ = true;
    bus::Undo stop([this] { looking_ = false; });
    bus::run(
        parts_.context.writer,
        [&store = parts_.context.store] { return StoreAdmin(store).list_owners(); },
        [this, trust, callback](const Result<std::vector<OwnerSummary>>& owners) {
            if (!owners) {
                looking_ = false;
                return callback(owners.error());
            }
            bus::run(
                parts_.lookups,
                [lookup = lookup_, owners = *owners] {
                    Fates fates;
                    for (const OwnerSummary& owner : owners) {
                        if (owner.quarantined < owner.tokens)
                            fates.push_back({{owner.owner, owner.name}, lookup(owner)});
                    }
                    return fates;
                },
                [this, trust, callback](const Fates& fates) { judge(trust, fates, callback); });
        });
    stop.keep();
}

std::vector<OwnerCheck::Account> OwnerCheck::lost(Trust trust, const Fates& fates) {
    std::vector<Account> lost;
    std::set<Account> missing;
    for (const auto& [account, fate] : fates) {
        const bool gone = fate == OwnerFate::Gone;
        const bool twice = trust == Trust::AtOnce || missing_.contains(account);
        if (fate == OwnerFate::Reassigned || (gone && twice))
            lost.push_back(account);
        else if (gone)
            missing.insert(account);
    }
    missing_ = std::move(missing);
    return lost;
}

void OwnerCheck::judge(Trust trust, const Fates& fates,
                       const std::function<void(Result<std::uint32_t>)>& callback) {
    const std::vector<Account> accounts = lost(trust, fates);
    const Result<Begun> begun = begin_events(accounts);
    if (!begun) {
        looking_ = false;
        return callback(begun.error());
    }
    bus::run(
        parts_.context.writer,
        [&store = parts_.context.store, &events = parts_.context.audit_log,
         accounts]() -> Result<Hidden> {
            if (!accounts.empty())
                TRY(events.sync_events());
            return quarantine(store, accounts);
        },
        [this, begun = *begun, callback](const Result<Hidden>& hidden) {
            looking_ = false;
            // The tokens' events replace those of their accounts.
            const bool are_recorded = hidden && record(*hidden);
            // If there are several, those before the failed one are hidden anyway; nobody here
            // knows which, so their events stay begun.
            const bool is_known = hidden || begun.size() == 1;
            for (const store::BegunEvents& event : begun) {
                if (are_recorded)
                    parts_.context.auditor.withdraw(event);
                else if (is_known)
                    parts_.context.auditor.end(event,
                                               hidden ? "ok" : errc_name(hidden.error().code));
            }
            if (!hidden)
                return callback(hidden.error());
            callback(static_cast<std::uint32_t>(hidden->size()));
        });
}

Result<OwnerCheck::Begun> OwnerCheck::begin_events(const std::vector<Account>& accounts) {
    const Caller self{Uid(geteuid()), {}};
    Begun begun;
    for (const auto& [owner, name] : accounts) {
        const Result<store::BegunEvents> event =
            parts_.context.auditor.begin(self, owner, std::nullopt, "quarantine");
        if (!event) {
            for (const store::BegunEvents& before : begun)
                parts_.context.auditor.withdraw(before);
            return event.error();
        }
        begun.push_back(*event);
    }
    return begun;
}

bool OwnerCheck::record(const Hidden& hidden) {
    const Caller self{Uid(geteuid()), {}};
    bool are_recorded = true;
    for (const auto& [owner, id] : hidden) {
        log(messages::kTokenQuarantined,
            {{"TOKEN", id.text()}, {"UID", std::to_string(owner.value())}});
        if (!parts_.context.auditor.record_done(self, owner, id, "quarantine", "ok"))
            are_recorded = false;
    }
    return are_recorded;
}

}  // namespace patd
