// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/service/owner_check.h"

#include "common/base/log_messages.h"

#include <pwd.h>
#include <unistd.h>

namespace patd {
namespace {

using store::OwnerSummary;
using store::StoreAdmin;
using Hidden = std::vector<std::pair<Uid, TokenId>>;

constexpr std::chrono::minutes kSecondLook{10};
constexpr std::size_t kEntryBytes = 65536;  // a passwd entry of a directory service

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
    std::vector<char> buffer(kEntryBytes);
    passwd entry{};
    passwd* found = nullptr;
    // No entry and no error is the word of a source that knows; a source that cannot be reached is
    // an error (getpwuid_r(3)).
    if (getpwuid_r(owner.owner.value(), &entry, buffer.data(), buffer.size(), &found) != 0)
        return OwnerFate::Unknown;
    if (found == nullptr)
        return OwnerFate::Gone;
    return owner.name == entry.pw_name ? OwnerFate::Same : OwnerFate::Another;
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
    look(Trust::AtOnce, callback);
}

void OwnerCheck::look(Trust trust, const std::function<void(Result<std::uint32_t>)>& callback) {
    if (looking_)
        return callback(Errc::Busy);
    looking_ = true;
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
}

std::vector<OwnerCheck::Account> OwnerCheck::lost(Trust trust, const Fates& fates) {
    std::vector<Account> lost;
    std::set<Account> missing;
    for (const auto& [account, fate] : fates) {
        const bool gone = fate == OwnerFate::Gone;
        const bool twice = trust == Trust::AtOnce || missing_.contains(account);
        if (fate == OwnerFate::Another || (gone && twice))
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
    bus::run(
        parts_.context.writer,
        [&store = parts_.context.store, accounts] { return quarantine(store, accounts); },
        [this, callback](const Result<Hidden>& hidden) {
            looking_ = false;
            if (!hidden)
                return callback(hidden.error());
            record(*hidden);
            callback(static_cast<std::uint32_t>(hidden->size()));
        });
}

void OwnerCheck::record(const Hidden& hidden) {
    const Caller self{Uid(geteuid()), {}};
    for (const auto& [owner, id] : hidden) {
        log(messages::kTokenQuarantined,
            {{"TOKEN", id.text()}, {"UID", std::to_string(owner.value())}});
        const Result<void> recorded =
            parts_.context.auditor.record(self, owner, id, "quarantine", "ok");
        if (!recorded)
            log(messages::kEventLost, recorded.error(), {{"AUDIT", "quarantine"}});
    }
}

}  // namespace patd
