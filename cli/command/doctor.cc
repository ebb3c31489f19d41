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

std::string format_findings(const Findings& findings, bool sees_all) {
    std::string text;
    for (const Finding& found : findings.all())
        text += std::string(severity_name(found.severity)) + ": " + found.check + ": " +
                found.text + ".\n    " + found.fix + "\n";
    if (!findings.hidden().empty()) {
        text += "Not checked:";
        for (const std::string& what : findings.hidden())
            text += (what == findings.hidden().front() ? " " : ", ") + what;
        text += sees_all ? ".\n" : ". Root sees more:\n    sudo patctl doctor\n";
    }
    if (findings.count() == 0)
        return text + "No problems found.\n";
    const auto count = static_cast<std::size_t>(findings.count());
    return text + counted(count, "problem") + " found.\n";
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
    auto machine = doctor::Machine::look(session.environment().root, session.now());
    machine.own_service = session.own_service;
    const doctor::Answers answers = ask_service(machine, session.connect());
    const Findings findings = examine(machine, answers);
    if (session.json)
        TRY(session.print_json(findings_json(findings, !answers.unreachable)));
    else
        TRY(session.print(
            format_findings(findings, machine.user.is_root() || machine.own_service)));
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
