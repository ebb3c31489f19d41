// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/session/confirm.h"

#include "cli/session/wrapped.h"

#include <string_view>

namespace patd::cli {

void add_yes(CLI::App& command, bool& yes) {
    command.add_flag("-y,--yes", yes, "Do not ask whether you are sure");
}

Result<void> confirm(const Session& session, bool yes, const std::string& question) {
    if (yes || session.password_fd)
        return {};
    Terminal terminal(session.environment().open_terminal());
    if (!terminal)
        return Error{Errc::Cancelled, "there is no terminal to ask on; give --yes"};
    const SecretBuffer answer =
        TRY(terminal.ask(wrapped_for(terminal, question + " [y/N] "), Echo::On));
    const std::string_view typed(answer.reveal().data(), answer.size());
    if (typed != "y" && typed != "Y" && typed != "yes")
        return Errc::Cancelled;
    return {};
}

}  // namespace patd::cli
