// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/text/shown_value.h"
#include "cli/text/wrap.h"
#include "cli/tools/ini_file.h"
#include "cli/tools/tool.h"

namespace patd::cli::tools {
namespace {
namespace aws {

constexpr char kProgram[] = "pat-aws";
constexpr char kKey[] = "credential_process";
constexpr char kMark[] = "# made by 'patctl setup aws'";

std::filesystem::path aws_file(const Surroundings& around) {
    if (const std::optional<std::string> file = variable("AWS_CONFIG_FILE"))
        return path_of(around, *file);
    return around.home / ".aws" / "config";
}

std::filesystem::path keys_file(const Surroundings& around) {
    if (const std::optional<std::string> file = variable("AWS_SHARED_CREDENTIALS_FILE"))
        return path_of(around, *file);
    return around.home / ".aws" / "credentials";
}

std::string section_of(const std::string& profile) {
    return profile == "default" ? profile : "profile " + profile;
}

// As botocore divides it, which knows no shell.
std::string command_for(const Surroundings& around, const std::string& profile) {
    const std::string program = around.program(kProgram);
    const bool is_plain = program.find_first_of(" \t\"'\\") == std::string::npos;
    return (is_plain ? program : "\"" + program + "\"") + " " + profile;
}

bool is_ours(const std::string& command) {
    const std::size_t at = command.find(kProgram);
    return at != std::string::npos && (at == 0 || command[at - 1] == '/');
}

std::vector<std::string> profiles_of_ours(const FlatText& flat) {
    std::vector<std::string> profiles;
    for (const auto& [name, value] : flat) {
        if (!name.starts_with('[') || !value.empty())
            continue;
        const std::string section = name.substr(1, name.size() - 2);
        if (!is_ours(value_of(flat, {section, kKey})))
            continue;
        constexpr std::string_view kPrefix = "profile ";
        profiles.push_back(section.starts_with(kPrefix) ? section.substr(kPrefix.size()) : section);
    }
    return profiles;
}

// Keys that aws would take before it starts any program.
std::string tell_of_keys(const Surroundings& around, const std::string& profile) {
    const std::filesystem::path file = keys_file(around);
    const Result<FlatText> flat = read_flat(file, kIni);
    if (!flat || value_of(*flat, {profile, "aws_access_key_id"}).empty())
        return {};
    return "aws uses the keys of " + shown_value(profile) + " in " + shown_file(file.string()) +
           " and does not ask patd";
}

std::string import_keys(const Surroundings& around) {
    return "patctl import --from " + pasted(keys_file(around));
}

Result<Plan> plan_aws(const Surroundings& around, const Order& order) {
    std::vector<std::string> profiles = TRY(labels_of(around, order, "aws", "aws"));
    const std::filesystem::path file = aws_file(around);
    const FlatText flat = TRY(read_flat(file, kIni));
    if (order.undo && order.names.empty())
        profiles = profiles_of_ours(flat);
    const auto edit = [&](const std::string& text) -> Result<std::string> {
        std::string changed = text;
        for (const std::string& profile : profiles) {
            const std::string section = section_of(profile);
            const IniKey key{section, kKey};
            const std::string command = value_of(flat, key);
            if (order.undo && is_ours(command))
                changed = without_line(kIni, changed, key, kMark);
            else if (!order.undo && command.empty())
                changed = with_line(kIni, changed, key, command_for(around, profile), kMark);
        }
        return changed;
    };
    const auto ours = [](const std::string& name) {
        return name.ends_with(std::string(".") + kKey) || name.starts_with('[');
    };
    Plan plan;
    plan.files.push_back(
        TRY(plan_change({file, kIni, edit, ours, around.record.has_made("aws", file)})));
    const FlatText after = TRY(kIni.flatten(plan.files.front().after.value_or("")));
    plan.places = profiles_of_ours(after);
    for (const std::string& profile : profiles) {
        if (order.undo)
            continue;
        if (!contains(plan.places, profile))
            plan.notes.push_back(
                "aws starts another program for " + profile +
                ", as before; to change that, take its credential_process out of " +
                shown_file(file.string()) + " and run this again");
        if (const std::string keys = tell_of_keys(around, profile); !keys.empty())
            plan.notes.push_back(
                keys + "; import them, and take them out there:" + own_line(import_keys(around)));
    }
    return plan;
}

Result<Standing> look_at_aws(const Surroundings& around) {
    Standing standing;
    const FlatText flat = TRY(read_flat(aws_file(around), kIni));
    standing.places = profiles_of_ours(flat);
    for (const std::string& profile : token_labels(around, "aws")) {
        if (value_of(flat, {section_of(profile), kKey}).empty())
            standing.could.push_back(profile);
    }
    for (const std::string& profile : standing.places) {
        const std::string command = value_of(flat, {section_of(profile), kKey});
        if (command.starts_with('/'))
            check_program(command.substr(0, command.find(' ')), "aws", standing);
        if (const std::string keys = tell_of_keys(around, profile); !keys.empty())
            standing.troubles.push_back({false, keys, import_keys(around)});
    }
    if (!standing.places.empty() && variable("AWS_ACCESS_KEY_ID"))
        standing.troubles.push_back({false,
                                     "aws uses the keys in the environment and does not ask patd",
                                     "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY"});
    check_record(around, "aws", "", standing);
    return standing;
}

}  // namespace aws
}  // namespace

const Tool kAws = {
    "aws",
    "[PROFILE...]",
    "profiles, in aws's config (credential_process)",
    "aws",
    aws::aws_file,
    aws::plan_aws,
    aws::look_at_aws,
};

}  // namespace patd::cli::tools
