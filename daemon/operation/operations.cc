// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/operation/operations.h"

#include "common/base/hex.h"
#include "common/bus/firewall.h"
#include "daemon/context/bouncer.h"

#include <algorithm>
#include <array>

namespace patd {
namespace {

// 128 random bits: neither guessable nor ever reused (CVE-2015-4625).
Result<std::string> make_name(Random& random) {
    std::array<std::uint8_t, 16> bytes{};
    TRY(random.fill(bytes));
    return to_hex(bytes);
}

}  // namespace

Result<void> Operations::check_connection(const Caller& caller) const {
    const auto own = std::count_if(entries_.begin(), entries_.end(), [&](const auto& named) {
        return authorise_holder(caller, named.second.operation->caller()).has_value();
    });
    if (static_cast<std::size_t>(own) >= limits::kOperationsPerConnection)
        return Errc::LimitExceeded;
    return {};
}

Result<std::string> Operations::begin(const Caller& caller, const std::string& user, Plan plan) {
    TRY(check_connection(caller));
    std::vector<Ticket> tickets;
    while (tickets.size() < plan.weight)
        tickets.push_back(TRY(under_way_.take(caller.uid)));
    std::string name = TRY(make_name(random_));
    Entry entry{std::move(tickets),
                std::make_unique<Operation>(Operation::Parts{loop_, services_, handed_}, caller,
                                            user, std::move(plan)),
                {}};
    // An operation without a deadline might stay for ever.
    bus::Undo forget([&] { entries_.erase(name); });
    entries_.emplace(name, std::move(entry));
    restart_deadline(name);
    forget.keep();
    return name;
}

Result<Operation*> Operations::find(const Caller& caller, const std::string& name) {
    const auto found = entries_.find(name);
    if (found == entries_.end())
        return Errc::OperationGone;
    Operation& operation = *found->second.operation;
    TRY(authorise_holder(caller, operation.caller()));
    if (operation.is_over())
        return Errc::OperationGone;
    restart_deadline(name);
    return &operation;
}

Result<void> Operations::may_step_up(const Operation& operation) const {
    if (!operation.needs_step_up())
        return {};
    const bool busy = std::any_of(entries_.begin(), entries_.end(), [&](const auto& named) {
        const Operation& other = *named.second.operation;
        return &other != &operation && other.is_in_step_up() &&
               other.caller().uid == operation.caller().uid;
    });
    if (busy)
        return Errc::Busy;
    return {};
}

void Operations::restart_deadline(const std::string& name) {
    entries_[name].deadline = loop_.after(idle_, [this, name] {
        Operation& operation = *entries_[name].operation;
        // It is the disk that is idle, not the client.
        if (operation.is_at_work())
            return restart_deadline(std::string(name));
        operation.end(Errc::OperationGone);
        sweep_later();
    });
}

void Operations::end_connection(const std::string& connection) {
    for (auto& [name, entry] : entries_) {
        if (entry.operation->caller().connection == connection)
            bus::guarded("end of an operation", [&] { entry.operation->end(Errc::OperationGone); });
    }
    handed_.forget(connection);
    sweep_later();
}

void Operations::sweep_later() {
    sweep_ = loop_.after(std::chrono::milliseconds(0), [this] {
        std::erase_if(entries_,
                      [](const auto& named) { return named.second.operation->is_over(); });
    });
}

}  // namespace patd
