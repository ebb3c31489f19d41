// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// The best that a service on D-Bus can do in a flood: it answers every call with nothing, as soon
// as it has read it, and does nothing else. `bus_floor BUS-ADDRESS NAME`.
#include <systemd/sd-bus.h>

#include <cstdint>

namespace {

int answer(sd_bus_message* message, void*, sd_bus_error*) {
    if (sd_bus_message_is_method_call(message, nullptr, nullptr) <= 0)
        return 0;
    return sd_bus_reply_method_return(message, nullptr) < 0 ? -1 : 1;
}

int serve(sd_bus* bus, const char* address, const char* name) {
    if (sd_bus_set_address(bus, address) < 0 || sd_bus_set_bus_client(bus, 1) < 0 ||
        sd_bus_start(bus) < 0 || sd_bus_add_filter(bus, nullptr, answer, nullptr) < 0 ||
        sd_bus_request_name(bus, name, 0) < 0)
        return 1;
    while (true) {
        int result = 1;
        while (result > 0)
            result = sd_bus_process(bus, nullptr);
        if (result < 0 || sd_bus_wait(bus, UINT64_MAX) < 0)
            return 1;
    }
}

}  // namespace

int main(int argc, char** argv) {
    sd_bus* bus = nullptr;
    if (argc != 3 || sd_bus_new(&bus) < 0)
        return 2;
    return serve(bus, argv[1], argv[2]);
}
