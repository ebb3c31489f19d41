// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "auth/user_check.h"

#include "auth/pam_transaction.h"
#include "common/line/line_client.h"
#include "common/line/line_message.h"

#include <unistd.h>

namespace patd::auth {
namespace {

Result<SecretBuffer> make_request(const std::string& user, const PromptAnswer& password) {
    const std::span<const char> bytes = password.reveal();
    SecretBuffer request(limits::kLineReplyBytes);
    line::LineWriter writer(request);
    TRY(writer.add("patd", "1"));
    TRY(writer.add("op", "check"));
    TRY(writer.add("user", user));
    TRY(writer.add("service", names::kPamUserService));
    TRY(writer.add("password", {bytes.data(), bytes.size()}));
    TRY(writer.finish());
    return request;
}

Result<void> ask_system_service(const Session& session, const std::string& socket) {
    const PromptAnswer password =
        TRY(session.conversation.ask("Service password for " + session.account.name + ": "));
    line::LineClient client = TRY(line::LineClient::connect(socket.c_str()));
    const SecretBuffer reply =
        TRY(client.exchange(TRY(make_request(session.account.name, password))));
    std::size_t consumed = 0;
    const auto message = TRY(line::LineMessage::parse(reply.reveal(), false, consumed));
    if (!message)
        return Error{Errc::Unavailable, "no reply of the system service"};
    if (const auto error = message->find("error"))
        return errc_from_name(*error).value_or(Errc::Unavailable);
    if (message->get("valid") != "1")
        return Errc::WrongPassword;
    return {};
}

Result<void> ask_pam(const Session& session) {
    session.conversation.name_password("Login password for " + session.account.name + ": ");
    PamTransaction pam =
        TRY(PamTransaction::start({names::kPamUserService, session.account.name,
                                   session.request.rhost, session.options.pam_confdir},
                                  session.conversation));
    TRY(pam.authenticate());
    return pam.check_account();
}

}  // namespace

Result<void> check_user(const Session& session, const std::string& system_socket) {
    if (session.request.op != Op::Authenticate)
        return Error{Errc::MalformedRequest, "there is no password to set in per-user mode"};
    if (session.account.uid != Uid(getuid()) || session.request.caller != Uid(getuid()))
        return Errc::AccessDenied;
    if (access(system_socket.c_str(), F_OK) == 0)
        return ask_system_service(session, system_socket);
    return ask_pam(session);
}

}  // namespace patd::auth
