// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "auth/begin_request.h"
#include "auth/conversation.h"
#include "common/base/names.h"

#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <string>

namespace patd::auth {

// The command line of patd-auth, patd-enroll and patd-counter; nothing in it is secret.
struct ServiceOptions {
    std::string state_directory = names::kAuthStateDirectory;
    std::optional<std::string> pam_confdir;
    std::string daemon_user = names::kDaemonUser;
    std::string auth_user = names::kAuthUser;
    // For patd-counter alone.
    std::string tpm = names::kTpm;
    std::string machine_id = names::kMachineId;
};

// UnknownOption: anything but pairs of `--state-dir`, `--pam-confdir`, `--daemon-user`,
// `--auth-user`, `--tpm`, `--machine-id` and a value.
Result<ServiceOptions> parse_service_options(std::span<const char* const> arguments);

// One conversation as a service program sees it.
struct Session {
    const BeginRequest& request;
    const password::Account& account;
    const ServiceOptions& options;
    Uid peer;  // who connected, as the kernel says
    Conversation& conversation;
    std::chrono::milliseconds& wait;  // set with Throttled: until another attempt is allowed
};
using Decision = std::function<Result<void>(const Session&)>;

// Serves a first frame that begins no conversation; nothing for any other.
using Errand = std::function<std::optional<Result<void>>(
    const step_up::ReceivedFrame& begin, step_up::FrameStream& stream, const ServiceOptions&)>;

// A whole service program: hardens the process, serves the conversation on standard input, which
// must be a connected socket of patd's or root's, and returns the exit status. A refusal is a
// served conversation too, status 0.
int serve(std::span<const char* const> arguments, const Decision& decide,
          const Errand& errand = {});

}  // namespace patd::auth
