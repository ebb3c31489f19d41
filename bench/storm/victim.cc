// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "bench/storm/victim.h"

#include "bench/connection.h"
#include "bench/server.h"
#include "bench/storm/bus_client.h"
#include "bench/storm/forked.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstring>
#include <memory>
#include <stdexcept>
#include <string_view>

namespace patd::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kFastRequests = kRequests - 1;

void expect(std::string_view answer, std::string_view part) {
    if (answer.find(part) == std::string_view::npos)
        throw std::runtime_error("a wrong answer");
}

// Asks as real programs do: git's helper and pam_pat.so connect for each request, a service keeps
// its connection, a program on the bus has one.
class Asking {
  public:
    explicit Asking(const Victim& victim) : victim_(victim) {
        try {
            kept_ = std::make_unique<Connection>(victim_.line_socket, kVictimPatience);
            ask(Request::Bus);
        } catch (const std::exception&) {
            return;  // it counts when it is asked for again
        }
    }

    void ask(Request request) {
        switch (request) {
            case Request::Get:
                return expect(ask_once(get_request(victim_.host)), "password=patc1_");
            case Request::Verify:
                return verify();
            case Request::Capability:
                return expect(ask_once("patd=1\nop=capability\n\n"), "version=0\n");
            case Request::Bus:
                return call([](sd_bus* bus) { return new_bus_call(bus, "GetId"); });
            case Request::Status:
                return call([this](sd_bus* bus) { return new_service_call(bus, "Status"); });
            case Request::List:
                return call([this](sd_bus* bus) { return new_service_call(bus, "List"); });
            case Request::Check:
                return expect(ask_once(victim_.check), "valid=1\n");
        }
    }

  private:
    std::string ask_once(const std::string& request) const {
        Connection connection(victim_.line_socket, kVictimPatience);
        return std::string(connection.call(request, "\n\n"));
    }
    void verify() {
        // A failed connection is not kept.
        std::unique_ptr<Connection> kept =
            kept_ ? std::move(kept_)
                  : std::make_unique<Connection>(victim_.line_socket, kVictimPatience);
        expect(kept->call(victim_.verification, "\n\n"), "valid=1\n");
        kept_ = std::move(kept);
    }
    bus::MessagePtr new_service_call(sd_bus* bus, const char* member) const {
        return victim_.asks_floor ? new_floor_call(bus, member) : new_manager_call(bus, member);
    }
    template <typename MakeCall>
    void call(const MakeCall& make) {
        bus::BusPtr bus =
            bus_ ? std::move(bus_) : connect_bus(victim_.bus_address, kVictimPatience);
        const bus::MessagePtr call = make(bus.get());
        sd_bus_message* reply = nullptr;
        must_do(sd_bus_call(bus.get(), call.get(), 0, nullptr, &reply), "sd_bus_call");
        const bus::MessagePtr held(reply);
        bus_ = std::move(bus);
    }

    const Victim& victim_;
    std::unique_ptr<Connection> kept_;
    bus::BusPtr bus_;
};

void ask_timed(Asking& asking, Request request, Waited& waited) {
    const Clock::time_point start = Clock::now();
    try {
        asking.ask(request);
        waited.us.push_back(
            std::chrono::duration<double, std::micro>(Clock::now() - start).count());
    } catch (const std::exception&) {
        waited.us.push_back(std::chrono::duration<double, std::micro>(kVictimPatience).count());
        ++waited.refused;
    }
}

Window ask_for(const Victim& victim, std::chrono::milliseconds length) {
    Window window;
    Asking asking(victim);
    const Clock::time_point middle = Clock::now() + length;
    do {
        for (std::size_t i = 0; i < kFastRequests; ++i)
            ask_timed(asking, static_cast<Request>(i), window.at(i));
    } while (Clock::now() < middle);
    const Clock::time_point end = Clock::now() + length;
    do {
        ask_timed(asking, Request::Check, window.back());
    } while (Clock::now() < end);
    return window;
}

struct Header {
    std::size_t refused;
    std::size_t count;
};

void write_all(int fd, const void* bytes, std::size_t size) {
    const auto* next = static_cast<const char*>(bytes);
    while (size > 0) {
        const ssize_t written = ::write(fd, next, size);
        if (written <= 0)
            throw std::runtime_error("write");
        next += written;
        size -= static_cast<std::size_t>(written);
    }
}

void read_all(int fd, void* bytes, std::size_t size) {
    auto* next = static_cast<char*>(bytes);
    while (size > 0) {
        const ssize_t got = ::read(fd, next, size);
        if (got <= 0)
            throw std::runtime_error("the victim's process has failed");
        next += got;
        size -= static_cast<std::size_t>(got);
    }
}

void send_window(int fd, const Window& window) {
    for (const Waited& waited : window) {
        const Header header{waited.refused, waited.us.size()};
        write_all(fd, &header, sizeof(header));
        write_all(fd, waited.us.data(), waited.us.size() * sizeof(double));
    }
}

Window receive_window(int fd) {
    Window window;
    for (Waited& waited : window) {
        Header header{};
        read_all(fd, &header, sizeof(header));
        waited.refused = header.refused;
        waited.us.resize(header.count);
        read_all(fd, waited.us.data(), header.count * sizeof(double));
    }
    return window;
}

}  // namespace

Window measure_victim(const Victim& victim, std::chrono::milliseconds length) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        throw std::runtime_error("pipe2");
    const UniqueFd reader(ends[0]);
    UniqueFd writer(ends[1]);
    // Every request of the last turn, and the one that opens the connection, may wait in vain.
    const auto longest = std::chrono::duration_cast<std::chrono::seconds>(
        length * 2 + kVictimPatience * (kRequests + 4) + std::chrono::seconds(10));
    const Forked process(victim.uid, longest,
                         [&] { send_window(writer.get(), ask_for(victim, length)); });
    writer.reset();
    return receive_window(reader.get());
}

}  // namespace patd::bench
