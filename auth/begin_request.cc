// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "auth/begin_request.h"

#include "common/line/line_message.h"

#include <array>

namespace patd::auth {
namespace {

struct OpName {
    std::string_view name;
    Op op;
};

constexpr std::array kOps = {OpName{"authenticate", Op::Authenticate},
                             OpName{"check", Op::Check},
                             OpName{"change", Op::Change},
                             OpName{"state", Op::State},
                             OpName{"enroll", Op::Enroll},
                             OpName{"admin", Op::Admin}};

constexpr Uid kNobodyAtAll{0xffffffffU};

Result<Op> parse_op(std::string_view name) {
    for (const OpName& row : kOps) {
        if (row.name == name)
            return row.op;
    }
    return Error{Errc::MalformedRequest, "unknown op"};
}

}  // namespace

Result<line::LineMessage> parse_lines(std::string_view payload) {
    std::size_t consumed = 0;
    std::optional<line::LineMessage> message =
        TRY(line::LineMessage::parse(payload, true, consumed));
    if (!message || consumed != payload.size())
        return Error{Errc::MalformedRequest, "more than one message"};
    return std::move(*message);
}

Result<BeginRequest> parse_begin(std::string_view payload) {
    const Result<line::LineMessage> message = parse_lines(payload);
    if (!message)
        return message.error();
    const std::optional<Uid> caller = Uid::parse(message->get("caller"));
    const std::optional<std::string_view> uid_text = message->find("uid");
    const std::optional<Uid> uid = uid_text ? Uid::parse(*uid_text) : std::nullopt;
    const std::string_view user = message->get("user");
    const Op op = TRY(parse_op(message->get("op")));
    const bool may_lack_uid = op == Op::Check && !uid_text;
    if (!caller || (!uid && !may_lack_uid) || user.empty())
        return Error{Errc::MalformedRequest, "attribute missing"};
    if (op == Op::Check && !caller->is_root())
        return Error{Errc::MalformedRequest, "check, for another than root"};
    if (op == Op::State && *caller != *uid)
        return Error{Errc::MalformedRequest, "state, of another than the caller"};
    return BeginRequest{op, *caller, uid, std::string(user), std::string(message->get("rhost"))};
}

Result<password::Account> resolve(const BeginRequest& request) {
    Result<password::Account> account = password::find_account(request.user);
    if (!account && account.error().code == Errc::Unavailable)
        return account.error();
    if (!request.uid)
        return password::Account{kNobodyAtAll, kNobodyAtAll.value(), request.user};
    if (!account || account->uid != request.uid || !account->uid.may_own_tokens())
        return Error{Errc::AccessDenied, "no such owner"};
    return account;
}

}  // namespace patd::auth
