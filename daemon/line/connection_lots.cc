// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/line/connection_lots.h"

#include "common/base/limits.h"

#include <algorithm>

namespace patd {

using State = LineConnection::State;

std::size_t ConnectionLots::count_of(Uid lot) const {
    const auto found = lots_.find(lot);
    return found == lots_.end() ? 0 : found->second.count;
}

ConnectionLots::Room ConnectionLots::find_room(Uid lot, const Limits& limits) const {
    const auto waiting_one = [](const Lot& of) -> LineConnection* {
        if (!of.queue(State::Silent).empty())
            return of.queue(State::Silent).front();
        return of.queue(State::Idle).empty() ? nullptr : of.queue(State::Idle).front();
    };
    const std::size_t own = count_of(lot);
    if (own >= limits.of_lot) {
        LineConnection* gives_way = waiting_one(lots_.at(lot));
        return {gives_way, gives_way == nullptr};
    }
    if (count_ < limits.all)
        return {};
    const auto largest = std::max_element(
        lots_.begin(), lots_.end(),
        [](const auto& a, const auto& b) { return a.second.count < b.second.count; });
    if (largest == lots_.end() || largest->second.count <= own + 1)
        return {nullptr, true};
    LineConnection* gives_way = waiting_one(largest->second);
    return {gives_way != nullptr ? gives_way : largest->second.queue(State::Busy).front(), false};
}

void ConnectionLots::add(LineConnection& connection) {
    Lot& lot = lots_[connection.lot];
    Queue& queue = lot.queue(connection.state);
    connection.place = queue.insert(queue.end(), &connection);
    ++lot.count;
    ++count_;
}

void ConnectionLots::remove(LineConnection& connection) {
    const auto found = lots_.find(connection.lot);
    found->second.queue(connection.state).erase(connection.place);
    if (connection.parked)
        std::erase_if(found->second.parked, [&](const std::weak_ptr<LineConnection>& parked) {
            return parked.lock().get() == &connection;
        });
    --count_;
    if (--found->second.count == 0 && found->second.served == 0)
        lots_.erase(found);
}

void ConnectionLots::set_state(LineConnection& connection, State state) {
    Lot& lot = lots_.at(connection.lot);
    Queue& queue = lot.queue(state);
    queue.splice(queue.end(), lot.queue(connection.state), connection.place);
    connection.state = state;
}

bool ConnectionLots::begin_serving(Uid lot) {
    Lot& of = lots_[lot];
    if (of.served >= limits::kLineServedPerUser)
        return false;
    ++of.served;
    return true;
}

void ConnectionLots::end_serving(Uid lot) {
    const auto found = lots_.find(lot);
    if (--found->second.served == 0 && found->second.count == 0)
        lots_.erase(found);
}

void ConnectionLots::park(const std::shared_ptr<LineConnection>& connection) {
    connection->parked = true;
    lots_.at(connection->lot).parked.push_back(connection);
}

std::shared_ptr<LineConnection> ConnectionLots::take_parked(Uid lot) {
    const auto found = lots_.find(lot);
    if (found == lots_.end())
        return nullptr;
    std::deque<std::weak_ptr<LineConnection>>& parked = found->second.parked;
    while (!parked.empty()) {
        std::shared_ptr<LineConnection> next = parked.front().lock();
        parked.pop_front();
        if (next && next->socket) {
            next->parked = false;
            return next;
        }
    }
    return nullptr;
}

}  // namespace patd
