// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "auth/service.h"

#include "auth/hardening.h"
#include "common/base/log_messages.h"
#include "common/base/unix_socket.h"

#include <unistd.h>

#include <cstdlib>

namespace patd::auth {
namespace {

using step_up::FrameKind;
using step_up::FrameStream;

// Who may talk to a service at all: InsecurePeer for anybody but patd and root.
Result<Uid> check_peer(const ServiceOptions& options) {
    const Uid peer = TRY(find_peer(STDIN_FILENO)).uid;
    if (peer.is_root())
        return peer;
    const Result<password::Account> daemon = password::find_account(options.daemon_user);
    if (!daemon || daemon->uid != peer)
        return Error{Errc::InsecurePeer, "uid " + std::to_string(peer.value())};
    return peer;
}

// The reasons that the protocol knows; anything else is the service's own affair.
Errc reason_of(Errc code) {
    switch (code) {
        case Errc::AccessDenied:
        case Errc::BadFile:
        case Errc::Cancelled:
        case Errc::Internal:
        case Errc::MalformedRequest:
        case Errc::NoLoginPassword:
        case Errc::NoServicePassword:
        case Errc::NotFound:
        case Errc::OutOfOrder:
        case Errc::PasswordNotAccepted:
        case Errc::Throttled:
        case Errc::WrongPassword:
            return code;
        case Errc::InvalidPassword:
            return Errc::WrongPassword;
        default:
            return Errc::Unavailable;
    }
}

struct Outcome {
    Result<void> result;
    std::chrono::milliseconds wait{0};
};

// How the journal describes an account that does not exist: not by the name, which may be a
// password typed at the wrong prompt.
std::string uid_text(const BeginRequest& request) {
    return request.uid ? std::to_string(request.uid->value()) : "none";
}

// What a program serves.
struct Work {
    const Decision& decide;
    const Errand& errand;
};

Outcome converse(FrameStream& stream, const ServiceOptions& options, Uid peer, const Work& work) {
    Outcome outcome;
    const auto steps = [&]() -> Result<void> {
        const step_up::ReceivedFrame begin = TRY(stream.receive());
        if (begin.kind != FrameKind::Begin)
            return Error{Errc::MalformedRequest, "not a Begin frame"};
        if (work.errand) {
            if (const std::optional<Result<void>> served = work.errand(begin, stream, options))
                return *served;
        }
        const BeginRequest request = TRY(parse_begin(begin.text()));
        const password::Account account = TRY(resolve(request));
        Conversation conversation(stream);
        Result<void> decided =
            work.decide({request, account, options, peer, conversation, outcome.wait});
        const LogField user{"UID", uid_text(request)};
        const LogField caller{"CALLER", std::to_string(request.caller.value())};
        // Nothing was asked for, or granted.
        if (request.op == Op::State)
            return decided;
        if (decided)
            log(messages::kStepUpGranted, {user, caller});
        else
            log(messages::kStepUpRefused, decided.error(), {user, caller});
        return decided;
    };
    outcome.result = steps();
    return outcome;
}

void send_outcome(FrameStream& stream, const Outcome& outcome) {
    // A client that has left misses nothing.
    if (outcome.result)
        return (void)stream.send(FrameKind::Granted, "");
    std::string refusal(errc_name(reason_of(outcome.result.error().code)));
    if (outcome.wait.count() > 0)
        refusal += " " + std::to_string(outcome.wait.count());
    (void)stream.send(FrameKind::Refused, refusal);
}

Result<void> serve_checked(std::span<const char* const> arguments, const Work& work) {
    TRY(harden_process());
    const ServiceOptions options = TRY(parse_service_options(arguments));
    const Uid peer = TRY(check_peer(options));
    FrameStream stream(STDIN_FILENO, limits::kConversationIdle);
    send_outcome(stream, converse(stream, options, peer, work));
    return {};
}

}  // namespace

Result<ServiceOptions> parse_service_options(std::span<const char* const> arguments) {
    ServiceOptions options;
    if (arguments.size() % 2 != 0)
        return Error{Errc::UnknownOption, "an option without a value"};
    for (std::size_t i = 0; i < arguments.size(); i += 2) {
        const std::string_view name = arguments[i];
        const char* value = arguments[i + 1];
        if (name == "--state-dir")
            options.state_directory = value;
        else if (name == "--pam-confdir")
            options.pam_confdir = value;
        else if (name == "--daemon-user")
            options.daemon_user = value;
        else if (name == "--auth-user")
            options.auth_user = value;
        else if (name == "--tpm")
            options.tpm = value;
        else if (name == "--machine-id")
            options.machine_id = value;
        else
            return Error{Errc::UnknownOption, "unknown option"};
    }
    return options;
}

int serve(std::span<const char* const> arguments, const Decision& decide, const Errand& errand) {
    const Result<void> served = serve_checked(arguments, {decide, errand});
    if (served)
        return EXIT_SUCCESS;
    log(messages::kStepUpNotServed, served.error());
    return EXIT_FAILURE;
}

}  // namespace patd::auth
