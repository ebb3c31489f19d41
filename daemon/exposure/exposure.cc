// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/exposure/exposure.h"

#include "daemon/line/line_reply.h"
#include "daemon/line/request_place.h"

#include <algorithm>

namespace patd {
namespace {

constexpr UnixTime kSecondsPerMinute = 60;

void answer_empty(SecretBuffer& reply) {
    (void)line::LineWriter(reply).finish();
}

}  // namespace

Result<std::unique_ptr<Exposure>> Exposure::create(const Parts& parts, Terms terms,
                                                   UniqueFd listener) {
    std::unique_ptr<Exposure> exposure(new Exposure(parts, std::move(terms)));
    exposure->server_ = TRY(LineServer::create(
        {parts.loop, *exposure, parts.context.clock, parts.context.turns, exposure->terms_.owner},
        UniqueFd()));
    exposure->server_->set_limits(
        {limits::kExposureConnections, limits::kExposureConnections, limits::kExposureConnections});
    exposure->acceptor_ = std::make_unique<Acceptor>(
        parts.loop, std::move(listener),
        Acceptor::Callbacks{[server = exposure->server_.get()](UniqueFd socket) {
                                server->add_connection(std::move(socket));
                            },
                            [closed = &exposure->closed_] { *closed = true; }});
    return exposure;
}

UnixTime Exposure::expires() const {
    const auto left = terms_.ends - parts_.context.clock.since_boot();
    return parts_.context.clock.now() +
           std::chrono::duration_cast<std::chrono::seconds>(left).count();
}

std::string_view Exposure::end_reason() {
    if (closed_)
        return "closed";
    if (parts_.context.clock.since_boot() >= terms_.ends)
        return "expired";
    const bool has_token = std::any_of(terms_.only.begin(), terms_.only.end(), [&](const auto& id) {
        const Result<store::StoredTokenPtr> found = parts_.context.store.find(id);
        // A record that cannot be read now may still exist.
        return !found || (*found && (*found)->token.owner == terms_.owner);
    });
    return has_token ? "" : "gone";
}

Result<void> Exposure::admit() {
    if (!end_reason().empty())
        return Errc::Unavailable;
    const UnixTime minute = parts_.context.clock.now() / kSecondsPerMinute;
    if (minute != minute_)
        asked_ = 0;
    minute_ = minute;
    if (++asked_ > limits::kExposureRequestsPerMinute)
        return Errc::LimitExceeded;
    return {};
}

Result<void> Exposure::note(const Caller& caller, const line::LineMessage& request) {
    const Result<ReleaseRequest> place = read_place(request);
    if (!place || request.get("patd") != "1")
        return Errc::MalformedRequest;
    return parts_.context.auditor.record(caller, terms_.owner, std::nullopt,
                                         std::string(request.get("op")), "noted",
                                         "exposed " + terms_.id + " " + place->origin.text());
}

void Exposure::handle(const Caller& peer, const line::LineMessage& request, SecretBuffer& reply,
                      std::function<void()> done) {
    const auto acting = std::make_shared<Caller>(peer);
    acting->uid = terms_.owner;
    const auto refuse = [&](Errc why) {
        write_error(reply, why, why == Errc::AccessDenied ? Quit::No : Quit::Yes);
        done();
    };
    if (const Result<void> admitted = admit(); !admitted)
        return refuse(admitted.error().code);
    const std::string_view verb = request.get("op");
    if (verb == "store" || verb == "erase") {
        const bool is_nothing = is_for_others(request) || has_token_as_username(request);
        const Result<void> noted = is_nothing ? Result<void>() : note(*acting, request);
        if (!noted)
            return refuse(noted.error().code);
        answer_empty(reply);
        return done();
    }
    if (verb != "get" && verb != "capability")
        return refuse(Errc::AccessDenied);
    parts_.verbs.answer({*acting, request, reply,
                         [alive = std::weak_ptr(alive_), acting, done = std::move(done)] {
                             if (!alive.expired())
                                 done();
                         },
                         Exposed{terms_.id, terms_.only, expires()}});
}

}  // namespace patd
