// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "bench/storm/bus_attack.h"

#include "bench/storm/bus_client.h"
#include "common/base/names.h"
#include "common/base/unique_fd.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

namespace patd::bench {
namespace {

constexpr std::chrono::seconds kPatience{30};
constexpr int kPollMs = 20;
constexpr std::size_t kPouringConnections = 4;
constexpr int kPouredAtOnce = 64;
constexpr std::uint64_t kQueuedInside = 16;  // a call may have a MiB
constexpr int kTurnsAtOnce = 256;
constexpr int kUnreadPrompts = 600;
constexpr int kPromptsAtOnce = 20;  // the bus refuses more than 128 pending answers
constexpr std::int64_t kExposedSeconds = 600;
constexpr std::size_t kPaths = 64;
constexpr int kBacklog = 64;
constexpr int kPauseMs = 5;
constexpr int kUnreadForMs = 6000;  // longer than a victim has patience

class Chain {
  public:
    Chain(sd_bus* bus, const NextCall& next, Tally& tally)
        : bus_(bus), next_(next), tally_(tally) {}

    void send_next(sd_bus_message* last) {
        const bus::MessagePtr call = next_(bus_, step_++, last);
        if (sd_bus_call_async(bus_, nullptr, call.get(), on_reply, this, 0) >= 0)
            ++tally_.sent;
    }

  private:
    static int on_reply(sd_bus_message* reply, void* self, sd_bus_error*) noexcept {
        auto& chain = *static_cast<Chain*>(self);
        ++chain.tally_.answered;
        chain.send_next(reply);
        return 1;
    }

    sd_bus* bus_;
    const NextCall& next_;
    Tally& tally_;
    std::size_t step_ = 0;
};

// A connection with its chains; replaced if the bus has ended it.
class Talker {
  public:
    Talker(const Aim& aim, Tally& tally, const Talk& how) : aim_(aim), tally_(tally), how_(how) {
        begin();
    }

    sd_bus* bus() const { return bus_.get(); }
    void turn() {
        int result = 1;
        for (int turns = 0; result > 0 && turns < kTurnsAtOnce; ++turns)
            result = sd_bus_process(bus_.get(), nullptr);
        if (result >= 0)
            return;
        ++tally_.closed;
        begin();
    }

  private:
    void begin() {
        bus_ = connect_bus(aim_.bus_address, kPatience);
        chains_.clear();
        for (std::size_t i = 0; i < how_.chains; ++i) {
            chains_.push_back(std::make_unique<Chain>(bus_.get(), how_.next, tally_));
            chains_.back()->send_next(nullptr);
        }
    }

    const Aim& aim_;
    Tally& tally_;
    const Talk& how_;
    std::vector<std::unique_ptr<Chain>> chains_;  // outlive the calls of the connection
    bus::BusPtr bus_;
};

pollfd poll_entry(sd_bus* bus) {
    return {sd_bus_get_fd(bus), static_cast<short>(std::max(sd_bus_get_events(bus), 0)), 0};
}

bool has_room(sd_bus* bus) {
    std::uint64_t queued = 0;
    return sd_bus_get_n_queued_write(bus, &queued) >= 0 && queued < kQueuedInside;
}

void pour_some(sd_bus* bus, Tally& tally, const MakeCall& make) {
    for (int i = 0; i < kPouredAtOnce && has_room(bus); ++i) {
        const bus::MessagePtr call = make(bus);
        must_do(sd_bus_message_set_expect_reply(call.get(), 0), "sd_bus_message_set_expect_reply");
        if (sd_bus_send(bus, call.get(), nullptr) < 0)
            return;
        ++tally.sent;
    }
}

// The operation's path; "" if it was refused.
std::string begin_verify(sd_bus* bus) {
    const bus::MessagePtr call = new_manager_call(bus, "Verify");
    must_do(sd_bus_message_append(call.get(), "a{sv}", 0), "sd_bus_message_append");
    sd_bus_message* raw = nullptr;
    if (sd_bus_call(bus, call.get(), 0, nullptr, &raw) < 0)
        return "";
    const bus::MessagePtr reply(raw);
    const char* path = "";
    must_do(sd_bus_message_read(raw, "o", &path), "sd_bus_message_read");
    return path;
}

// Gives the operation the secret that it asks for first, so that nothing is left to ask.
bool give_secret(sd_bus* bus, const std::string& operation, const std::string& secret) {
    const bus::MessagePtr call = new_call(bus, operation, names::kOperationInterface, "Next");
    sd_bus_message* raw = nullptr;
    if (sd_bus_call(bus, call.get(), 0, nullptr, &raw) < 0)
        return false;
    const bus::MessagePtr prompt(raw);  // closes the sink with it
    const char* kind = nullptr;
    const char* text = nullptr;
    int sink = -1;
    must_do(sd_bus_message_read(raw, "ssh", &kind, &text, &sink), "sd_bus_message_read");
    return ::send(sink, secret.data(), secret.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(secret.size());
}

void ask_for_prompts(sd_bus* bus, const std::string& operation, Tally& tally) {
    for (int i = 1; i <= kUnreadPrompts; ++i) {
        const bus::MessagePtr call = new_call(bus, operation, names::kOperationInterface, "Next");
        std::uint64_t cookie = 0;  // without one, no answer is wanted
        if (sd_bus_send(bus, call.get(), &cookie) < 0)
            return;
        ++tally.sent;
        if (i % kPromptsAtOnce == 0)
            ::poll(nullptr, 0, kPauseMs);
    }
}

UniqueFd listen_in(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof(address.sun_path))
        throw std::runtime_error("socket path too long");
    path.copy(address.sun_path, path.size());
    (void)::unlink(path.c_str());
    UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
        ::listen(socket.get(), kBacklog) != 0)
        throw std::runtime_error("cannot listen at " + path);
    return socket;
}

bus::MessagePtr new_expose(const Aim& aim, sd_bus* bus, const std::string& path) {
    const UniqueFd listener = listen_in(path);
    bus::MessagePtr call = new_manager_call(bus, "Expose");
    must_do(sd_bus_message_append(call.get(), "ha{sv}", listener.get(), 2, "only", "as", 1,
                                  aim.own_token.c_str(), "seconds", "x", kExposedSeconds),
            "sd_bus_message_append");
    return call;
}

}  // namespace

void talk(const Aim& aim, Tally& tally, const Talk& how) {
    std::vector<std::unique_ptr<Talker>> talkers;
    for (std::size_t i = 0; i < how.connections; ++i)
        talkers.push_back(std::make_unique<Talker>(aim, tally, how));
    std::vector<pollfd> polled(talkers.size());
    while (true) {
        for (std::size_t i = 0; i < talkers.size(); ++i) {
            talkers[i]->turn();
            polled[i] = poll_entry(talkers[i]->bus());
        }
        ::poll(polled.data(), polled.size(), kPollMs);
    }
}

void pour(const Aim& aim, Tally& tally, const MakeCall& make) {
    std::vector<bus::BusPtr> buses(kPouringConnections);
    std::vector<pollfd> polled(buses.size());
    for (bus::BusPtr& bus : buses)
        bus = connect_bus(aim.bus_address, kPatience);
    while (true) {
        for (std::size_t i = 0; i < buses.size(); ++i) {
            pour_some(buses[i].get(), tally, make);
            int result = 1;
            while (result > 0)
                result = sd_bus_process(buses[i].get(), nullptr);
            if (result < 0) {
                ++tally.closed;
                buses[i] = connect_bus(aim.bus_address, kPatience);
            }
            polled[i] = poll_entry(buses[i].get());
        }
        const bool is_full = std::none_of(
            buses.begin(), buses.end(), [](const bus::BusPtr& bus) { return has_room(bus.get()); });
        ::poll(polled.data(), polled.size(), is_full ? kPollMs : 0);
    }
}

void leave_prompts_unread(const Aim& aim, Tally& tally) {
    while (true) {
        const bus::BusPtr bus = connect_bus(aim.bus_address, kPatience);
        const std::string operation = begin_verify(bus.get());
        if (!operation.empty() && give_secret(bus.get(), operation, aim.wrong_secrets.front()))
            ask_for_prompts(bus.get(), operation, tally);
        ::poll(nullptr, 0, kUnreadForMs);
    }
}

bus::MessagePtr expose_or_cut(const Aim& aim, sd_bus* bus, sd_bus_message* last) {
    static std::size_t number = 0;
    const char* exposure = nullptr;
    if (last == nullptr || sd_bus_message_has_signature(last, "s") == 0 ||
        sd_bus_message_is_method_error(last, nullptr) != 0 ||
        sd_bus_message_read(last, "s", &exposure) < 0)
        return new_expose(aim, bus, aim.own_directory + "/" + std::to_string(++number % kPaths));
    bus::MessagePtr call = new_manager_call(bus, "Cut");
    must_do(sd_bus_message_append(call.get(), "s", exposure), "sd_bus_message_append");
    return call;
}

std::string expose(const Aim& aim) {
    std::string path = aim.own_directory + "/exposed";
    const bus::BusPtr bus = connect_bus(aim.bus_address, kPatience);
    const bus::MessagePtr call = new_expose(aim, bus.get(), path);
    must_do(sd_bus_call(bus.get(), call.get(), 0, nullptr, nullptr), "Expose");
    return path;
}

}  // namespace patd::bench
