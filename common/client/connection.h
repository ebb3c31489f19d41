// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/uid.h"
#include "common/client/message.h"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

struct sd_bus;

namespace patd::client {

// Calls are answered at once, but a first one may start the service.
inline constexpr std::chrono::seconds kCallTimeout{25};
// Operation.Next may wait for a PAM module (a touch, a slow hash).
inline constexpr std::chrono::seconds kNextTimeout{90};
// A backup or a restore goes through every record, and through two disks.
inline constexpr std::chrono::seconds kFileTimeout{600};

// A bus connection and the service at its other end. Copies share the connection; it is closed
// with the last of them, which ends the operations that were begun on it.
// Thread rule: one thread at a time.
class Connection {
  public:
    // Takes over one reference of a started connection. `destination` is the service's unique name,
    // or empty when the peer itself is the service.
    Connection(sd_bus* bus, std::string destination);

    // Connects to the system bus, starts the service when it does not run, and makes sure of who
    // owns its name: user `patd` or root, else InsecurePeer and nothing was sent (row A12).
    // Everything goes to the unique name that was looked at. Unavailable: no bus, no service.
    static Result<Connection> open_system();

    // The same for the service of this user alone, on the session bus: its owner is this uid.
    static Result<Connection> open_session();

    Result<Message> new_call(const std::string& path, const char* interface,
                             const char* member) const;
    // Sends `call` and waits for the answer. The Errc is the one that the service names;
    // Unavailable when none came. A call that the bus did not deliver, because the service was
    // started anew meanwhile, goes to the new one, once and after the same look at who it is.
    Result<Message> call(const Message& call, std::chrono::seconds timeout = kCallTimeout) const;

  private:
    // Whether another process is the service by now.
    Result<bool> follow_service() const;
    Result<Message> copy_of(const Message& call) const;

    using Trusts = bool (*)(Uid);
    static Result<Connection> open(sd_bus* bus, Trusts trusts);

    std::shared_ptr<sd_bus> bus_;
    Trusts trusts_ = nullptr;  // who may be the service
    mutable std::string destination_;
};

// Whether a process of this user may be the service.
bool may_be_service(Uid uid);

// The Errc behind a D-Bus error name: the service's own by name, the bus's by meaning.
Errc errc_from_bus_error(std::string_view name);

}  // namespace patd::client
