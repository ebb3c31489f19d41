// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/admin_commands.h"
#include "cli/doctor/config.h"
#include "cli/io/descriptor_io.h"
#include "common/base/parse_number.h"

namespace patd::cli {
namespace {

using doctor::ConfigCheck;

nlohmann::json describe_check(const ConfigCheck& check) {
    nlohmann::json faults = nlohmann::json::array();
    for (const ConfigCheck::Fault& fault : check.faults)
        faults.push_back(
            {{"file", fault.file},
             {"line", fault.line.empty()
                          ? nlohmann::json(nullptr)
                          : nlohmann::json(parse_number<std::uint64_t>(fault.line).value_or(0))},
             {"text", fault.text}});
    return {{"faults", faults}};
}

// Needs no service, and works for everybody who may read the files.
Result<ExitCode> check_config(const Session& session) {
    const ConfigCheck check =
        TRY(doctor::ask_config(session.environment().root, session.own_service));
    const ExitCode code = check.faults.empty() ? ExitCode::Success : ExitCode::Failure;
    if (session.json) {
        TRY(session.print_json(describe_check(check)));
        return code;
    }
    TRY(session.print(check.options));
    for (const ConfigCheck::Fault& fault : check.faults)
        TRY(write_all(session.environment().errors, doctor::format_fault(fault) + "\n"));
    return code;
}

}  // namespace

void add_admin_config(CLI::App& admin, Session& session) {
    admin
        .add_subcommand("check-config",
                        "Show every option and where it was set, or every fault of a file")
        ->callback([&session] { session.action = [&session] { return check_config(session); }; });
}

}  // namespace patd::cli
