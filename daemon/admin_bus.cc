// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/admin_bus.h"

#include "common/bus/dict.h"
#include "daemon/events_bus.h"

namespace patd {
namespace {

constexpr std::uint64_t kPlain = SD_BUS_VTABLE_UNPRIVILEGED;

constinit const sd_bus_vtable kAdminVtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD_WITH_ARGS("List", SD_BUS_ARGS("u", uid), SD_BUS_RESULT("a(oa{sv})", tokens),
                            (bus::method<Access::Root, &AdminBus::list>), kPlain),
    SD_BUS_METHOD_WITH_ARGS("Revoke", SD_BUS_ARGS("u", uid, "s", id), SD_BUS_NO_RESULT,
                            (bus::method<Access::Root, &AdminBus::revoke>), kPlain),
    SD_BUS_METHOD_WITH_ARGS("ListEvents", SD_BUS_ARGS("a{sv}", options),
                            SD_BUS_RESULT("aa{sv}", events),
                            (bus::method<Access::Root, &AdminBus::list_events>), kPlain),
    SD_BUS_VTABLE_END};

Result<Uid> read_uid(sd_bus_message* message) {
    std::uint32_t uid{};
    if (sd_bus_message_read_basic(message, 'u', &uid) <= 0)
        return Errc::MalformedRequest;
    return Uid(uid);
}

}  // namespace

const sd_bus_vtable* AdminBus::vtable() {
    return kAdminVtable;
}

void AdminBus::list(bus::Call call) {
    const Result<Uid> owner = read_uid(call.message());
    if (!owner)
        return call.fail(owner.error());
    const auto tokens = services_.tokens.list(*owner);
    if (!tokens)
        return call.fail(tokens.error());
    call.reply([&](sd_bus_message* reply) {
        return append_tokens(reply, *tokens, services_.context.clock.now());
    });
}

void AdminBus::revoke(bus::Call call) {
    const Result<Uid> owner = read_uid(call.message());
    const Result<std::string> text = bus::read_string(call.message());
    const std::optional<TokenId> id = text ? TokenId::parse(*text) : std::nullopt;
    if (!owner || !id)
        return call.fail(Errc::NotFound);
    const Caller caller = call.caller();
    auto held = std::make_shared<bus::Call>(std::move(call));
    services_.tokens.revoke(caller, *owner, *id, [held](const Result<void>& revoked) {
        if (!revoked)
            return held->fail(revoked.error());
        held->reply();
    });
}

void AdminBus::list_events(bus::Call call) {
    answer_events(std::move(call), services_.context, EventScope::All);
}

}  // namespace patd
