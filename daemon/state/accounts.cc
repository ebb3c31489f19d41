// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/state/accounts.h"

#include <pwd.h>

#include <vector>

namespace patd {
namespace {

constexpr std::chrono::minutes kKeep{5};
constexpr std::size_t kKnownMax = 4096;
constexpr std::size_t kEntryBytes = 65536;  // a passwd entry of a directory service

Result<std::string> read_name(Uid uid) {
    std::vector<char> buffer(kEntryBytes);
    passwd entry{};
    passwd* found = nullptr;
    if (getpwuid_r(uid.value(), &entry, buffer.data(), buffer.size(), &found) != 0)
        return Error{Errc::Unavailable, "getpwuid_r"};
    if (found == nullptr)
        return Error{Errc::AccessDenied, "uid " + std::to_string(uid.value()) + " has no account"};
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

void Accounts::find_name(Uid uid, std::function<void(Result<std::string>)> callback) {
    const auto now = clock_.since_boot();
    if (const auto found = known_.find(uid); found != known_.end() && found->second.until > now)
        return callback(found->second.name);
    bus::run(
        lookups_, [uid] { return read_name(uid); },
        [this, uid, callback = std::move(callback)](Result<std::string> name) {
            if (known_.size() >= kKnownMax)
                known_.clear();
            if (name)
                known_.insert_or_assign(uid, Known{name, clock_.since_boot() + kKeep});
            callback(std::move(name));
        });
}

void Accounts::find_uid(const std::string& name, std::function<void(Result<Uid>)> callback) {
    bus::run(
        lookups_, [name] { return read_uid(name); }, std::move(callback));
}

}  // namespace patd
