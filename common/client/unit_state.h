// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"

#include <cstdint>
#include <memory>
#include <string>

struct sd_bus;

namespace patd::client {

// A unit as systemd sees it (org.freedesktop.systemd1(5)). The texts are systemd's own words; a
// property that the unit does not have is empty or 0.
struct UnitState {
    std::string name;
    std::string load;              // loaded, not-found, masked, bad-setting, ...
    std::string file;              // enabled, disabled, masked, static, ...
    std::string active;            // active, inactive, failed, activating, ...
    std::string sub;               // running, listening, dead, auto-restart, ...
    std::string result;            // success, exit-code, signal, watchdog, ...
    std::int32_t exit_status = 0;  // of the last main process
    std::uint32_t restarts = 0;    // made by systemd itself
    bool has_job = false;          // it is being started or stopped, or will be
    std::uint32_t main_pid = 0;    // of the running process; 0: none
    bool is_ruled_out = false;     // its conditions did not hold when it was last to start

    friend bool operator==(const UnitState&, const UnitState&) = default;
};

// systemd on the system bus: it can still answer when patd cannot start. Only asks, as any user
// may. Thread rule: one thread at a time.
class Systemd {
  public:
    // Unavailable: no bus. Only the first question shows whether systemd is on it.
    static Result<Systemd> open();
    // The user's own, on the session bus.
    static Result<Systemd> open_own();

    // Unavailable: systemd does not answer. A missing unit is a state, not an error.
    Result<UnitState> find_unit(const std::string& name) const;

  private:
    explicit Systemd(sd_bus* bus);

    std::shared_ptr<sd_bus> bus_;
};

}  // namespace patd::client
