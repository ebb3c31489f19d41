// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/bus/call.h"

#include "common/base/log_messages.h"
#include "common/base/names.h"
#include "common/bus/firewall.h"

namespace patd::bus {

Call::~Call() {
    if (message_)
        guarded("dropped call", [this] {
            fail(Error{Errc::Internal, "call was dropped unanswered"});
        });
}

std::string Call::object_name() const {
    const std::string path = sd_bus_message_get_path(message_.get());
    return path.substr(path.rfind('/') + 1);
}

Result<MessagePtr> Call::new_reply() const {
    sd_bus_message* raw = nullptr;
    if (sd_bus_message_new_method_return(message_.get(), &raw) < 0)
        return Error{Errc::Internal, "new_method_return"};
    MessagePtr answer(raw);
    (void)sd_bus_message_sensitive(raw);
    return answer;
}

void Call::reply_with(const MessagePtr& answer) {
    (void)sd_bus_send(nullptr, answer.get(), nullptr);
    message_.reset();
    ticket_.reset();
}

bool Call::wants_reply() const {
    return sd_bus_message_get_expect_reply(message_.get()) > 0;
}

void Call::reply(const std::function<Result<void>(sd_bus_message*)>& fill) {
    // sd-bus would not send it, but would still build it.
    if (!wants_reply()) {
        message_.reset();
        ticket_.reset();
        return;
    }
    const Result<MessagePtr> answer = new_reply();
    if (!answer)
        return fail(answer.error());
    if (fill) {
        if (const Result<void> filled = fill(answer->get()); !filled)
            return fail(filled.error());
    }
    reply_with(*answer);
}

void Call::fail(const Error& error) {
    if (error.code == Errc::Internal || error.code == Errc::Corrupt ||
        error.code == Errc::Unavailable)
        log(messages::kRequestFailed, error, {{"WHERE", "bus"}});
    if (wants_reply()) {
        const std::string name = names::kErrorPrefix + std::string(errc_name(error.code));
        const std::string text(errc_message(error.code));
        (void)sd_bus_reply_method_errorf(message_.get(), name.c_str(), "%s", text.c_str());
    }
    message_.reset();
    ticket_.reset();
}

}  // namespace patd::bus
