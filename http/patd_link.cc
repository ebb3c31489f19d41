// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "http/patd_link.h"

#include "common/base/http_limits.h"
#include "common/base/unix_socket.h"
#include "common/line/line_client.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>
#include <vector>

namespace patd::web {
namespace {

bool is_later(int number) {
    return number == EINTR || number == EAGAIN;
}

}  // namespace

PatdLink::PatdLink(bus::EventLoop& loop, Sockets& sockets, std::string path)
    : loop_(loop),
      sockets_(sockets),
      path_(std::move(path)),
      asked_(limits::kHttpAskedBytes),
      received_(2 * limits::kLineReplyBytes) {
    sockets_.at_end_of_round([this] { flush(); });
}

Result<void> PatdLink::ask(std::span<const line::Attribute> question, Answer answer) {
    const std::size_t before = asked_.size();
    line::LineWriter writer(asked_);
    Result<void> written;
    for (const line::Attribute& attribute : question) {
        if (written)
            written = writer.add(attribute.key, attribute.value);
    }
    if (written)
        written = writer.finish();
    if (!written) {
        asked_.drop_last(asked_.size() - before);
        return written;
    }
    const Time deadline = std::chrono::steady_clock::now() + limits::kHttpPatdDeadline;
    waiting_.push_back({asked_.size() - before, deadline, std::move(answer)});
    if (!is_ticking_) {
        is_ticking_ = true;
        timer_ = loop_.after(limits::kHttpPatdRetry, [this] { tick(); });
    }
    if (!sockets_.is_in_round())
        flush();
    return {};
}

void PatdLink::flush() {
    if (sent_ < asked_.size() && (socket_ || connect()))
        send_more();
}

// A full queue of patd's gives EAGAIN, and the next tick tries again.
bool PatdLink::connect() {
    Result<UniqueFd> socket = connect_unix(path_, SOCK_NONBLOCK);
    if (!socket || !line::LineClient::check_peer(socket->get(), path_.c_str()))
        return false;
    socket_ = std::move(*socket);
    sent_ = 0;
    return true;
}

void PatdLink::disconnect() {
    watch_ = {};
    watched_ = 0;
    socket_.reset();
    sent_ = 0;
    received_.wipe();
}

void PatdLink::watch(std::uint32_t events) {
    if (watched_ == events)
        return;
    watched_ = events;
    if (watch_)
        watch_.change(events);
    else
        watch_ =
            sockets_.watch(socket_.get(), events, [this](std::uint32_t ready) { on_ready(ready); });
}

void PatdLink::on_ready(std::uint32_t events) {
    if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
        receive();
    if (socket_ && (events & EPOLLOUT) != 0)
        send_more();
}

void PatdLink::send_more() {
    while (sent_ < asked_.size()) {
        const std::span<const char> rest = asked_.reveal().subspan(sent_);
        const ssize_t count =
            ::send(socket_.get(), rest.data(), rest.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0 && !is_later(errno))
            return disconnect();  // the next tick asks again
        if (count < 0)
            break;
        sent_ += static_cast<std::size_t>(count);
    }
    watch(sent_ < asked_.size() ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

void PatdLink::receive() {
    const std::span<char> room = received_.free_space();
    const ssize_t count = ::recv(socket_.get(), room.data(), room.size(), MSG_DONTWAIT);
    if (count < 0 && is_later(errno))
        return;
    if (count > 0)
        received_.grow(static_cast<std::size_t>(count));
    if (count <= 0 || !take_replies())
        disconnect();
}

bool PatdLink::take_replies() {
    while (!received_.empty()) {
        std::size_t consumed = 0;
        const Result<bool> is_whole = reply_.read(received_.reveal(), false, consumed);
        if (!is_whole || (!*is_whole && received_.size() >= limits::kLineReplyBytes))
            return false;
        if (!*is_whole)
            return true;
        if (waiting_.empty() || waiting_.front().bytes > sent_)
            return false;  // an answer to nothing
        const Waiting done = std::move(waiting_.front());
        waiting_.pop_front();
        asked_.consume(done.bytes);
        sent_ -= done.bytes;
        done.answer(&reply_);
        received_.consume(consumed);
    }
    return true;
}

void PatdLink::fail_late(Time now) {
    if (waiting_.empty() || waiting_.front().deadline > now)
        return;
    // Its reply may still come, and would be taken for the next one's.
    disconnect();
    std::vector<Answer> late;
    while (!waiting_.empty() && waiting_.front().deadline <= now) {
        asked_.consume(waiting_.front().bytes);
        late.push_back(std::move(waiting_.front().answer));
        waiting_.pop_front();
    }
    for (const Answer& answer : late)  // each may ask the next question
        answer(nullptr);
}

void PatdLink::tick() {
    is_ticking_ = false;
    fail_late(std::chrono::steady_clock::now());
    if (waiting_.empty())
        return;
    flush();
    is_ticking_ = true;
    timer_ = loop_.after(limits::kHttpPatdRetry, [this] { tick(); });
}

}  // namespace patd::web
