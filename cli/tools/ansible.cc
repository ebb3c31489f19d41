// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/text/shown_value.h"
#include "cli/tools/ini_file.h"
#include "cli/tools/tool.h"

#include <algorithm>

namespace patd::cli::tools {
namespace {
namespace ansible {

constexpr char kProgram[] = "pat-vault-client";
constexpr IniKey kIdentities{"defaults", "vault_identity_list"};
constexpr char kMark[] = "# made by 'patctl setup ansible'";

std::filesystem::path ansible_file(const Surroundings& around) {
    if (const std::optional<std::string> file = variable("ANSIBLE_CONFIG")) {
        const std::filesystem::path named = path_of(around, *file);
        std::error_code failed;
        return std::filesystem::is_directory(named, failed) ? named / "ansible.cfg" : named;
    }
    return around.home / ".ansible.cfg";
}

// ansible takes a ; behind a blank for a comment, and Python alone does not.
std::size_t begin_of_comment(const std::string& value) {
    for (std::size_t at = value.find(';'); at != std::string::npos; at = value.find(';', at + 1)) {
        if (at == 0 || value[at - 1] == ' ' || value[at - 1] == '\t')
            return at;
    }
    return std::string::npos;
}

std::string identity_list(const FlatText& flat) {
    const std::string value = value_of(flat, kIdentities);
    const std::string list = value.substr(0, begin_of_comment(value));
    return list.substr(0, list.find_last_not_of(" \t") + 1);
}

// LABEL@PROGRAM, with commas between them; each with the blanks around it.
std::vector<std::string> identities_of(const std::string& value) {
    std::vector<std::string> identities;
    for (std::size_t begin = 0; !value.empty() && begin <= value.size();) {
        const std::size_t end = std::min(value.find(',', begin), value.size());
        identities.push_back(value.substr(begin, end - begin));
        begin = end + 1;
    }
    return identities;
}

std::string label_of(const std::string& identity) {
    const std::size_t begin = identity.find_first_not_of(" \t\n");
    const std::size_t at = identity.find('@');
    return begin == std::string::npos || at == std::string::npos || at < begin
               ? std::string()
               : identity.substr(begin, at - begin);
}

bool is_ours(const std::string& identity) {
    const std::size_t end = identity.find_last_not_of(" \t\n");
    return end != std::string::npos &&
           identity.substr(0, end + 1).ends_with(std::string("/") + kProgram);
}

std::vector<std::string> labels_of_ours(const FlatText& flat) {
    std::vector<std::string> labels;
    for (const std::string& identity : identities_of(identity_list(flat))) {
        if (is_ours(identity))
            labels.push_back(label_of(identity));
    }
    return labels;
}

bool has_label(const std::string& value, const std::string& label) {
    const std::vector<std::string> identities = identities_of(value);
    return std::any_of(identities.begin(), identities.end(),
                       [&](const std::string& identity) { return label_of(identity) == label; });
}

std::string without_labels(const std::string& value, const std::vector<std::string>& labels) {
    std::string left;
    for (const std::string& identity : identities_of(value)) {
        if (!is_ours(identity) || !contains(labels, label_of(identity)))
            left += (left.empty() ? "" : ",") + identity;
    }
    return left;
}

Result<std::string> edit(const std::string& text, const std::vector<std::string>& labels,
                         const std::string& program, bool undo) {
    const FlatText flat = TRY(kIni.flatten(text));
    const std::string value = identity_list(flat);
    const std::string whole = value_of(flat, kIdentities);
    if (whole.find('\n') != std::string::npos)
        return Error{Errc::BadFile, "vault_identity_list goes over several lines"};
    std::string changed = undo ? without_labels(value, labels) : value;
    for (const std::string& label : labels) {
        if (!undo && !has_label(changed, label))
            changed += (changed.empty() ? "" : ", ") + label + "@" + program;
    }
    if (changed == value)
        return text;
    if (whole != value)
        return Error{Errc::BadFile, "there is a comment behind vault_identity_list, in its line"};
    if (changed.empty())
        return without_line(kIni, text, kIdentities, kMark);
    return value.empty() ? with_line(kIni, text, kIdentities, changed, kMark)
                         : with_value(kIni, text, kIdentities, changed);
}

Result<Plan> plan_ansible(const Surroundings& around, const Order& order) {
    std::vector<std::string> labels = TRY(labels_of(around, order, "ansible", "vault"));
    const std::filesystem::path file = ansible_file(around);
    if (order.undo && order.names.empty())
        labels = labels_of_ours(TRY(read_flat(file, kIni)));
    Plan plan;
    plan.files.push_back(
        TRY(plan_change({file, kIni,
                         [&](const std::string& text) {
                             return edit(text, labels, around.program(kProgram), order.undo);
                         },
                         [](const std::string& name) {
                             return name == name_of(kIdentities) || name == "[defaults]";
                         },
                         around.record.has_made("ansible", file)})));
    plan.places = labels_of_ours(TRY(kIni.flatten(plan.files.front().after.value_or(""))));
    for (const std::string& label : labels) {
        if (!order.undo && !contains(plan.places, label))
            plan.notes.push_back("ansible asks another program for " + shown_value(label) +
                                 ", as before, not patd");
    }
    std::error_code failed;
    if (!order.undo && !variable("ANSIBLE_CONFIG") &&
        std::filesystem::exists("ansible.cfg", failed))
        plan.notes.push_back("ansible reads ./ansible.cfg in place of " +
                             shown_file(file.string()) +
                             " here; set ANSIBLE_CONFIG to that file, "
                             "and run this again");
    return plan;
}

Result<Standing> look_at_ansible(const Surroundings& around) {
    Standing standing;
    const FlatText flat = TRY(read_flat(ansible_file(around), kIni));
    const std::string value = identity_list(flat);
    standing.places = labels_of_ours(flat);
    for (const std::string& label : token_labels(around, "vault")) {
        if (!has_label(value, label))
            standing.could.push_back(label);
    }
    for (const std::string& identity : identities_of(value)) {
        if (is_ours(identity))
            check_program(identity.substr(identity.find('@') + 1,
                                          identity.find_last_not_of(" \t\n") - identity.find('@')),
                          "ansible", standing);
    }
    if (!standing.places.empty() && variable("ANSIBLE_VAULT_IDENTITY_LIST"))
        standing.troubles.push_back(
            {false, "ansible takes its vault identities from the environment, not from its file",
             "unset ANSIBLE_VAULT_IDENTITY_LIST"});
    check_record(around, "ansible", "", standing);
    return standing;
}

}  // namespace ansible
}  // namespace

const Tool kAnsible = {
    "ansible",
    "[LABEL...]",
    "vault passwords, in ansible.cfg (vault_identity_list)",
    "ansible",
    ansible::ansible_file,
    ansible::plan_ansible,
    ansible::look_at_ansible,
};

}  // namespace patd::cli::tools
