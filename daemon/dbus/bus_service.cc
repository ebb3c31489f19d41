// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/dbus/bus_service.h"

#include "common/base/names.h"

namespace patd {
namespace {

// Every path one segment below the prefix exists, whoever asks: the handler decides what is behind
// it, and answers the same for "not yours" and "not there".
int find_below(sd_bus*, const char* path, const char*, void* userdata, void** found,
               sd_bus_error*) {
    const std::string_view name =
        std::string_view(path).substr(std::string_view(names::kManagerPath).size() + 1);
    const std::size_t slash = name.find('/');
    if (slash == std::string_view::npos || name.find('/', slash + 1) != std::string_view::npos)
        return 0;
    *found = userdata;
    return 1;
}

}  // namespace

BusService::BusService(const Parts& parts)
    : guard_(parts.identity, parts.authorise, parts.hold, parts.count),
      operation_(guard_, parts.operations),
      manager_(guard_, parts.services, operation_),
      token_(guard_, parts.services, operation_),
      admin_(guard_, parts.services, operation_, parts.admin) {}

Result<std::unique_ptr<BusService>> BusService::create(sd_bus* bus, const Parts& parts) {
    std::unique_ptr<BusService> service(new BusService(parts));
    TRY(service->add(bus, names::kManagerPath, names::kManagerInterface, service->manager_,
                     ManagerBus::vtable()));
    TRY(service->add(bus, names::kManagerPath, names::kAdminInterface, service->admin_,
                     AdminBus::vtable()));
    TRY(service->add_all_below(bus, names::kTokenPrefix, names::kTokenInterface, service->token_,
                               TokenBus::vtable()));
    TRY(service->add_all_below(bus, names::kOperationPrefix, names::kOperationInterface,
                               service->operation_, OperationBus::vtable()));
    return service;
}

Result<void> BusService::add(sd_bus* bus, const char* path, const char* interface,
                             bus::Object& object, const sd_bus_vtable* vtable) {
    sd_bus_slot* slot = nullptr;
    TRY(bus::check(sd_bus_add_object_vtable(bus, &slot, path, interface, vtable, &object),
                   "sd_bus_add_object_vtable"));
    slots_.emplace_back(slot);
    return {};
}

Result<void> BusService::add_all_below(sd_bus* bus, const char* prefix, const char* interface,
                                       bus::Object& object, const sd_bus_vtable* vtable) {
    sd_bus_slot* slot = nullptr;
    TRY(bus::check(
        sd_bus_add_fallback_vtable(bus, &slot, prefix, interface, vtable, find_below, &object),
        "sd_bus_add_fallback_vtable"));
    slots_.emplace_back(slot);
    return {};
}

}  // namespace patd
