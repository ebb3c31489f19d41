// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/bus/call.h"

#include "common/base/log_messages.h"
#include "common/base/names.h"

namespace patd::bus {

Call::~Call() {
    if (message_)
        fail(Error{Errc::Internal, "call was dropped unanswered"});
}

std::string Call::object_name() const {
    const std::string path = sd_bus_message_get_path(message_.get());
    return path.substr(path.rfind('/') + 1);
}

void Call::reply(const std::function<Result<void>(sd_bus_message*)>& fill) {
    // sd-bus would not send it, but it would be made.
    if (sd_bus_message_get_expect_reply(message_.get()) == 0)
        return message_.reset();
    sd_bus_message* raw = nullptr;
    if (sd_bus_message_new_method_return(message_.get(), &raw) < 0)
        return fail(Error{Errc::Internal, "new_method_return"});
    const MessagePtr answer(raw);
    (void)sd_bus_message_sensitive(raw);
    if (fill) {
        if (const Result<void> filled = fill(raw); !filled)
            return fail(filled.error());
    }
    (void)sd_bus_send(nullptr, raw, nullptr);
    message_.reset();
}

void Call::fail(const Error& error) {
    if (error.code == Errc::Internal || error.code == Errc::Corrupt ||
        error.code == Errc::Unavailable)
        log(messages::kRequestFailed, error, {{"WHERE", "bus"}});
    const std::string name = names::kErrorPrefix + std::string(errc_name(error.code));
    const std::string text(errc_message(error.code));
    (void)sd_bus_reply_method_errorf(message_.get(), name.c_str(), "%s", text.c_str());
    message_.reset();
}

}  // namespace patd::bus
