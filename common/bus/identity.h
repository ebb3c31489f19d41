// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/uid.h"
#include "common/bus/handles.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace patd::bus {

// Who sent a message. A failed look-up has no usable answer: there is no default uid.
class IdentitySource {
  public:
    using Callback = std::function<void(Result<Uid>)>;
    virtual ~IdentitySource() = default;
    // Calls back exactly once, at once if the answer is known. AccessDenied on any failure;
    // LimitExceeded: too many messages already wait for an identity.
    virtual void look_up(sd_bus_message* message, Callback callback) = 0;
};

// Asks the bus once per unique name (GetConnectionCredentials, asynchronously), keeps the answer
// until the name vanishes, and reports when it does. Unique names are never reused in the life of a
// bus (D-Bus specification), so a kept answer stays true.
class BusIdentity final : public IdentitySource {
  public:
    using OnVanished = std::function<void(const std::string& unique_name)>;
    // `bus` must outlive it.
    static Result<std::unique_ptr<BusIdentity>> create(sd_bus* bus, OnVanished on_vanished);
    ~BusIdentity() override;

    void look_up(sd_bus_message* message, Callback callback) override;

  private:
    struct Pending;

    BusIdentity(sd_bus* bus, OnVanished on_vanished);

    static int on_credentials(sd_bus_message* reply, void* userdata, sd_bus_error* error);
    static int on_name_owner_changed(sd_bus_message* signal, void* userdata, sd_bus_error* error);
    void ask(Pending& pending);
    void answer(const Pending& asked, const Result<Uid>& uid);

    sd_bus* bus_;
    OnVanished on_vanished_;
    SlotPtr match_;
    std::map<std::string, Uid> known_;
    std::map<std::string, std::unique_ptr<Pending>> pending_;
    std::size_t waiting_ = 0;  // messages, over all names
};

}  // namespace patd::bus
