// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/commands.h"
#include "cli/doctor/examination.h"
#include "cli/text/counted.h"
#include "cli/text/json.h"

namespace patd::cli {
namespace {

using doctor::Finding;
using doctor::Findings;

std::string format_findings(const Findings& findings, bool is_root) {
    std::string text;
    for (const Finding& found : findings.all())
        text += std::string(severity_name(found.severity)) + ": " + found.check + ": " +
                found.text + ".\n    " + found.fix + "\n";
    if (!findings.hidden().empty()) {
        text += "Not checked:";
        for (const std::string& what : findings.hidden())
            text += (what == findings.hidden().front() ? " " : ", ") + what;
        text += is_root ? ".\n" : ". Root sees more:\n    sudo patctl doctor\n";
    }
    if (findings.count() == 0)
        return text + "Nothing found that needs fixing.\n";
    const auto count = static_cast<std::size_t>(findings.count());
    return text + counted(count, "finding") + " to fix.\n";
}

nlohmann::json findings_json(const Findings& findings, bool reachable) {
    nlohmann::json list = nlohmann::json::array();
    for (const Finding& found : findings.all())
        list.push_back({{"severity", severity_name(found.severity)},
                        {"check", found.check},
                        {"text", found.text},
                        {"fix", found.fix}});
    return {{"findings", list}, {"hidden", findings.hidden()}, {"reachable", reachable}};
}

Result<ExitCode> examine(const Session& session) {
    const auto machine = doctor::Machine::look(session.environment().root, session.now());
    const doctor::Answers answers = ask_service(machine, session.connect());
    const Findings findings = examine(machine, answers);
    if (session.json)
        TRY(session.print_json(findings_json(findings, !answers.unreachable)));
    else
        TRY(session.print(format_findings(findings, machine.user.is_root())));
    if (answers.unreachable)
        return ExitCode::Unreachable;
    return findings.count() == 0 ? ExitCode::Success : ExitCode::Failure;
}

}  // namespace

void add_doctor(CLI::App& app, Session& session) {
    app.add_subcommand("doctor", "Check for problems, and name the command that fixes each")
        ->callback([&session] { session.action = [&session] { return examine(session); }; });
}

}  // namespace patd::cli
