// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/cli/fake_systemd.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <systemd/sd-bus.h>

#include <array>
#include <cstring>
#include <stdexcept>

namespace patd::cli {
namespace {

constexpr char kRoot[] = "/org/freedesktop/systemd1";
constexpr char kUnits[] = "/org/freedesktop/systemd1/unit";
constexpr char kUnit[] = "org.freedesktop.systemd1.Unit";
constexpr char kService[] = "org.freedesktop.systemd1.Service";
constexpr char kSocket[] = "org.freedesktop.systemd1.Socket";

void must(int status) {
    if (status < 0)
        throw std::runtime_error(strerror(-status));
}

int load_unit(sd_bus_message* call, void* userdata, sd_bus_error* /*error*/) {
    const char* name = nullptr;
    must(sd_bus_message_read(call, "s", &name));
    const std::string path = static_cast<FakeSystemd*>(userdata)->path_of(name);
    return sd_bus_reply_method_return(call, "o", path.c_str());
}

int find_object(sd_bus* /*bus*/, const char* path, const char* interface, void* userdata,
                void** found, sd_bus_error* /*error*/) {
    const client::UnitState* unit = static_cast<FakeSystemd*>(userdata)->find(path);
    if (unit == nullptr)
        return 0;
    const bool is_service = unit->name.ends_with(".service");
    if ((std::strcmp(interface, kService) == 0 && !is_service) ||
        (std::strcmp(interface, kSocket) == 0 && is_service))
        return 0;
    *found = const_cast<client::UnitState*>(unit);
    return 1;
}

template <std::string client::UnitState::*Field>
int get_text(sd_bus* /*bus*/, const char* /*path*/, const char* /*interface*/,
             const char* /*property*/, sd_bus_message* reply, void* userdata,
             sd_bus_error* /*error*/) {
    const auto* unit = static_cast<const client::UnitState*>(userdata);
    return sd_bus_message_append(reply, "s", (unit->*Field).c_str());
}

template <auto Field, char Type>
int get_number(sd_bus* /*bus*/, const char* /*path*/, const char* /*interface*/,
               const char* /*property*/, sd_bus_message* reply, void* userdata,
               sd_bus_error* /*error*/) {
    const auto* unit = static_cast<const client::UnitState*>(userdata);
    return sd_bus_message_append_basic(reply, Type, &(unit->*Field));
}

int get_job(sd_bus* /*bus*/, const char* /*path*/, const char* /*interface*/,
            const char* /*property*/, sd_bus_message* reply, void* userdata,
            sd_bus_error* /*error*/) {
    const auto* unit = static_cast<const client::UnitState*>(userdata);
    return unit->has_job
               ? sd_bus_message_append(reply, "(uo)", 7U, "/org/freedesktop/systemd1/job/7")
               : sd_bus_message_append(reply, "(uo)", 0U, "/");
}

int get_condition(sd_bus* /*bus*/, const char* /*path*/, const char* /*interface*/,
                  const char* /*property*/, sd_bus_message* reply, void* userdata,
                  sd_bus_error* /*error*/) {
    const auto* unit = static_cast<const client::UnitState*>(userdata);
    return sd_bus_message_append(reply, "b", unit->is_ruled_out ? 0 : 1);
}

int get_condition_time(sd_bus* /*bus*/, const char* /*path*/, const char* /*interface*/,
                       const char* /*property*/, sd_bus_message* reply, void* /*userdata*/,
                       sd_bus_error* /*error*/) {
    return sd_bus_message_append(reply, "t", std::uint64_t{1});
}

using State = client::UnitState;

constexpr sd_bus_vtable kManagerTable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("LoadUnit", "s", "o", load_unit, SD_BUS_VTABLE_UNPRIVILEGED), SD_BUS_VTABLE_END};

constexpr sd_bus_vtable kUnitTable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_PROPERTY("LoadState", "s", get_text<&State::load>, 0, 0),
    SD_BUS_PROPERTY("UnitFileState", "s", get_text<&State::file>, 0, 0),
    SD_BUS_PROPERTY("ActiveState", "s", get_text<&State::active>, 0, 0),
    SD_BUS_PROPERTY("SubState", "s", get_text<&State::sub>, 0, 0),
    SD_BUS_PROPERTY("Job", "(uo)", get_job, 0, 0),
    SD_BUS_PROPERTY("ConditionResult", "b", get_condition, 0, 0),
    SD_BUS_PROPERTY("ConditionTimestampMonotonic", "t", get_condition_time, 0, 0),
    SD_BUS_VTABLE_END};

constexpr sd_bus_vtable kServiceTable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_PROPERTY("Result", "s", get_text<&State::result>, 0, 0),
    SD_BUS_PROPERTY("ExecMainStatus", "i", (get_number<&State::exit_status, 'i'>), 0, 0),
    SD_BUS_PROPERTY("NRestarts", "u", (get_number<&State::restarts, 'u'>), 0, 0),
    SD_BUS_PROPERTY("MainPID", "u", (get_number<&State::main_pid, 'u'>), 0, 0),
    SD_BUS_VTABLE_END};

constexpr sd_bus_vtable kSocketTable[] = {
    SD_BUS_VTABLE_START(0), SD_BUS_PROPERTY("Result", "s", get_text<&State::result>, 0, 0),
    SD_BUS_VTABLE_END};

sd_bus* connect(const std::string& address, FakeSystemd* self) {
    sd_bus* bus = nullptr;
    must(sd_bus_new(&bus));
    must(sd_bus_set_address(bus, address.c_str()));
    must(sd_bus_set_bus_client(bus, 1));
    must(sd_bus_start(bus));
    must(sd_bus_add_object_vtable(bus, nullptr, kRoot, "org.freedesktop.systemd1.Manager",
                                  kManagerTable, self));
    must(sd_bus_add_fallback_vtable(bus, nullptr, kUnits, kUnit, kUnitTable, find_object, self));
    must(sd_bus_add_fallback_vtable(bus, nullptr, kUnits, kService, kServiceTable, find_object,
                                    self));
    must(
        sd_bus_add_fallback_vtable(bus, nullptr, kUnits, kSocket, kSocketTable, find_object, self));
    must(sd_bus_request_name(bus, "org.freedesktop.systemd1", 0));
    return bus;
}

void serve(sd_bus* bus, int stop) {
    while (true) {
        if (sd_bus_process(bus, nullptr) > 0)
            continue;
        std::array<pollfd, 2> entries = {
            pollfd{sd_bus_get_fd(bus), static_cast<short>(sd_bus_get_events(bus)), 0},
            pollfd{stop, POLLIN, 0}};
        poll(entries.data(), entries.size(), -1);
        if (entries[1].revents != 0)
            break;
    }
    sd_bus_flush_close_unref(bus);
}

}  // namespace

FakeSystemd::FakeSystemd(const std::string& address, std::vector<client::UnitState> units)
    : stop_(eventfd(0, EFD_CLOEXEC)) {
    for (client::UnitState& unit : units)
        units_.emplace(path_of(unit.name), std::move(unit));
    thread_ = std::thread(serve, connect(address, this), stop_.get());
}

FakeSystemd::~FakeSystemd() {
    eventfd_write(stop_.get(), 1);
    thread_.join();
}

std::string FakeSystemd::path_of(const std::string& name) const {
    std::string path = kUnits;
    path += '/';
    for (const char c : name)
        path += isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
    return path;
}

const client::UnitState* FakeSystemd::find(const std::string& path) const {
    const auto unit = units_.find(path);
    return unit == units_.end() ? nullptr : &unit->second;
}

}  // namespace patd::cli
