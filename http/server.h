// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"
#include "common/base/unique_fd.h"
#include "common/bus/event_loop.h"
#include "http/connection.h"
#include "http/endpoints.h"
#include "http/http_settings.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace patd::web {

// Lets connections in, and sees to it that none takes the room or the time of others
// (common/base/http_limits.h). Thread rule: the loop's thread.
class Server {
  public:
    // All of these must outlive it.
    Server(bus::EventLoop& loop, Sockets& sockets, const HttpSettings& settings,
           Endpoints& endpoints);

    // Serves a listening stream socket: a UNIX one, or TCP on the loopback; on another address only
    // where the settings say that TLS stands in front. Unavailable, if it is none of these.
    Result<void> listen(UniqueFd listener);
    // Accepts nobody any more, and calls `done` when nothing is under way, or after kHttpWindDown.
    void wind_down(std::function<void()> done);

    std::size_t connections() const { return connections_.size(); }

  private:
    struct Listener {
        UniqueFd socket;
        bus::EventLoop::Source source;
    };

    void accept_some(int listener);
    void pause_accepting();
    void watch_listeners();
    void add(UniqueFd socket);
    using Group = std::function<bool(const WebPeer&)>;

    // Makes room if that many connections are of the group: closes the one of it that has been
    // silent longest. False if each of them is in the middle of something.
    bool make_room(std::size_t most, const Group& group);
    void sweep();
    void remove_closed();
    void end_if_idle();

    bus::EventLoop& loop_;
    Sockets& sockets_;
    const HttpSettings& settings_;
    Endpoints& endpoints_;
    Rooms rooms_;
    std::vector<Listener> listeners_;
    std::map<std::uint64_t, std::unique_ptr<Connection>> connections_;  // in order of arrival
    std::uint64_t next_ = 0;
    bus::EventLoop::Source again_;
    bus::EventLoop::Source sweeper_;
    bus::EventLoop::Source winding_down_;
    bool is_sweeping_ = false;
    std::function<void()> on_idle_;
};

}  // namespace patd::web
