// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "pam_module/patd_request.h"

#include "common/line/line_client.h"
#include "common/token/visible_text.h"

#include <utility>

namespace patd::pam {
namespace {

// A child token, an account name and audit texts, with room to spare.
constexpr std::size_t kRequestBytes = 8192;

bool is_audit_text(std::string_view text) {
    return !text.empty() && text.size() <= limits::kAuditTextBytes && is_visible_utf8(text);
}

Error unavailable(const Error& error) {
    return error.code == Errc::InsecurePeer ? error : Error{Errc::Unavailable, error.context};
}

}  // namespace

PatdRequest::PatdRequest(std::string_view verb) : bytes_(kRequestBytes), writer_(bytes_) {
    add("patd", "1").add("op", verb);
}

PatdRequest& PatdRequest::add(std::string_view key, std::string_view value) {
    if (state_)
        state_ = writer_.add(key, value);
    return *this;
}

PatdRequest& PatdRequest::add(const Login& login) {
    add("user", login.user);
    if (is_audit_text(login.service))
        add("service", login.service);
    if (is_audit_text(login.rhost))
        add("rhost", login.rhost);
    return *this;
}

Result<SecretBuffer> PatdRequest::send(const Endpoint& endpoint) {
    TRY(std::exchange(state_, Error{Errc::OutOfOrder, "sent already"}));
    TRY(writer_.finish());
    Result<line::LineClient> client =
        line::LineClient::connect(endpoint.path.c_str(), endpoint.deadline);
    if (!client)
        return unavailable(client.error());
    Result<SecretBuffer> reply = client->exchange(bytes_);
    if (!reply)
        return unavailable(reply.error());
    return reply;
}

Result<line::LineMessage> parse_reply(const SecretBuffer& bytes) {
    std::size_t consumed = 0;
    const Result<std::optional<line::LineMessage>> message =
        line::LineMessage::parse(bytes.reveal(), false, consumed);
    if (!message || !message.value() || consumed != bytes.size())
        return Error{Errc::Unavailable, "reply of patd"};
    return **message;
}

Result<bool> is_valid(const line::LineMessage& reply) {
    if (const std::optional<std::string_view> name = reply.find("error"))
        return Error{errc_from_name(*name).value_or(Errc::Unavailable), "refused by patd"};
    const std::string_view valid = reply.get("valid");
    if (valid != "1" && valid != "0")
        return Error{Errc::Unavailable, "reply of patd"};
    return valid == "1";
}

}  // namespace patd::pam
