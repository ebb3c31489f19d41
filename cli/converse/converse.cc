// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/converse/converse.h"

#include "cli/converse/conversation.h"
#include "cli/converse/operate.h"

#include <sys/stat.h>
#include <unistd.h>

namespace patd::cli {
namespace {

Result<ExitCode> converse(const Session& session) {
    // Whoever started us may have been anywhere.
    constexpr mode_t kOwnersOnly = 077;
    umask(kOwnersOnly);
    if (chdir("/") < 0)
        return Error{Errc::Internal, "there is no root directory"};
    LineChannel channel =
        TRY(LineChannel::open(session.environment().input, session.environment().output));
    Conversation conversation(session, channel);
    return conversation.end(operate(session, conversation));
}

}  // namespace

void add_converse(CLI::App& app, Session& session) {
    app.add_subcommand("converse", "Carry out one operation for another program, in lines of JSON")
        ->callback([&session] { session.action = [&session] { return converse(session); }; });
}

}  // namespace patd::cli
