// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/unique_fd.h"
#include "common/bus/handles.h"
#include "tests/support/turning.h"

#include <systemd/sd-id128.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

namespace patd::support {

inline void must(int result, const char* what) {
    if (result < 0)
        throw std::runtime_error(std::string(what) + ": " + std::to_string(-result));
}

// The answer to one method call.
struct Reply {
    bus::MessagePtr message;
    std::string error;  // D-Bus error name; empty when it worked
    std::string text;

    bool ok() const { return error.empty(); }
    std::string string() const {
        const char* value = nullptr;
        must(sd_bus_message_read(message.get(), "s", &value), "read s");
        return value;
    }
    std::string path() const {
        const char* value = nullptr;
        must(sd_bus_message_read(message.get(), "o", &value), "read o");
        return value;
    }
    UniqueFd descriptor() const {
        int fd = -1;
        must(sd_bus_message_read(message.get(), "h", &fd), "read h");
        return UniqueFd(::dup(fd));
    }
};

// A call that was sent; its reply arrives while the loop turns.
class PendingCall {
  public:
    PendingCall(sd_bus* bus, sd_bus_message* call) : state_(std::make_shared<State>()) {
        sd_bus_slot* slot = nullptr;
        must(sd_bus_call_async(bus, &slot, call, on_reply, state_.get(), 0), "call_async");
        state_->slot.reset(slot);
    }
    bool answered() const { return state_->answered; }
    Reply take() { return std::move(state_->reply); }

  private:
    struct State {
        bus::SlotPtr slot;
        Reply reply;
        bool answered = false;
    };
    static int on_reply(sd_bus_message* message, void* userdata, sd_bus_error*) {
        auto* state = static_cast<State*>(userdata);
        state->answered = true;
        state->reply.message = bus::ref(message);
        if (const sd_bus_error* error = sd_bus_message_get_error(message); error != nullptr) {
            state->reply.error = error->name;
            state->reply.text = error->message == nullptr ? "" : error->message;
        }
        return 1;
    }

    std::shared_ptr<State> state_;
};

using Fill = std::function<void(sd_bus_message*)>;

// A message as a receiver gets it: sealed, and readable from its start.
inline bus::MessagePtr make_sealed(sd_bus* bus, const Fill& fill) {
    sd_bus_message* raw = nullptr;
    must(sd_bus_message_new_method_call(bus, &raw, nullptr, "/o", "i.f", "M"), "new_method_call");
    bus::MessagePtr message(raw);
    fill(raw);
    must(sd_bus_message_seal(raw, 1, 0), "seal");
    must(sd_bus_message_rewind(raw, 1), "rewind");
    return message;
}

// A client of `destination` on a connection attached to the loop. Without a bus in between (and
// with an empty destination) it may claim any `sender`, so that one connection can play several.
class BusCaller {
  public:
    BusCaller(bus::EventLoop& loop, sd_bus* bus, std::string destination = "")
        : loop_(&loop), bus_(bus), destination_(std::move(destination)) {}

    void set_sender(std::string sender) { sender_ = std::move(sender); }
    sd_bus* bus() const { return bus_; }

    bus::MessagePtr new_call(const std::string& path, const char* interface, const char* member,
                             const Fill& fill = {}) const {
        sd_bus_message* raw = nullptr;
        must(sd_bus_message_new_method_call(bus_, &raw, or_null(destination_), path.c_str(),
                                            interface, member),
             "new_method_call");
        bus::MessagePtr message(raw);
        if (!sender_.empty())
            must(sd_bus_message_set_sender(raw, sender_.c_str()), "set_sender");
        if (fill)
            fill(raw);
        return message;
    }
    PendingCall send(const std::string& path, const char* interface, const char* member,
                     const Fill& fill = {}) const {
        return PendingCall(bus_, new_call(path, interface, member, fill).get());
    }
    Reply finish(PendingCall call) const {
        if (!turn_until(*loop_, [&] { return call.answered(); }))
            throw std::runtime_error("no reply");
        return call.take();
    }
    Reply call(const std::string& path, const char* interface, const char* member,
               const Fill& fill = {}) const {
        return finish(send(path, interface, member, fill));
    }

  private:
    static const char* or_null(const std::string& text) {
        return text.empty() ? nullptr : text.c_str();
    }

    bus::EventLoop* loop_;
    sd_bus* bus_;
    std::string destination_;
    std::string sender_;
};

// The two ends of a D-Bus connection over a socketpair, without a bus, both on one loop.
class BusPair {
  public:
    explicit BusPair(bus::EventLoop& loop) {
        std::array<int, 2> ends{};
        must(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()),
             "socketpair");
        service_ = open(ends[0]);
        client_ = open(ends[1]);
        sd_id128_t id{};
        must(sd_id128_randomize(&id), "sd_id128_randomize");
        must(sd_bus_set_server(service_.get(), 1, id), "sd_bus_set_server");
        start(loop, service_.get());
        start(loop, client_.get());
        // Closing a connection waits for its handshake, which only the loop completes.
        if (!turn_until(loop, [this] {
                return sd_bus_is_ready(service()) > 0 && sd_bus_is_ready(client()) > 0;
            }))
            throw std::runtime_error("no handshake");
    }

    sd_bus* service() const { return service_.get(); }
    sd_bus* client() const { return client_.get(); }
    void close_client() { client_.reset(); }

  private:
    static bus::BusPtr open(int fd) {
        sd_bus* raw = nullptr;
        must(sd_bus_new(&raw), "sd_bus_new");
        bus::BusPtr bus(raw);
        must(sd_bus_set_fd(raw, fd, fd), "sd_bus_set_fd");
        must(sd_bus_negotiate_fds(raw, 1), "sd_bus_negotiate_fds");
        return bus;
    }
    static void start(bus::EventLoop& loop, sd_bus* bus) {
        must(sd_bus_start(bus), "sd_bus_start");
        must(sd_bus_attach_event(bus, loop.get(), 0), "sd_bus_attach_event");
    }

    bus::BusPtr service_;
    bus::BusPtr client_;
};

}  // namespace patd::support
