// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "tests/support/bus_pair.h"
#include "tests/support/system_bus.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace patd::support {

// Plays systemd on a test's system bus: it says about each process what the test says. After hold()
// calls wait, so that a test can decide what happens before an answer.
class ScriptedSystemd {
  public:
    ScriptedSystemd(bus::EventLoop& loop, const SystemBus& system) : bus_(system.connect(loop)) {
        must(sd_bus_add_object_vtable(bus_.get(), nullptr, "/org/freedesktop/systemd1",
                                      "org.freedesktop.systemd1.Manager", kTable, this),
             "sd_bus_add_object_vtable");
        must(sd_bus_request_name(bus_.get(), "org.freedesktop.systemd1", 0), "request name");
    }

    void set_unit(pid_t pid, const std::string& unit) { units_[pid] = unit; }
    // Answers every call with this path, whatever it is.
    void set_path(std::string path) { path_ = std::move(path); }
    void hold() { held_ = true; }
    void release() {
        held_ = false;
        for (const bus::MessagePtr& call : std::exchange(waiting_, {}))
            answer(call.get());
    }
    std::size_t waiting() const { return waiting_.size(); }
    std::size_t asked() const { return asked_; }

  private:
    static int on_call(sd_bus_message* call, void* userdata, sd_bus_error*) {
        auto* self = static_cast<ScriptedSystemd*>(userdata);
        ++self->asked_;
        self->waiting_.push_back(bus::ref(call));
        if (!self->held_)
            self->release();
        return 1;
    }

    void answer(sd_bus_message* call) {
        std::uint32_t pid = 0;
        must(sd_bus_message_read(call, "u", &pid), "read");
        const auto unit = units_.find(static_cast<pid_t>(pid));
        std::string path = path_;
        if (path.empty() && unit != units_.end()) {
            char* encoded = nullptr;
            must(sd_bus_path_encode("/org/freedesktop/systemd1/unit", unit->second.c_str(),
                                    &encoded),
                 "encode");
            path = encoded;
            ::free(encoded);
        }
        if (path.empty())
            sd_bus_reply_method_errorf(call, "org.freedesktop.systemd1.NoUnitForPID", "none");
        else
            must(sd_bus_reply_method_return(call, "o", path.c_str()), "reply");
    }

    static constexpr sd_bus_vtable kTable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD("GetUnitByPID", "u", "o", on_call, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END};

    bus::BusPtr bus_;
    std::map<pid_t, std::string> units_;
    std::string path_;
    bool held_ = false;
    std::vector<bus::MessagePtr> waiting_;
    std::size_t asked_ = 0;
};

}  // namespace patd::support
