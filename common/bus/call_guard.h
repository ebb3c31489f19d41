// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/bus/call.h"
#include "common/bus/firewall.h"
#include "common/bus/identity.h"

#include <cerrno>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <utility>

namespace patd::bus {

// What every method call passes before its handler sees it: identity, the caller's number of
// pending calls, then the access level of its vtable row. Default: denied.
class CallGuard {
  public:
    using Authorise = std::function<Result<void>(const Caller&, Access)>;
    // Counts a call of this uid until the ticket is destroyed, or refuses it.
    using Count = std::function<Result<Call::Ticket>(Uid)>;
    // Runs what it is given once the service can serve and it is this uid's turn.
    using Hold = std::function<void(Uid, std::function<void()>)>;
    // `identity` must outlive it.
    CallGuard(IdentitySource& identity, Authorise authorise, Hold hold = {}, Count count = {})
        : identity_(identity),
          authorise_(std::move(authorise)),
          hold_(std::move(hold)),
          count_(std::move(count)) {}

    using Held = std::shared_ptr<Call>;
    // Held until the identity is known: sd-bus frees its own reference when the vtable's function
    // returns. Dropping it answers the call.
    static Held hold(sd_bus_message* message);

    void admit(const Held& held, Access access, std::function<void(Call)> handler);
    // For a method whose effect is the same however often it is called. A call that wants no answer
    // is merged with one from the same uid that still waits for its turn.
    void admit_once(const Held& held, Access access, std::function<void(Call)> handler);

  private:
    using Waiting = std::multiset<std::pair<std::string, Uid>>;  // by member

    void admit_known(Call unknown, const Result<Uid>& uid, Access access,
                     const std::function<void(Call)>& handler);

    IdentitySource& identity_;
    Authorise authorise_;
    Hold hold_;
    Count count_;
    std::shared_ptr<Waiting> waiting_ = std::make_shared<Waiting>();  // of admit_once
};

// The base class of every object with a vtable.
class Object {
  public:
    explicit Object(CallGuard& guard) : guard_(guard) {}
    virtual ~Object() = default;
    CallGuard& guard() const { return guard_; }

  private:
    CallGuard& guard_;
};

template <typename Function>
struct MemberOf;
template <typename Class>
struct MemberOf<void (Class::*)(Call)> {
    using type = Class;
};

// Flags of a vtable's rows: any user may call; Sensitive leaves no copy of the message.
inline constexpr std::uint64_t kPlain = SD_BUS_VTABLE_UNPRIVILEGED;
inline constexpr std::uint64_t kSensitive = SD_BUS_VTABLE_UNPRIVILEGED | SD_BUS_VTABLE_SENSITIVE;

// The handler of a vtable row: `(bus::method<Access::Owner, &ManagerBus::create>)`. A method cannot
// be registered without an access level. The row's userdata is the object, as an Object*.
template <Access access, auto function, auto admit = &CallGuard::admit>
int method(sd_bus_message* message, void* userdata, sd_bus_error*) {
    using Class = typename MemberOf<decltype(function)>::type;
    auto* object = static_cast<Class*>(static_cast<Object*>(userdata));
    const auto handler = [object](Call call) {
        // Whenever it runs, a bug or lack of memory fails this call and no other.
        guarded("bus method", [&] { (object->*function)(std::move(call)); });
    };
    CallGuard::Held held;
    if (!guarded("bus call", [&] { held = CallGuard::hold(message); }))
        return -ENOMEM;  // with no memory even for a Call, sd-bus answers
    guarded("bus call", [&] { (object->guard().*admit)(held, access, handler); });
    return 1;
}

// For a method that may be called repeatedly for one effect (CallGuard::admit_once).
template <Access access, auto function>
int method_once(sd_bus_message* message, void* userdata, sd_bus_error* error) {
    return method<access, function, &CallGuard::admit_once>(message, userdata, error);
}

// For a method whose answer is its only use to the caller: what it reads, or the path of the
// operation that it begins. A call that wants no answer does nothing.
template <Access access, auto function>
int query(sd_bus_message* message, void* userdata, sd_bus_error* error) {
    if (sd_bus_message_get_expect_reply(message) <= 0)
        return 1;
    return method<access, function>(message, userdata, error);
}

}  // namespace patd::bus
