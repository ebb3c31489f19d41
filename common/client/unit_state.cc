// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/client/unit_state.h"

#include "common/client/message.h"

#include <systemd/sd-bus.h>

#include <cstdlib>

namespace patd::client {
namespace {

constexpr char kService[] = "org.freedesktop.systemd1";
constexpr char kPath[] = "/org/freedesktop/systemd1";
constexpr char kManager[] = "org.freedesktop.systemd1.Manager";
constexpr char kUnitInterface[] = "org.freedesktop.systemd1.Unit";

struct UnitObject {
    sd_bus* bus;
    std::string path;
};

std::string read_text(const UnitObject& unit, const char* interface, const char* property) {
    char* raw = nullptr;
    if (sd_bus_get_property_string(unit.bus, kService, unit.path.c_str(), interface, property,
                                   nullptr, &raw) < 0)
        return {};
    const std::unique_ptr<char, decltype(&free)> text(raw, free);
    return text.get();
}

template <typename Number>
Number read_number(const UnitObject& unit, const char* interface, const char* property, char type) {
    Number number{};
    if (sd_bus_get_property_trivial(unit.bus, kService, unit.path.c_str(), interface, property,
                                    nullptr, type, &number) < 0)
        return {};
    return number;
}

bool read_has_job(const UnitObject& unit) {
    sd_bus_message* raw = nullptr;
    if (sd_bus_get_property(unit.bus, kService, unit.path.c_str(), kUnitInterface, "Job", nullptr,
                            &raw, "(uo)") < 0)
        return false;
    const Message property(raw);
    std::uint32_t job = 0;
    return sd_bus_message_read(raw, "(uo)", &job, nullptr) > 0 && job != 0;
}

// LoadUnit also gives an object for a unit that does not exist or is not loaded.
Result<std::string> load_unit(sd_bus* bus, const std::string& name) {
    sd_bus_message* raw = nullptr;
    if (sd_bus_call_method(bus, kService, kPath, kManager, "LoadUnit", nullptr, &raw, "s",
                           name.c_str()) < 0)
        return Error{Errc::Unavailable, "systemd does not answer"};
    return Message(raw).read_path();
}

}  // namespace

Systemd::Systemd(sd_bus* bus) : bus_(bus, sd_bus_flush_close_unref) {}

Result<Systemd> Systemd::open() {
    sd_bus* bus = nullptr;
    if (sd_bus_open_system(&bus) < 0)
        return Error{Errc::Unavailable, "the system bus cannot be reached"};
    return Systemd(bus);
}

Result<Systemd> Systemd::open_own() {
    sd_bus* bus = nullptr;
    if (sd_bus_open_user(&bus) < 0)
        return Error{Errc::Unavailable, "the session bus cannot be reached"};
    return Systemd(bus);
}

Result<UnitState> Systemd::find_unit(const std::string& name) const {
    const UnitObject unit{bus_.get(), TRY(load_unit(bus_.get(), name))};
    UnitState state;
    state.name = name;
    state.load = read_text(unit, kUnitInterface, "LoadState");
    state.file = read_text(unit, kUnitInterface, "UnitFileState");
    state.active = read_text(unit, kUnitInterface, "ActiveState");
    state.sub = read_text(unit, kUnitInterface, "SubState");
    state.has_job = read_has_job(unit);
    state.is_ruled_out =
        read_number<std::uint64_t>(unit, kUnitInterface, "ConditionTimestampMonotonic", 't') > 0 &&
        read_number<int>(unit, kUnitInterface, "ConditionResult", 'b') == 0;
    const bool is_service = name.ends_with(".service");
    const char* own = is_service ? "org.freedesktop.systemd1.Service"  //
                                 : "org.freedesktop.systemd1.Socket";
    state.result = read_text(unit, own, "Result");
    if (is_service) {
        state.exit_status = read_number<std::int32_t>(unit, own, "ExecMainStatus", 'i');
        state.restarts = read_number<std::uint32_t>(unit, own, "NRestarts", 'u');
        state.main_pid = read_number<std::uint32_t>(unit, own, "MainPID", 'u');
    }
    return state;
}

}  // namespace patd::client
