// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/dbus/token_bus.h"

#include "common/bus/dict.h"
#include "daemon/dbus/token_dict.h"

namespace patd {
namespace {

using bus::kPlain;
using bus::kSensitive;

constinit const sd_bus_vtable kTokenVtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD_WITH_ARGS("Show", SD_BUS_NO_ARGS, SD_BUS_RESULT("a{sv}", token),
                            (bus::query<Access::Owner, &TokenBus::show>), kPlain),
    SD_BUS_METHOD_WITH_ARGS("Update", SD_BUS_ARGS("a{sv}", changes), SD_BUS_RESULT("o", operation),
                            (bus::query<Access::Owner, &TokenBus::update>), kSensitive),
    SD_BUS_METHOD_WITH_ARGS("Regenerate", SD_BUS_ARGS("a{sv}", options),
                            SD_BUS_RESULT("o", operation),
                            (bus::query<Access::Owner, &TokenBus::regenerate>), kSensitive),
    SD_BUS_METHOD_WITH_ARGS("Delete", SD_BUS_NO_ARGS, SD_BUS_RESULT("o", operation),
                            (bus::query<Access::Owner, &TokenBus::remove>), kSensitive),
    SD_BUS_VTABLE_END};

}  // namespace

const sd_bus_vtable* TokenBus::vtable() {
    return kTokenVtable;
}

void TokenBus::show(bus::Call call) {
    const std::optional<TokenId> id = TokenId::parse(call.object_name());
    if (!id)
        return call.fail(Errc::NotFound);
    const Uid uid = call.caller().uid;
    auto held = std::make_shared<bus::Call>(std::move(call));
    services_.context.accounts.find_name(uid, [this, held,
                                               id = *id](const Result<std::string>& account) {
        const Result<store::ListedToken> listed =
            account ? services_.tokens.show(held->caller(), *account, id) : account.error();
        if (!listed)
            return held->fail(listed.error());
        held->reply([&](sd_bus_message* reply) {
            const Context& context = services_.context;
            return describe(listed->token, listed->last_use, {context.clock.now(), soon(context)})
                .append_to(reply);
        });
    });
}

void TokenBus::begin(bus::Call call, const MakePlan& make_plan) {
    const std::optional<TokenId> id = TokenId::parse(call.object_name());
    if (!id)
        return call.fail(Errc::NotFound);
    find_unit(
        services_.context.units, std::move(call),
        [this, id = *id, make_plan](const Caller& caller, const std::shared_ptr<bus::Call>& held) {
            auto plan = std::make_shared<Result<Plan>>(make_plan(caller, id));
            if (!*plan)
                return held->fail(plan->error());
            services_.context.accounts.find_name(
                caller.uid, [this, held, plan](const Result<std::string>& account) {
                    if (!account)
                        return held->fail(account.error());
                    operations_.begin(std::move(*held), *account, std::move(*plan));
                });
        });
}

void TokenBus::update(bus::Call call) {
    const auto read = [&]() -> Result<TokenChange> {
        return parse_token_change(TRY(bus::Dict::read(call.message())), ChangeKeys::Update,
                                  services_.context.clock.now());
    };
    const Result<TokenChange> change = read();
    if (!change)
        return call.fail(change.error());
    begin(std::move(call), [this, change = *change](const Caller& caller, const TokenId& id) {
        return services_.tokens.update(caller, id, change);
    });
}

void TokenBus::regenerate(bus::Call call) {
    const auto read = [&]() -> Result<TokenChange> {
        return parse_token_change(TRY(bus::Dict::read(call.message())), ChangeKeys::Regenerate,
                                  services_.context.clock.now());
    };
    const Result<TokenChange> change = read();
    if (!change)
        return call.fail(change.error());
    begin(std::move(call), [this, change = *change](const Caller& caller, const TokenId& id) {
        return services_.tokens.regenerate(caller, id, change);
    });
}

void TokenBus::remove(bus::Call call) {
    begin(std::move(call), [this](const Caller& caller, const TokenId& id) {
        return services_.tokens.remove(caller, id);
    });
}

}  // namespace patd
