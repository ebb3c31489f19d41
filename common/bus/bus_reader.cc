// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/bus/bus_reader.h"

#include <utility>

namespace patd::bus {

Result<std::unique_ptr<BusReader>> BusReader::create(sd_bus* bus, EventLoop& loop) {
    std::unique_ptr<BusReader> reader(new BusReader(bus, loop));
    sd_bus_slot* slot = nullptr;
    TRY(check(sd_bus_add_filter(bus, &slot, on_message, reader.get()), "sd_bus_add_filter"));
    reader->filter_.reset(slot);
    loop.serve_more_with([raw = reader.get()] { return raw->read_next(); });
    return reader;
}

BusReader::~BusReader() {
    loop_.serve_more_with({});
}

int BusReader::on_message(sd_bus_message*, void* self, sd_bus_error*) {
    ++static_cast<BusReader*>(self)->messages_;
    return 0;
}

// If nothing has arrived since the last look, there is no need to ask the kernel.
bool BusReader::read_next() {
    if (std::exchange(seen_, messages_) == messages_)
        return false;
    // Positive: a message, or part of a long one. The source reports failures.
    return sd_bus_process(bus_, nullptr) > 0;
}

}  // namespace patd::bus
