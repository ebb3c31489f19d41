// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// The least that a service on D-Bus can be: a name, an object with one method, an event loop.
// `idle_service BUS-ADDRESS SOCKET NAME` listens at SOCKET once it has its NAME, which shows that
// it is ready. Built twice: with libsystemd alone, and also with the libraries that patd needs.
#include "bench/use_libraries.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include <string_view>

namespace {

int answer(sd_bus_message* message, void*, sd_bus_error*) {
    return sd_bus_reply_method_return(message, "s", "nothing");
}

constexpr sd_bus_vtable kTable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("Answer", "", "s", answer, 0),
    SD_BUS_VTABLE_END,
};

bool listen_at(std::string_view path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 &&
           listen(listener, 1) == 0;
}

}  // namespace

int main(int argc, char** argv) {
    sd_bus* bus = nullptr;
    sd_event* event = nullptr;
    if (argc != 4 || !patd::bench::use_libraries() || sd_event_new(&event) < 0 ||
        sd_bus_new(&bus) < 0 || sd_bus_set_address(bus, argv[1]) < 0 ||
        sd_bus_set_bus_client(bus, 1) < 0 || sd_bus_start(bus) < 0 ||
        sd_bus_attach_event(bus, event, 0) < 0 ||
        sd_bus_add_object_vtable(bus, nullptr, "/org/patd/Idle", "org.patd.Idle", kTable, nullptr) <
            0 ||
        sd_bus_request_name(bus, argv[3], 0) < 0 || !listen_at(argv[2]))
        return 1;
    return sd_event_loop(event);
}
