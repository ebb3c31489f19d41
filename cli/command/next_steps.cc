// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/next_steps.h"

#include "cli/doctor/unit_text.h"
#include "cli/git/git_chain.h"
#include "cli/git/git_fix.h"
#include "cli/text/counted.h"
#include "cli/text/json.h"

#include <algorithm>

namespace patd::cli {
namespace {

constexpr char kServicePassword[] = "service-password";

struct Step {
    std::string command;
    std::string what;
};

std::vector<Step> find_steps(const client::Dictionary& status,
                             const std::vector<std::string>& git) {
    std::vector<Step> steps;
    if (status.has(kServicePassword) && !status.flag(kServicePassword))
        steps.push_back(
            {"patctl passwd", "set your service password, which every change asks for"});
    if (status.flag("locked"))
        steps.push_back({"patctl unlock", "release your tokens again; they are locked"});
    if (status.has("tokens") && status.count("tokens") == 0) {
        steps.push_back({"patctl create", "make a token for services of this machine"});
        steps.push_back({"patctl import NAME -t URL -u USER",
                         "keep a token of GitHub, GitLab, ...; 'patctl import --from "
                         "~/.git-credentials' takes all of that file"});
    }
    for (const std::string& command : git)
        steps.push_back({command, "let git ask patd for tokens"});
    return steps;
}

std::string format_summary(const client::Dictionary& status, bool git_asks) {
    std::string text = printable(status.text("user"));
    if (status.has(kServicePassword))
        text += status.flag(kServicePassword) ? ": a service password" : ": no service password";
    else
        text += ":";
    if (status.has("tokens"))
        text += (text.ends_with(':') ? " " : ", ") + counted(status.count("tokens"), "token");
    return text + (git_asks ? ", git asks patd" : ", git does not ask patd") + ".\n";
}

std::string format_steps(const std::vector<Step>& steps, const Style& style) {
    if (steps.empty())
        return {};
    Fields fields;
    for (const Step& step : steps)
        fields.add("  " + step.command, step.what);
    return "Next:\n" + fields.format(style);
}

Result<ExitCode> show_steps(const Session& session) {
    client::TokensClient client = TRY(session.connect());
    const client::Dictionary status = TRY(client.status());
    const std::vector<std::string> git = fixes_not_asked({kSomewhere});
    const std::vector<Step> steps = find_steps(status, git);
    if (session.json) {
        nlohmann::json json = to_json(status);
        json["git_asks_patd"] = git.empty();
        json["next"] = nlohmann::json::array();
        for (const Step& step : steps)
            json["next"].push_back(step.command);
        TRY(session.print_json(json));
        return ExitCode::Success;
    }
    TRY(session.print(format_summary(status, git.empty()) + format_steps(steps, session.style()) +
                      "'patctl --help' lists all commands, 'patctl status' and 'patctl doctor' "
                      "look at the service.\n"));
    return ExitCode::Success;
}

}  // namespace

Result<ExitCode> show_next_steps(const Session& session) {
    return session.own_service ? show_steps(session) : with_units(session, show_steps(session));
}

Result<void> require_service_password(client::TokensClient& client) {
    const Result<client::Dictionary> status = client.status();
    if (status && status->has(kServicePassword) && !status->flag(kServicePassword))
        return Errc::NoServicePassword;
    return {};
}

}  // namespace patd::cli
