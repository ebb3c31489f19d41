// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/dbus/exposure_bus.h"

#include "common/bus/dict.h"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace patd {
namespace {

struct ExposeArguments {
    UniqueFd listener;
    Exposures::Request request;
};

Result<ExposeArguments> read_expose(sd_bus_message* message) {
    ExposeArguments arguments{TRY(bus::read_descriptor(message)), {}};
    bus::Dict options = TRY(bus::Dict::read(message));
    arguments.request.only =
        TRY(options.take<std::vector<std::string>>("only")).value_or(std::vector<std::string>());
    const auto seconds = TRY(options.take<std::int64_t>("seconds"));
    TRY(options.expect_empty());
    if (!seconds)
        return Error{Errc::MalformedRequest, "an exposure without a time"};
    arguments.request.duration = std::chrono::seconds(*seconds);
    return arguments;
}

bus::Dict describe(const Exposure& exposure) {
    std::vector<std::string> only;
    for (const TokenId& id : exposure.terms().only)
        only.push_back(id.text());
    bus::Dict dict;
    dict.set("id", exposure.terms().id);
    dict.set("path", exposure.terms().path);
    dict.set("only", std::move(only));
    dict.set("expires", exposure.expires());
    return dict;
}

}  // namespace

void answer_open_exposure(bus::Call call, Accounts& accounts, Exposures& exposures) {
    Result<ExposeArguments> read = read_expose(call.message());
    if (!read)
        return call.fail(read.error());
    const Uid uid = call.caller().uid;
    auto held = std::make_shared<bus::Call>(std::move(call));
    auto arguments = std::make_shared<ExposeArguments>(std::move(*read));
    accounts.find_name(uid, [&exposures, held, arguments](const Result<std::string>& account) {
        if (!account)
            return held->fail(account.error());
        arguments->request.account = *account;
        const Result<std::string> id =
            exposures.open(held->caller(), std::move(arguments->listener), arguments->request);
        if (!id)
            return held->fail(id.error());
        held->reply([&](sd_bus_message* reply) {
            return bus::check(sd_bus_message_append(reply, "s", id->c_str()), "append id");
        });
    });
}

void answer_list_exposures(bus::Call call, Exposures& exposures) {
    call.reply([&](sd_bus_message* reply) {
        return bus::append_dicts(reply, exposures.list(call.caller().uid),
                                 [](const Exposure* exposure) { return describe(*exposure); });
    });
}

void answer_cut(bus::Call call, Exposures& exposures) {
    const Result<std::string> id = bus::read_string(call.message());
    if (!id)
        return call.fail(id.error());
    if (const Result<void> done = exposures.cut(call.caller(), *id); !done)
        return call.fail(done.error());
    call.reply();
}

}  // namespace patd
