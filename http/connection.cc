// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "http/connection.h"

#include "common/base/http_limits.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <utility>

namespace patd::web {
namespace {

constexpr std::size_t kInputBytes = limits::kHttpHeaderBytes + limits::kHttpBodyBytes;
// What is decoded is never longer than it was; and a response's body.
constexpr std::size_t kScratchBytes = kInputBytes + limits::kLineReplyBytes;
// A response of each request in a row, and one with all that patd says.
constexpr std::size_t kOutputBytes = 2 * limits::kLineReplyBytes + 512 * limits::kHttpAnswersInARow;

bool may_be_later(int number) {
    return number == EINTR || number == EAGAIN;
}

}  // namespace

Room::Room() : input(kInputBytes), scratch(kScratchBytes), output(kOutputBytes) {}

std::unique_ptr<Room> Rooms::take() {
    if (kept_.empty())
        return std::make_unique<Room>();
    std::unique_ptr<Room> room = std::move(kept_.back());
    kept_.pop_back();
    return room;
}

void Rooms::give_back(std::unique_ptr<Room> room) {
    if (!room || kept_.size() >= limits::kHttpRoomsKept)
        return;
    room->input.wipe();
    room->scratch.wipe();
    room->output.wipe();
    kept_.push_back(std::move(room));
}

Connection::Connection(const Parts& parts, UniqueFd socket, WebPeer peer)
    : parts_(parts),
      socket_(std::move(socket)),
      peer_(std::move(peer)),
      since_(std::chrono::steady_clock::now()) {
    watch();
}

Connection::~Connection() {
    parts_.rooms.give_back(std::move(room_));
}

void Connection::close() {
    watch_ = {};
    soon_ = {};
    watched_ = 0;
    socket_.reset();
    phase_ = Phase::Gone;
}

void Connection::finish() {
    is_last_ = true;
    if (is_idle())
        close();
}

void Connection::check_time(Time now) {
    if (phase_ == Phase::Gone || visit_)  // patd has its own deadline
        return;
    const auto lasted = now - since_;
    if (phase_ == Phase::Lingering)
        return lasted > limits::kHttpLinger ? close() : void();
    if (!room_)
        return lasted > limits::kHttpIdle ? close() : void();
    if (!room_->output.empty())
        return lasted > limits::kHttpUnread ? close() : void();
    if (lasted > limits::kHttpRequestDeadline)
        refuse(Status::RequestTimeout);
}

// Reads while there is room; writes while something is left to write, and then reads nothing.
void Connection::watch() {
    if (phase_ == Phase::Gone)
        return;
    std::uint32_t events = EPOLLIN;
    if (room_ && !room_->output.empty())
        events = EPOLLOUT;
    else if (is_ended_ || (room_ && room_->input.free_space().empty()))
        events = 0;
    if (events == watched_)
        return;
    watched_ = events;
    if (events == 0)
        watch_ = {};
    else if (watch_)
        watch_.change(events);
    else
        watch_ = parts_.sockets.watch(socket_.get(), events, [this](std::uint32_t) { on_ready(); });
}

void Connection::on_ready() {
    if ((watched_ & EPOLLOUT) != 0) {
        send_more();
        if (phase_ == Phase::Reading && room_ && room_->output.empty())
            advance();
        return watch();
    }
    if (phase_ == Phase::Lingering)
        drop_input();
    else
        receive();
    watch();
}

void Connection::receive() {
    if (!room_) {
        room_ = parts_.rooms.take();
        since_ = std::chrono::steady_clock::now();
    }
    const std::span<char> space = room_->input.free_space();
    const ssize_t count = ::recv(socket_.get(), space.data(), space.size(), MSG_DONTWAIT);
    if (count < 0 && may_be_later(errno))
        return;
    if (count > 0)
        room_->input.grow(static_cast<std::size_t>(count));
    else
        is_ended_ = true;
    if (!visit_)
        advance();
}

void Connection::drop_input() {
    std::array<char, 4096> dropped;
    const ssize_t count = ::recv(socket_.get(), dropped.data(), dropped.size(), MSG_DONTWAIT);
    if (count > 0)
        wipe(std::span<char>(dropped).first(static_cast<std::size_t>(count)));
    else if (count == 0 || !may_be_later(errno))
        close();
}

void Connection::advance() {
    is_advancing_ = true;
    std::size_t answered = 0;
    while (phase_ == Phase::Reading && !visit_ && room_ && room_->output.empty() &&
           answered < limits::kHttpAnswersInARow && advance_once())
        ++answered;
    is_advancing_ = false;
    if (phase_ != Phase::Reading || visit_ || !room_ || !room_->output.empty())
        return;
    if (answered == limits::kHttpAnswersInARow)
        soon_ = parts_.loop.soon([this] {
            advance();
            watch();
        });
    else if (is_ended_)  // nothing that could still become a request
        close();
    else if (room_->input.empty())
        parts_.rooms.give_back(std::move(room_));
}

bool Connection::advance_once() {
    switch (reader_.read(room_->input.reveal())) {
        case RequestReader::State::Incomplete:
            return false;
        case RequestReader::State::WantsContinue:
            (void)room_->output.append(std::string_view("HTTP/1.1 100 Continue\r\n\r\n"));
            send_more();
            return true;
        case RequestReader::State::Refused:
            refuse(reader_.refusal());
            return true;
        case RequestReader::State::Whole:
            begin();
            return true;
    }
    return false;
}

void Connection::begin() {
    is_last_ = is_last_ || !reader_.request().keep_alive;
    visit_.emplace(Visit{reader_.request(), peer_, room_->scratch,
                         [this](const Response& response) { respond(response); }});
    parts_.endpoints.handle(*visit_);
}

void Connection::respond(const Response& response) {
    if (phase_ != Phase::Gone)
        put(response, !is_last_);
    room_->scratch.wipe();
    room_->input.consume(reader_.request().bytes);
    reader_.reset();
    visit_.reset();
    since_ = std::chrono::steady_clock::now();
    if (phase_ == Phase::Gone)
        return;
    send_more();
    if (!is_advancing_) {
        advance();
        watch();
    }
}

void Connection::refuse(Status status) {
    is_last_ = true;
    put({status}, false);
    room_->input.wipe();
    since_ = std::chrono::steady_clock::now();
    send_more();
    watch();
}

void Connection::put(const Response& response, bool keep_alive) {
    if (!write_response(room_->output, response, keep_alive, parts_.rooms.date()))
        close();
}

void Connection::send_more() {
    if (phase_ == Phase::Gone)
        return;
    while (sent_ < room_->output.size()) {
        const std::span<const char> rest = room_->output.reveal().subspan(sent_);
        const ssize_t count =
            ::send(socket_.get(), rest.data(), rest.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0 && !may_be_later(errno))
            return close();
        if (count < 0)
            return;
        sent_ += static_cast<std::size_t>(count);
    }
    room_->output.wipe();
    sent_ = 0;
    if (is_last_ && !visit_)
        linger();
}

// Closing with input unread would take the response back.
void Connection::linger() {
    (void)::shutdown(socket_.get(), SHUT_WR);
    if (is_ended_)
        return close();
    phase_ = Phase::Lingering;
    parts_.rooms.give_back(std::move(room_));
    since_ = std::chrono::steady_clock::now();
}

}  // namespace patd::web
