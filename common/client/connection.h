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

// Calls are answered at once, but the first may start the service.
inline constexpr std::chrono::seconds kCallTimeout{25};
// Operation.Next may wait for a PAM module (a touch, a slow hash).
inline constexpr std::chrono::seconds kNextTimeout{90};
// A backup or a restore reads every record, and uses two disks.
inline constexpr std::chrono::seconds kFileTimeout{600};

// A bus connection and the service at its other end. Copies share the connection, which closes with
// the last of them; that ends the operations begun on it.
// Thread rule: one thread at a time.
class Connection {
  public:
    // Takes over one reference to a started connection. `destination` is the service's unique name,
    // or empty if the peer itself is the service.
    Connection(sd_bus* bus, std::string destination);

    // Connects to the system bus, starts the service if it does not run, and checks who owns its
    // name: user `patd` or root, else InsecurePeer, with nothing sent (row A12). Everything goes to
    // the unique name that was checked. Unavailable: no bus, or no service.
    static Result<Connection> open_system();

    // The same for this user's own service, on the session bus: its owner must be this uid.
    static Result<Connection> open_session();

    // From now on a call that is not answered yet ends with Cancelled when `fd` becomes readable,
    // here and in copies that are made later; -1: none does. What it was to do may be done.
    void give_up_at(int fd) { give_up_ = fd; }

    Result<Message> new_call(const std::string& path, const char* interface,
                             const char* member) const;
    // Sends `call` and waits for the answer. The Errc is the one that the service names;
    // Unavailable if no answer came. A call that the bus did not deliver because the service was
    // restarted meanwhile is sent once more, to the new one, after the same check of its owner.
    Result<Message> call(const Message& call, std::chrono::seconds timeout = kCallTimeout) const;

  private:
    // Whether another process has become the service.
    Result<bool> follow_service() const;
    Result<Message> copy_of(const Message& call) const;
    Result<Message> send(const Message& call, std::chrono::microseconds timeout,
                         bool* undelivered) const;

    using Trusts = bool (*)(Uid);
    static Result<Connection> open(sd_bus* bus, Trusts trusts);

    std::shared_ptr<sd_bus> bus_;
    Trusts trusts_ = nullptr;  // who may be the service
    mutable std::string destination_;
    int give_up_ = -1;
};

// Whether a process of this user may be the service.
bool may_be_service(Uid uid);

// The Errc for a D-Bus error name: the service's own by name, the bus's by meaning.
Errc errc_from_bus_error(std::string_view name);

}  // namespace patd::client
