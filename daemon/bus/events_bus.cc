// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/bus/events_bus.h"

#include "common/base/limits.h"
#include "common/token/visible_text.h"
#include "daemon/bus/long_reply.h"

#include <systemd/sd-bus.h>

#include <algorithm>

namespace patd {
namespace {

constexpr std::uint32_t kEvents = 100;  // unless told

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
    // What a service said of itself; it must not keep the owner from seeing the rest.
    dict.set("where", make_visible(event.where));
    dict.set("unit", event.unit);
    dict.set("count", event.count);
    return dict;
}

}  // namespace

void answer_events(bus::Call call, const Context& context, EventScope scope) {
    const Result<store::EventQuery> query = read_query(call.message(), call.caller(), scope);
    if (!query)
        return call.fail(query.error());
    auto held = std::make_shared<bus::Call>(std::move(call));
    using Events = std::vector<store::Event>;
    bus::run(
        context.writer, [&log = context.audit_log, query = *query] { return log.list(query); },
        [held, &turns = context.turns](Result<Events> events) {
            if (!events)
                return held->fail(events.error());
            answer_dicts(turns, held, std::make_shared<const Events>(std::move(*events)),
                         [](const store::Event& event) { return describe(event); });
        });
}

}  // namespace patd
