// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/dbus/operation_bus.h"

#include "common/base/names.h"
#include "common/bus/dict.h"

namespace patd {
namespace {

using bus::kSensitive;

constinit const sd_bus_vtable kOperationVtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD_WITH_ARGS("Next", SD_BUS_NO_ARGS, SD_BUS_RESULT("s", kind, "s", text, "h", sink),
                            (bus::method<Access::Holder, &OperationBus::next>), kSensitive),
    SD_BUS_METHOD_WITH_ARGS("Commit", SD_BUS_ARGS("h", sink), SD_BUS_RESULT("a{sv}", result),
                            (bus::method<Access::Holder, &OperationBus::commit>), kSensitive),
    SD_BUS_METHOD_WITH_ARGS("Acknowledge", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT,
                            (bus::method<Access::Holder, &OperationBus::acknowledge>), kSensitive),
    SD_BUS_METHOD_WITH_ARGS("Cancel", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT,
                            (bus::method<Access::Holder, &OperationBus::cancel>), kSensitive),
    SD_BUS_VTABLE_END};

// A Call in a callback that must be copyable.
std::shared_ptr<bus::Call> share(bus::Call call) {
    return std::make_shared<bus::Call>(std::move(call));
}

}  // namespace

const sd_bus_vtable* OperationBus::vtable() {
    return kOperationVtable;
}

void OperationBus::begin(bus::Call call, const std::string& user, Result<Plan> plan) {
    if (!plan)
        return call.fail(plan.error());
    if (!plan->owner_name.empty() && plan->owner_name != user)
        return call.fail(Errc::NotFound);
    const Result<std::string> name = operations_.begin(call.caller(), user, std::move(*plan));
    if (!name)
        return call.fail(name.error());
    call.reply([&](sd_bus_message* reply) {
        const std::string path = std::string(names::kOperationPrefix) + "/" + *name;
        return bus::check(sd_bus_message_append(reply, "o", path.c_str()), "append path");
    });
}

void OperationBus::next(bus::Call call) {
    const Result<Operation*> operation = operations_.find(call.caller(), call.object_name());
    if (!operation)
        return call.fail(operation.error());
    if (const Result<void> free = operations_.may_step_up(**operation); !free)
        return call.fail(free.error());
    (*operation)->next([this, call = share(std::move(call))](Result<Operation::Prompt> prompt) {
        operations_.sweep_later();
        if (!prompt)
            return call->fail(prompt.error());
        call->reply([&](sd_bus_message* reply) {
            return bus::check(sd_bus_message_append(reply, "ssh", prompt->kind.c_str(),
                                                    prompt->text.c_str(), prompt->sink.get()),
                              "append prompt");
        });
    });
}

void OperationBus::commit(bus::Call call) {
    const Result<Operation*> operation = operations_.find(call.caller(), call.object_name());
    if (!operation)
        return call.fail(operation.error());
    Result<UniqueFd> sink = bus::read_descriptor(call.message());
    if (!sink)
        return call.fail(sink.error());
    (*operation)
        ->commit(std::move(*sink),
                 [this, call = share(std::move(call))](const Result<bus::Dict>& result) {
                     operations_.sweep_later();
                     if (!result)
                         return call->fail(result.error());
                     call->reply([&](sd_bus_message* reply) { return result->append_to(reply); });
                 });
}

void OperationBus::acknowledge(bus::Call call) {
    const Result<Operation*> operation = operations_.find(call.caller(), call.object_name());
    if (!operation)
        return call.fail(operation.error());
    (*operation)->acknowledge([this, call = share(std::move(call))](const Result<void>& done) {
        operations_.sweep_later();
        if (!done)
            return call->fail(done.error());
        call->reply();
    });
}

void OperationBus::cancel(bus::Call call) {
    const Result<Operation*> operation = operations_.find(call.caller(), call.object_name());
    if (!operation)
        return call.fail(operation.error());
    if (const Result<void> cancelled = (*operation)->cancel(); !cancelled)
        return call.fail(cancelled.error());
    operations_.sweep_later();
    call.reply();
}

}  // namespace patd
