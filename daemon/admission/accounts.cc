// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/admission/accounts.h"

#include "common/bus/firewall.h"

#include <pwd.h>

#include <vector>

namespace patd {
namespace {

constexpr std::chrono::minutes kKeepName{5};
// A new account must be let in soon, but strangers must not cause look-ups at will.
constexpr std::chrono::seconds kKeepAbsent{3};
constexpr std::size_t kNamesMax = 4096;
constexpr std::size_t kLookUpsMax = 4;
constexpr std::size_t kEntryBytes = 65536;  // a passwd entry of a directory service

Error no_account(Uid uid) {
    return {Errc::AccessDenied, "uid " + std::to_string(uid.value()) + " has no account"};
}

Result<std::string> read_name(Uid uid) {
    std::vector<char> buffer(kEntryBytes);
    passwd entry{};
    passwd* found = nullptr;
    if (getpwuid_r(uid.value(), &entry, buffer.data(), buffer.size(), &found) != 0)
        return Error{Errc::Unavailable, "getpwuid_r"};
    if (found == nullptr)
        return no_account(uid);
    return std::string(entry.pw_name);
}

// The name must be the account's own spelling, byte for byte: no alias, no case folding.
Result<Uid> read_uid(const std::string& name) {
    std::vector<char> buffer(kEntryBytes);
    passwd entry{};
    passwd* found = nullptr;
    if (getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) != 0)
        return Error{Errc::Unavailable, "getpwnam_r"};
    if (found == nullptr || name != entry.pw_name)
        return Error{Errc::AccessDenied, "no such account"};
    return Uid(entry.pw_uid);
}

}  // namespace

bool Accounts::has_account(Uid uid) {
    const auto now = clock_.since_boot();
    const auto found = known_.find(uid);
    const auto absent = absent_.find(uid);
    const bool is_fresh = found != known_.end() ? found->second.until > now
                                                : absent != absent_.end() && absent->second > now;
    if (!is_fresh && *asked_for_ < kLookUpsMax && !asked_.contains(uid)) {
        ++*asked_for_;
        find_name(uid,
                  [place = std::shared_ptr<const void>(nullptr, [places = asked_for_](const void*) {
                       --*places;
                   })](const Result<std::string>&) {});
    }
    // An old answer holds until there is a new one.
    return known_.contains(uid);
}

std::string Accounts::known_name(Uid uid) const {
    const auto found = known_.find(uid);
    return found == known_.end() ? "" : found->second.name;
}

void Accounts::note(Uid uid, const Result<std::string>& name) {
    const auto now = clock_.since_boot();
    if (name) {
        absent_.erase(uid);
        if (known_.size() >= kNamesMax)
            known_.clear();
        known_.insert_or_assign(uid, Known{*name, now + kKeepName});
    } else if (name.error().code == Errc::AccessDenied) {
        // Kept apart from the others, so that strangers cannot push those out.
        known_.erase(uid);
        if (absent_.size() >= kNamesMax)
            absent_.clear();
        absent_.insert_or_assign(uid, now + kKeepAbsent);
    }
}

void Accounts::find_name(Uid uid, std::function<void(Result<std::string>)> callback) {
    const auto now = clock_.since_boot();
    if (const auto found = known_.find(uid); found != known_.end() && found->second.until > now)
        return callback(found->second.name);
    if (const auto absent = absent_.find(uid); absent != absent_.end() && absent->second > now)
        return callback(no_account(uid));
    const auto [asked, is_first] = asked_.try_emplace(uid);
    // Without its look-up, nobody who asks for this uid would ever be answered.
    bus::Undo forget([this, uid, is_first] {
        if (is_first)
            asked_.erase(uid);
    });
    asked->second.push_back(std::move(callback));
    if (is_first)
        bus::run(
            lookups_, [uid] { return read_name(uid); },
            [this, uid](const Result<std::string>& name) {
                note(uid, name);
                const auto waiting = asked_.extract(uid);
                for (const auto& answer : waiting.mapped())
                    bus::guarded("name of a uid", [&] { answer(name); });
            });
    forget.keep();
}

void Accounts::find_uid(const std::string& name, std::function<void(Result<Uid>)> callback) {
    bus::run(
        lookups_, [name] { return read_uid(name); },
        bus::firewalled("uid of a name", std::move(callback)));
}

}  // namespace patd
