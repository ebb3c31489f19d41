// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/limits.h"
#include "common/base/result.h"
#include "common/base/secret_buffer.h"
#include "common/base/unique_fd.h"

#include <sys/un.h>

#include <chrono>

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
    using Milliseconds = std::chrono::milliseconds;

    // Connects and checks the peer before anything is sent. `deadline` covers this and all
    // exchanges together. Errors: Unavailable (nobody listens, or not in time), InsecurePeer.
    static Result<LineClient> connect(const char* path,
                                      Milliseconds deadline = limits::kClientDeadline);

    // Sends one framed request and reads its reply: the bytes of exactly one message, at most
    // kLineReplyBytes, for LineMessage to parse. A daemon that runs out of room closes connections
    // without an answer, idle ones first; the request then goes over a new connection, until the
    // deadline. Errors: Unavailable (closed, or not in time), MalformedRequest (a reply that breaks
    // the format).
    Result<SecretBuffer> exchange(const SecretBuffer& request);
    // The same in one buffer, with a capacity of at least kLineReplyBytes: the request is sent and
    // wiped, the reply takes its place. Saves a short-lived process the second buffer.
    Result<void> exchange_in_place(SecretBuffer& buffer);

  private:
    using Clock = std::chrono::steady_clock;

    LineClient(UniqueFd socket, const sockaddr_un& address, Clock::time_point deadline)
        : socket_(std::move(socket)), address_(address), deadline_(deadline) {}

    Result<void> wait_for(short events) const;
    Result<void> send(std::span<const char> bytes) const;
    // Sends the request until there is something to read, over new connections if necessary.
    Result<void> ask(std::span<const char> request);
    Result<void> receive(SecretBuffer& reply) const;

    UniqueFd socket_;
    sockaddr_un address_;
    Clock::time_point deadline_;
};

}  // namespace patd::line
