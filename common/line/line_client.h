// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/limits.h"
#include "common/base/result.h"
#include "common/base/secret_buffer.h"
#include "common/base/unique_fd.h"

#include <sys/un.h>

#include <chrono>
#include <cstddef>
#include <span>

namespace patd::line {

// The client's end of the line socket (docs/line-protocol.md), for git-credential-pat, pam_pat.so
// and patctl: no globals, no NSS, no threads, no library but libc. Thread rule: one at a time.
//
// Who is at the other end: SO_PEERCRED of a connected client names the process that called
// listen(2): root if systemd passed the socket to patd, patd if patd made it. A static binary
// cannot ask NSS who `patd` is, and need not: it accepts the peer if its uid is 0, or owns the
// directory that holds the socket. /run belongs to root, so only root (tmpfiles.d) makes /run/patd
// and decides who owns it; nobody else can put their own directory there. Somebody who may write
// into that directory, but does not own it, is refused. So `path` must be a compile-time constant
// below directories of root, and never come from the environment.
class LineClient {
  public:
    // Whether the right process listens at `path`, to which `socket` is connected: for clients that
    // do not wait, and so have a connection of their own. InsecurePeer, Unavailable.
    static Result<void> check_peer(int socket, const char* path);

    using Milliseconds = std::chrono::milliseconds;

    // Connects and checks the peer before anything is sent. `deadline` covers this and all
    // exchanges together. Errors: Unavailable (nobody listens, or not in time), InsecurePeer.
    static Result<LineClient> connect(const char* path,
                                      Milliseconds deadline = limits::kClientDeadline);
    // The same to the first of `paths` that takes it. `found`: its number, on success.
    static Result<LineClient> connect_to_first(std::span<const char* const> paths,
                                               std::size_t& found,
                                               Milliseconds deadline = limits::kClientDeadline);

    // Sends one framed request and reads its reply: the bytes of exactly one message, at most
    // kLineReplyBytes, for LineMessage to parse. A daemon that runs out of room closes connections
    // without an answer, idle ones first; the request then goes over a new connection, until the
    // deadline. Errors: Unavailable (closed, or not in time), MalformedRequest (a reply that breaks
    // the format).
    Result<SecretBuffer> exchange(const SecretBuffer& request);
    // The same in one buffer, with a capacity of at least kLineReplyBytes and room for a byte after
    // the request: the request is sent and wiped, the reply takes its place. Saves a short-lived
    // process the second buffer.
    Result<void> exchange_in_place(SecretBuffer& buffer);

  private:
    using Clock = std::chrono::steady_clock;

    LineClient(UniqueFd socket, const sockaddr_un& address, Clock::time_point deadline)
        : socket_(std::move(socket)), address_(address), deadline_(deadline) {}

    Result<void> wait_for(short events) const;
    Result<void> send(std::span<const char> bytes) const;
    // Sends the request, over new connections if necessary, until a reply begins in `room`; how
    // many bytes of it there are.
    Result<std::size_t> ask(std::span<const char> request, std::span<char> room);
    // How many bytes came; 0 when the connection is closed.
    Result<std::size_t> receive_some(std::span<char> room) const;
    // Receives the rest.
    Result<void> complete(SecretBuffer& reply) const;

    UniqueFd socket_;
    sockaddr_un address_;
    Clock::time_point deadline_;
};

}  // namespace patd::line
