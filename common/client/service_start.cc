// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/client/service_start.h"

#include "common/base/names.h"
#include "common/client/unit_state.h"

#include <systemd/sd-bus.h>

#include <memory>
#include <optional>

namespace patd::client {
namespace {

constexpr char kBusService[] = "org.freedesktop.DBus";
constexpr char kBusPath[] = "/org/freedesktop/DBus";
constexpr char kUnit[] = "patd.service";

constexpr std::uint64_t kLookEveryUs = 250'000;
// The bus forwards the request to systemd, and systemd the outcome to the bus: between the two, a
// unit may look idle for a moment.
constexpr int kLooksAtRestMax = 8;
constexpr std::uint32_t kRestartsMax = 3;

struct Answer {
    bool arrived = false;
    bool started = false;
};

int on_answer(sd_bus_message* message, void* userdata, sd_bus_error* /*error*/) {
    auto& answer = *static_cast<Answer*>(userdata);
    answer = {true, sd_bus_message_is_method_error(message, nullptr) == 0};
    return 0;
}

// Watches systemd while we wait for the bus.
class Patience {
  public:
    // Whether to stop waiting. Without systemd we wait as long as the bus does.
    bool ends() {
        if (!systemd_)
            systemd_.emplace(Systemd::open());
        const Result<UnitState> unit =
            *systemd_ ? (*systemd_)->find_unit(kUnit) : Result<UnitState>(systemd_->error());
        if (!unit)
            return false;
        const bool at_rest =
            !unit->has_job && (unit->active == "inactive" || unit->active == "failed");
        looks_at_rest_ = at_rest ? looks_at_rest_ + 1 : 0;
        if (!restarts_before_)
            restarts_before_ = unit->restarts;
        return looks_at_rest_ >= kLooksAtRestMax ||
               unit->restarts >= *restarts_before_ + kRestartsMax;
    }

  private:
    std::optional<Result<Systemd>> systemd_;
    std::optional<std::uint32_t> restarts_before_;
    int looks_at_rest_ = 0;
};

Error cannot_start() {
    return Error{Errc::Unavailable, "the service cannot be started"};
}

}  // namespace

Result<void> start_service(sd_bus* bus) {
    Answer answer;
    sd_bus_slot* raw = nullptr;
    if (sd_bus_call_method_async(bus, &raw, kBusService, kBusPath, kBusService,
                                 "StartServiceByName", on_answer, &answer, "su", names::kBusName,
                                 std::uint32_t{0}) < 0)
        return cannot_start();
    // The answer may come after this function has returned.
    const std::unique_ptr<sd_bus_slot, decltype(&sd_bus_slot_unref)> slot(raw, sd_bus_slot_unref);
    Patience patience;
    while (!answer.arrived) {
        const int busy = sd_bus_process(bus, nullptr);
        if (busy < 0)
            return cannot_start();
        if (busy == 0 && sd_bus_wait(bus, kLookEveryUs) == 0 && patience.ends())
            return cannot_start();
    }
    return answer.started ? Result<void>() : cannot_start();
}

}  // namespace patd::client
