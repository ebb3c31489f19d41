// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/secret_buffer.h"
#include "common/base/unique_fd.h"
#include "common/bus/event_loop.h"
#include "http/endpoints.h"
#include "http/request_reader.h"
#include "http/sockets.h"
#include "http/visit.h"

#include <chrono>
#include <cstdint>
#include <ctime>
#include <memory>
#include <optional>
#include <vector>

namespace patd::web {

// What a connection needs while a request of it is on its way.
struct Room {
    Room();

    SecretBuffer input;    // what came and was not answered
    SecretBuffer scratch;  // of the request under way
    SecretBuffer output;   // what was answered and not sent
};

// What connections share. Rooms are mapped memory, and most are silent at any moment.
class Rooms {
  public:
    std::unique_ptr<Room> take();
    void give_back(std::unique_ptr<Room> room);  // wiped
    std::string_view date() { return date_.at(std::time(nullptr)); }

  private:
    DateText date_;
    std::vector<std::unique_ptr<Room>> kept_;
};

// One connection: reads requests, one at a time and in order, and writes their responses. Requests
// that a client sends ahead wait in its buffer and then in the kernel's. Thread rule: the loop's
// thread.
class Connection {
  public:
    using Time = std::chrono::steady_clock::time_point;
    // All of it must outlive the connection.
    struct Parts {
        bus::EventLoop& loop;
        Sockets& sockets;
        Endpoints& endpoints;
        Rooms& rooms;
    };

    Connection(const Parts& parts, UniqueFd socket, WebPeer peer);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    const WebPeer& peer() const { return peer_; }
    // Nothing of it is under way or half there.
    bool is_idle() const { return !room_ && phase_ == Phase::Reading; }
    // Its end may be removed: closed, and no answer of patd is still to come for it.
    bool is_gone() const { return phase_ == Phase::Gone && !visit_; }
    Time since() const { return since_; }

    // Ends what has lasted too long.
    void check_time(Time now);
    // Ends it, at once if it is idle, else after the response that is under way.
    void finish();
    void close();

  private:
    enum class Phase { Reading, Lingering, Gone };

    void on_ready();
    void receive();
    void drop_input();
    // Answers what is whole, some of it at a time.
    void advance();
    // Whether a request was read or refused; else more must come.
    bool advance_once();
    void begin();
    void respond(const Response& response);
    void refuse(Status status);
    void put(const Response& response, bool keep_alive);
    void send_more();
    void linger();
    void watch();

    const Parts parts_;
    UniqueFd socket_;
    const WebPeer peer_;
    Sockets::Watch watch_;
    bus::EventLoop::Source soon_;
    std::uint32_t watched_ = 0;
    std::unique_ptr<Room> room_;
    RequestReader reader_;
    std::optional<Visit> visit_;  // while its request is with the endpoints
    Phase phase_ = Phase::Reading;
    bool is_ended_ = false;      // the peer sends nothing more
    bool is_last_ = false;       // the response under way is the last one
    bool is_advancing_ = false;  // responses that come at once do not begin the next request
    std::size_t sent_ = 0;       // of the room's output
    Time since_;                 // when the phase, the request or the response began
};

}  // namespace patd::web
