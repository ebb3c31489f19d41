// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// The part of LineServer that sends replies.
#include "common/base/limits.h"
#include "daemon/line/line_server.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace patd {
namespace {

// Appends to what is still unsent: at most one late answer, since nothing more is served meanwhile.
// False: the connection is ending, so nothing is kept.
bool keep_unsent(LineConnection& connection, std::span<const char> first,
                 std::span<const char> last) {
    if (first.empty() && last.empty())
        return true;
    if (connection.ending)
        return false;
    SecretBuffer unsent(connection.unsent.size() + first.size() + last.size());
    const bool kept =
        unsent.append(connection.unsent.reveal()) && unsent.append(first) && unsent.append(last);
    connection.unsent = std::move(unsent);
    return kept;
}

}  // namespace

bool LineServer::gather_reply(const ConnectionPtr& connection) {
    if (gathering_ != connection.get() || connection->ending || !connection->has_unread())
        return false;
    if (gathered_.capacity() == 0)
        gathered_ = SecretBuffer(limits::kLinePipelineBytes);
    if (!gathered_.append(connection->buffers.reply.reveal()))
        return false;
    connection->buffers.reply.wipe();
    return true;
}

void LineServer::send_reply(const ConnectionPtr& connection) {
    send_gathered(connection, connection->buffers.reply.reveal());
    connection->buffers.reply.wipe();
}

void LineServer::send_gathered(const ConnectionPtr& connection, std::span<const char> last) {
    std::span<const char> first;
    if (gathering_ == connection.get())
        first = gathered_.reveal();
    // sendmsg(2) does not write into what it sends.
    std::array<iovec, 2> parts{{{const_cast<char*>(first.data()), first.size()},
                                {const_cast<char*>(last.data()), last.size()}}};
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    // Nothing overtakes what is unsent.
    const ssize_t sent = connection->is_blocked() ? 0
                                                  : sendmsg(connection->socket.get(), &message,
                                                            MSG_DONTWAIT | MSG_NOSIGNAL);
    connection->since = parts_.clock.since_boot();
    const std::size_t taken = sent > 0 ? static_cast<std::size_t>(sent) : 0;
    const bool is_alive = sent >= 0 || errno == EAGAIN || errno == EINTR;
    const std::size_t of_first = std::min(taken, first.size());
    const bool goes_on = is_alive && keep_unsent(*connection, first.subspan(of_first),
                                                 last.subspan(taken - of_first));
    if (!first.empty())
        gathered_.wipe();
    if (!goes_on)
        close(connection);
}

void LineServer::send_unsent(const ConnectionPtr& connection) {
    const std::span<const char> bytes = connection->unsent.reveal();
    const ssize_t sent =
        send(connection->socket.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR)
        return close(connection);
    if (sent <= 0)
        return;
    connection->since = parts_.clock.since_boot();
    connection->unsent.consume(static_cast<std::size_t>(sent));
    if (connection->is_blocked())
        return;
    connection->unsent = SecretBuffer();
    serve_next(connection);
}

}  // namespace patd
