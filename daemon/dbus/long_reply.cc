// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/dbus/long_reply.h"

#include "common/base/names.h"

namespace patd {

Result<void> LongReply::open(const char* contents) {
    return bus::check(sd_bus_message_open_container(message_.get(), 'a', contents), "open array");
}

Result<void> LongReply::close() {
    return bus::check(sd_bus_message_close_container(message_.get()), "close array");
}

Result<void> LongReply::append(const std::string& text) {
    return bus::check(sd_bus_message_append(message_.get(), "s", text.c_str()), "append text");
}

Result<void> LongReply::append(const bus::Dict& dict) {
    bytes_ += dict.bytes_max();
    if (bytes_ > limits::kBusReplyBytes)
        return Errc::LimitExceeded;
    return dict.append_to(message_.get());
}

Result<void> LongReply::append_token(const TokenId& id, const bus::Dict& described) {
    const std::string path = std::string(names::kTokenPrefix) + "/" + id.text();
    TRY(bus::check(sd_bus_message_open_container(message_.get(), 'r', "oa{sv}"), "open token"));
    TRY(bus::check(sd_bus_message_append(message_.get(), "o", path.c_str()), "append path"));
    bytes_ += path.size();
    TRY(append(described));
    return bus::check(sd_bus_message_close_container(message_.get()), "close token");
}

void answer_in_steps(Turns& turns, const CallPtr& call, FillReply fill) {
    if (!call->wants_reply())
        return call->reply();
    Result<bus::MessagePtr> message = call->new_reply();
    if (!message)
        return call->fail(message.error());
    const auto reply = std::make_shared<LongReply>(std::move(*message));
    turns.work(call->caller().uid, [call, reply, fill = std::move(fill)] {
        const Result<bool> more = fill(*reply);
        if (more && *more)
            return Turns::Progress::More;
        if (more)
            call->reply_with(reply->message());
        else
            call->fail(more.error());
        return Turns::Progress::Finished;
    });
}

void answer_tokens(Turns& turns, const CallPtr& call, TokenList tokens, DescribeToken describe) {
    const auto list = std::make_shared<TokenList>(std::move(tokens));
    const auto is_open = std::make_shared<bool>(false);
    answer_in_steps(
        turns, call,
        [list, is_open, describe = std::move(describe)](LongReply& reply) -> Result<bool> {
            if (!*is_open)
                TRY(reply.open("(oa{sv})"));
            *is_open = true;
            const bool more = TRY(list->step([&](const store::ListedToken& listed) {
                return reply.append_token(listed.token.id, describe(listed));
            }));
            if (!more)
                TRY(reply.close());
            return more;
        });
}

}  // namespace patd
