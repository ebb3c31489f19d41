// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/text/shown_value.h"
#include "cli/tools/toml_file.h"
#include "cli/tools/tool.h"

#include <algorithm>

namespace patd::cli::tools {
namespace {
namespace cargo {

constexpr char kProgram[] = "cargo-credential-pat";
constexpr char kMark[] = "# patctl setup cargo";
constexpr char kTable[] = "registry";
constexpr char kProviders[] = "global-credential-providers";
constexpr char kList[] = "registry.global-credential-providers";
constexpr char kProvider[] = "credential-provider";
constexpr char kOwnFile[] = "cargo:token";  // what cargo does where nothing is said
constexpr char kAll[] = "all registries";

// cargo takes the old name, without .toml, where both are there.
std::filesystem::path cargo_file(const Surroundings& around) {
    const std::optional<std::string> home = variable("CARGO_HOME");
    const std::filesystem::path folder =
        home ? std::filesystem::path(*home) : around.home / ".cargo";
    std::error_code failed;
    return std::filesystem::exists(folder / "config", failed) ? folder / "config"
                                                              : folder / "config.toml";
}

// cargo divides it at blanks.
std::string entry_for(const Surroundings& around) {
    const std::string program = around.program(kProgram);
    return program.find_first_of(" \t\"\\") == std::string::npos ? program : kProgram;
}

bool is_ours(const std::string& entry) {
    const std::string program = entry.substr(0, entry.find(' '));
    return program == kProgram || program.ends_with(std::string("/") + kProgram);
}

std::string table_of(const std::string& registry) {
    return join_name("registries", registry);
}

// Registries by their names in the file, without their quotes.
std::vector<std::string> registries_of_ours(const std::string& text) {
    std::vector<std::string> names;
    for (const std::string& table : tables_below(text, "registries")) {
        const Result<std::string> provider =
            toml_text(text, "registries." + table + "." + kProvider);
        if (provider && is_ours(*provider))
            names.push_back(table);
    }
    return names;
}

std::vector<std::string> places_of(const std::string& text) {
    std::vector<std::string> places;
    const Result<std::vector<std::string>> list = elements_of(text, kList);
    if (list && std::any_of(list->begin(), list->end(), is_ours))
        places.emplace_back(kAll);
    for (const std::string& name : registries_of_ours(text))
        places.push_back(name);
    return places;
}

Result<std::string> edit_all(const std::string& text, const std::string& entry, bool undo) {
    const std::vector<std::string> list = TRY(elements_of(text, kList));
    const auto ours = std::find_if(list.begin(), list.end(), is_ours);
    if (undo && ours != list.end()) {
        std::string changed = TRY(without_toml_line(text, kTable, kProviders, kMark));
        return changed == text ? without_element(text, kList, *ours)
                               : Result<std::string>(std::move(changed));
    }
    if (undo || ours != list.end())
        return text;
    if (TRY(has_table(text, kList)))
        return with_element(text, kList, entry);
    // The last one is asked first.
    return with_toml_line(text, kTable,
                          std::string(kProviders) + " = [\"" + kOwnFile + "\", \"" + entry + "\"]",
                          kMark);
}

Result<std::string> edit_one(const std::string& text, const std::string& registry,
                             const std::string& entry, bool undo) {
    if (undo)
        return without_toml_line(text, table_of(registry), kProvider, kMark);
    if (!TRY(toml_text(text, table_of(registry) + "." + kProvider)).empty())
        return text;
    return with_toml_line(text, table_of(registry), std::string(kProvider) + " = \"" + entry + "\"",
                          kMark);
}

Result<std::string> edit(const std::string& text, const Order& order, const std::string& entry) {
    std::string changed = text;
    if (order.names.empty())
        changed = TRY(edit_all(changed, entry, order.undo));
    std::vector<std::string> names = order.names;
    if (order.undo && names.empty())
        names = registries_of_ours(text);
    for (const std::string& name : names)
        changed = TRY(edit_one(changed, name, entry, order.undo));
    return changed;
}

Result<Plan> plan_cargo(const Surroundings& around, const Order& order) {
    const std::filesystem::path file = cargo_file(around);
    const std::string before = TRY(read_tool_file(file)).value_or("");
    const std::vector<std::string> known = tables_below(before, "registries");
    for (const std::string& name : order.names) {
        if (!contains(known, join_name("", name)))
            return Error{Errc::NotFound, shown_value(name) + ": no registry in " +
                                             shown_file(file.string()) + "; it has " +
                                             (known.empty() ? "none" : join(known))};
    }
    Plan plan;
    plan.files.push_back(TRY(plan_change(
        {file, kToml, [&](const std::string& text) { return edit(text, order, entry_for(around)); },
         [](const std::string& name) {
             return name.starts_with(kList) || name == kTable ||
                    (name.starts_with("registries.") &&
                     name.ends_with(std::string(".") + kProvider));
         },
         around.record.has_made("cargo", file)})));
    const std::string after = plan.files.front().after.value_or("");
    plan.places = places_of(after);
    if (order.undo)
        return plan;
    for (const std::string& name : order.names) {
        if (!contains(plan.places, join_name("", name)))
            plan.notes.push_back(
                "cargo asks another program for " + shown_value(name) +
                ", as before; to change that, take its credential-provider out of " +
                shown_file(file.string()) + " and run this again");
    }
    return plan;
}

Result<Standing> look_at_cargo(const Surroundings& around) {
    const std::filesystem::path file = cargo_file(around);
    TRY(read_flat(file, kToml));
    const std::string text = TRY(read_tool_file(file)).value_or("");
    Standing standing;
    standing.places = places_of(text);
    if (standing.places.empty())
        standing.could.emplace_back(kAll);
    for (const std::string& entry : TRY(elements_of(text, kList))) {
        if (is_ours(entry) && entry.starts_with('/'))
            check_program(entry.substr(0, entry.find(' ')), "cargo", standing);
        else if (is_ours(entry) && !find_program(kProgram))
            standing.troubles.push_back(
                {true, std::string("cargo asks ") + kProgram + ", which is not on PATH",
                 "patctl setup cargo --undo"});
    }
    const std::vector<std::string> list = TRY(elements_of(text, kList));
    if (!list.empty() && contains(standing.places, kAll) && !is_ours(list.back()))
        standing.troubles.push_back({false,
                                     "cargo asks " + shown_value(list.back()) +
                                         " before patd, because it comes last in " + kList,
                                     "${EDITOR:-vi} " + pasted(file)});
    if (!standing.places.empty() && variable("CARGO_REGISTRY_GLOBAL_CREDENTIAL_PROVIDERS"))
        standing.troubles.push_back(
            {false, "cargo takes its providers from the environment, not from its file",
             "unset CARGO_REGISTRY_GLOBAL_CREDENTIAL_PROVIDERS"});
    check_record(around, "cargo", "", standing);
    return standing;
}

}  // namespace cargo
}  // namespace

const Tool kCargo = {
    "cargo",
    "[REGISTRY...]",
    "registries, in cargo's config.toml",
    "cargo",
    cargo::cargo_file,
    cargo::plan_cargo,
    cargo::look_at_cargo,
};

}  // namespace patd::cli::tools
