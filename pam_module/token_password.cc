// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "pam_module/token_password.h"

#include "common/token/token_string.h"

namespace patd::pam {
namespace {

// Some services silently truncate what they pass on. Their administrators must not take that for a
// wrong password: the length tells them, and nothing else of the text is shown.
Error not_a_token(std::string_view text) {
    const bool is_issued = text.starts_with(kIssuedPrefix);
    if (!is_issued && !text.starts_with(kChildPrefix))
        return Error{Errc::Rejected, "not a token"};
    return Error{Errc::Rejected, "a token, cut or damaged: " + std::to_string(text.size()) +
                                     " bytes came here, a whole one has " +
                                     (is_issued ? "" : "up to ") +
                                     std::to_string(is_issued ? kIssuedBytes : kChildBytesMax) +
                                     "; see LENGTHS in pam_pat(8)"};
}

}  // namespace

Result<void> verify_token(const Endpoint& endpoint, const Login& login, const TokenUse& use,
                          const TokenSecret& token) {
    const std::string_view text(token.reveal().data(), token.size());
    if (token_shape(text) == TokenShape::None)
        return not_a_token(text);
    PatdRequest request("verify");
    request.add(login)
        .add("permission", use.permission.text())
        .add("audience", use.audience.text())
        .add("token", text);
    const SecretBuffer bytes = TRY(request.send(endpoint));
    const line::LineMessage reply = TRY(parse_reply(bytes));
    if (!TRY(is_valid(reply)))
        return Error{Errc::Rejected, "refused by patd"};
    // patd compared it too; a wrong user here would log somebody in as somebody else.
    if (reply.get("user") != login.user)
        return Error{Errc::Rejected, "token of another user"};
    return {};
}

}  // namespace patd::pam
