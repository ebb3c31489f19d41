// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/dbus/events_bus.h"

#include "common/base/limits.h"
#include "common/token/visible_text.h"
#include "daemon/dbus/long_reply.h"

#include <systemd/sd-bus.h>

#include <algorithm>

namespace patd {
namespace {

constexpr std::uint32_t kEvents = 100;  // by default

Result<store::EventQuery> read_query(sd_bus_message* message, const Caller& caller,
                                     EventScope scope) {
    bus::Dict options = TRY(bus::Dict::read(message));
    store::EventQuery query;
    query.owner = caller.uid;
    if (scope == EventScope::All) {
        const auto uid = TRY(options.take<std::uint32_t>("uid"));
        query.owner = uid ? std::optional(Uid(*uid)) : std::nullopt;
    }
    if (const auto text = TRY(options.take<std::string>("token"))) {
        query.token = TokenId::parse(*text);
        if (!query.token)
            return Errc::NotFound;
    }
    query.unit = TRY(options.take<std::string>("unit"));
    query.since = TRY(options.take<std::int64_t>("since")).value_or(query.since);
    query.until = TRY(options.take<std::int64_t>("until")).value_or(query.until);
    query.limit = std::min<std::size_t>(TRY(options.take<std::uint32_t>("limit")).value_or(kEvents),
                                        limits::kEventsPerReply);
    TRY(options.expect_empty());
    return query;
}

bus::Dict describe(const store::Event& event) {
    bus::Dict dict;
    dict.set("at", event.at);
    dict.set("owner", event.owner.value());
    dict.set("event", event.event);
    dict.set("token", event.token ? event.token->text() : std::string());
    dict.set("outcome", event.outcome);
    dict.set("by", event.by.value());
    // A service's words about itself; they must not keep the owner from seeing the rest.
    dict.set("where", make_visible(event.where));
    dict.set("unit", event.unit);
    dict.set("count", event.count);
    return dict;
}

// An answer that is built while the log is read.
struct Listing {
    store::EventWalk walk;
    std::vector<store::Event> events{};  // read, and partly appended
    std::size_t appended = 0;
    bool is_open = false;

    // One step: reads some rows, or appends some of those that were read.
    Result<bool> append_some(LongReply& reply) {
        if (!is_open)
            TRY(reply.open("a{sv}"));
        is_open = true;
        if (appended == events.size()) {
            if (walk.ended()) {
                TRY(reply.close());
                return false;
            }
            events = TRY(walk.next());
            appended = 0;
            return true;
        }
        for (std::size_t i = 0; i < limits::kDictsPerStep && appended < events.size(); ++i)
            TRY(reply.append(describe(events[appended++])));
        return true;
    }
};

}  // namespace

void answer_events(bus::Call call, const Context& context, EventScope scope) {
    Result<store::EventQuery> query = read_query(call.message(), call.caller(), scope);
    if (!query)
        return call.fail(query.error());
    const auto listing =
        std::make_shared<Listing>(Listing{context.audit_log.walk(std::move(*query))});
    answer_in_steps(context.turns, std::make_shared<bus::Call>(std::move(call)),
                    [listing](LongReply& reply) { return listing->append_some(reply); });
}

}  // namespace patd
