// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/tools/tool_setup.h"

#include "cli/git/git_config.h"
#include "cli/text/shown_value.h"
#include "cli/text/wrap.h"
#include "cli/tools/link_file.h"
#include "cli/tools/password_command.h"
#include "cli/tools/setup_lock.h"
#include "common/base/nearest_name.h"

#include <algorithm>

namespace patd::cli::tools {
namespace {

// None when the service cannot be asked: what was named is set up all the same.
TargetList find_places(const Session& session) {
    Result<client::TokensClient> client = session.connect();
    const Result<std::vector<client::Dictionary>> tokens =
        client ? client->list() : Result<std::vector<client::Dictionary>>(client.error());
    return tokens ? places_of_tokens(*tokens) : TargetList();
}

const Tool* find_tool(const std::string& name) {
    for (const Tool* tool : all_tools()) {
        if (tool->name == name)
            return tool;
    }
    return nullptr;
}

ExitCode fail_unknown(const Session& session, const std::string& name) {
    std::string names = "git";
    for (const Tool* tool : all_tools())
        names += std::string(", ") + tool->name;
    for (const PasswordCommand& command : password_commands())
        names += std::string(", ") + command.name;
    return session.fail_usage(shown_value(name) + ": no tool that patctl knows; it knows " + names);
}

bool changes(const Plan& plan) {
    return std::any_of(plan.files.begin(), plan.files.end(),
                       [](const FileChange& file) { return file.changes(); }) ||
           std::any_of(plan.links.begin(), plan.links.end(), is_to_change);
}

std::string format_changes(const Plan& plan) {
    std::string text;
    for (const FileChange& change : plan.files) {
        if (!change.changes())
            continue;
        text +=
            "\n" + shown_file(change.file.string()) + (change.after ? "" : ", which goes") + ":";
        for (const std::string& line : change.shown)
            text += "\n    " + printable(line);
    }
    for (const LinkChange& link : plan.links) {
        if (is_to_change(link))
            text += "\n" + shown_file(link.link.string()) + ":\n    " +
                    (link.remove ? "- " : "+ ") +
                    (link.script.empty() ? "-> " + printable(link.target)
                                         : printable("starts " + link.target));
    }
    return text;
}

std::string format(const Tool& tool, const Plan& plan, const Order& order, bool dry_run) {
    const bool is_changed = changes(plan);
    std::string text;
    if (order.undo)
        text = !is_changed ? "'patctl setup " + std::string(tool.name) +
                                 "' has written nothing that it could take back."
               : dry_run
                   ? std::string("This would be taken back:")
                   : "What 'patctl setup " + std::string(tool.name) + "' wrote is taken back:";
    else if (plan.places.empty())
        text = std::string(tool.name) + " does not ask patd.";
    else
        text = std::string(tool.name) + (dry_run && is_changed ? " would ask" : " now asks") +
               " patd for " + join(plan.places) +
               (is_changed ? ":" : "; nothing had to be changed.");
    text += format_changes(plan);
    for (const std::string& note : plan.notes)
        text += "\nNote: " + note + (note.find('\n') == std::string::npos ? "." : "");
    if (dry_run && is_changed)
        text += "\nNothing was changed.";
    return text;
}

nlohmann::json plan_json(const Tool& tool, const Plan& plan, const Order& order, bool dry_run) {
    nlohmann::json files = nlohmann::json::array();
    for (const FileChange& change : plan.files) {
        if (change.changes())
            files.push_back({{"file", change.file.string()}, {"lines", change.shown}});
    }
    for (const LinkChange& link : plan.links) {
        if (is_to_change(link))
            files.push_back({{"file", link.link.string()},
                             {"lines", {(link.remove ? "- " : "+ ") + link.target}}});
    }
    return {{"tool", tool.name},   {"places", plan.places}, {"changes", files},
            {"notes", plan.notes}, {"undone", order.undo},  {"changed", changes(plan) && !dry_run}};
}

// Before anything is written: without it --undo would not know what is patd's, and a claim too many
// does no harm.
Result<void> note_claims(const Surroundings& around, const Tool& tool, const Plan& plan) {
    std::vector<std::string> made = plan.wrote;
    for (const FileChange& change : plan.files) {
        if (!change.before && change.after)
            made.push_back(change.file.string());
    }
    if (made.empty())
        return {};
    SetupRecord record = SetupRecord::read(around.record.file);
    SetupRecord::Entry& entry = record.tools[tool.name];
    for (const std::string& name : made) {
        if (!contains(entry.made, name))
            entry.made.push_back(name);
    }
    return record.write();
}

Result<void> note_places(const Surroundings& around, const Tool& tool, const Plan& plan,
                         const Order& order) {
    SetupRecord record = SetupRecord::read(around.record.file);
    record.tools[tool.name].places = plan.places;
    if (order.undo && plan.places.empty())
        record.tools.erase(tool.name);
    return record.write();
}

Result<void> carry_out_plan(const Plan& plan) {
    for (const LinkChange& link : plan.links) {
        if (!link.remove)
            TRY(carry_out(link));
    }
    for (const FileChange& change : plan.files)
        TRY(carry_out(change));
    for (const LinkChange& link : plan.links) {
        if (link.remove)
            TRY(carry_out(link));
    }
    return {};
}

std::string path_on_home(const Surroundings& around, const std::filesystem::path& file) {
    const std::string home = around.home.string() + "/";
    const std::string text = file.string();
    return text.starts_with(home) ? "~/" + text.substr(home.size()) : text;
}

struct Listed {
    const Tool* tool;
    std::filesystem::path file;
    bool is_installed;
    Standing standing;
    std::string fault{};
};

std::vector<Listed> look_at_all(const Surroundings& around) {
    std::vector<Listed> all;
    for (const Tool* tool : all_tools()) {
        Listed listed{tool, tool->file(around), find_program(tool->program).has_value(), {}, {}};
        Result<Standing> standing = tool->look(around);
        if (standing)
            listed.standing = std::move(*standing);
        else
            listed.fault = standing.error().context;
        all.push_back(std::move(listed));
    }
    return all;
}

std::string state_of(const Listed& listed) {
    if (!listed.fault.empty())
        return "cannot be read; see 'patctl doctor'";
    if (!listed.standing.places.empty())
        return join(listed.standing.places);
    if (!listed.is_installed)
        return "- (not installed)";
    return listed.standing.could.empty() ? "-" : "- (could: " + join(listed.standing.could) + ")";
}

}  // namespace

Result<ExitCode> set_up_tool(const Session& session, const std::string& name, const Order& order,
                             bool dry_run) {
    Surroundings around = Surroundings::look(find_places(session));
    if (const PasswordCommand* command = find_password_command(name))
        return tell_password_command(session, *command, around, order);
    const Tool* tool = find_tool(name);
    if (tool == nullptr)
        return fail_unknown(session, name);
    UniqueFd held;
    if (!dry_run) {
        Result<UniqueFd> locked = lock_setup(around.record.file.parent_path());
        if (!locked)
            return session.fail(locked.error());
        held = std::move(*locked);
        around.record = SetupRecord::read(around.record.file);  // another one may have written it
    }
    const Result<Plan> plan = tool->plan(around, order);
    if (!plan)
        return session.fail(plan.error());
    if (!dry_run) {
        Result<void> done = note_claims(around, *tool, *plan);
        if (done)
            done = carry_out_plan(*plan);
        if (done)
            done = note_places(around, *tool, *plan, order);
        if (!done)
            return session.fail(done.error());
    }
    TRY(session.report(plan_json(*tool, *plan, order, dry_run),
                       format(*tool, *plan, order, dry_run)));
    return order.undo || !plan->places.empty() ? ExitCode::Success : ExitCode::Failure;
}

Result<ExitCode> list_tools(const Session& session) {
    const Surroundings around = Surroundings::look(find_places(session));
    nlohmann::json json = nlohmann::json::array();
    Table table({"TOOL", "ASKS PATD FOR", "FILE"});
    for (const Listed& listed : look_at_all(around)) {
        json.push_back({{"tool", listed.tool->name},
                        {"file", listed.file.string()},
                        {"installed", listed.is_installed},
                        {"places", listed.standing.places},
                        {"could", listed.standing.could},
                        {"readable", listed.fault.empty()}});
        table.add({std::string(listed.tool->name), state_of(listed),
                   printable(path_on_home(around, listed.file))});
    }
    if (session.json)
        TRY(session.print_json(json));
    else
        TRY(session.print(table.format(session.style())));
    return ExitCode::Success;
}

}  // namespace patd::cli::tools
