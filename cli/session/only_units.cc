// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/session/only_units.h"

#include "cli/text/time_text.h"
#include "common/base/nearest_name.h"
#include "common/client/unit_state.h"
#include "common/token/release_rules.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace patd::cli {
namespace {

std::vector<std::string> units_of(const client::Dictionary& token) {
    std::vector<std::string> units;
    for (const std::string& unit : token.texts("only-units"))
        units.push_back(printable(unit));
    return units;
}

std::string grade_of(const client::Dictionary& token) {
    const std::string grade = printable(token.text("only-units-are"));
    return grade.empty() ? grade : " (" + grade + ")";
}

// What was probably meant, of the units that there are files of.
std::string propose_unit(const std::string& typed, const std::string& root) {
    std::vector<std::string> names;
    for (const char* directory : {"/etc/systemd/system", "/run/systemd/system",
                                  "/usr/local/lib/systemd/system", "/lib/systemd/system"}) {
        std::error_code failed;
        for (const auto& entry : std::filesystem::directory_iterator(root + directory, failed))
            names.push_back(entry.path().filename());
    }
    std::erase_if(names, [](const std::string& name) { return !ReleaseRules::parse({name}); });
    const std::string nearest = nearest_name(typed, names);
    return nearest.empty() ? "" : "; did you mean " + nearest + "?";
}

}  // namespace

void add_only_units(CLI::App& command, TokenOptions& options) {
    command
        .add_option("--only-unit", options.only_units,
                    "Release the token only to processes of this system unit; repeat for more")
        ->allow_extra_args(false)
        ->type_name("UNIT");
}

void warn_of_unknown_units(const Session& session, const std::vector<std::string>& units) {
    if (units.empty())
        return;
    const Result<client::Systemd> systemd = client::Systemd::open();
    if (!systemd)
        return;
    for (const std::string& unit : units) {
        const Result<client::UnitState> state = systemd->find_unit(unit);
        if (state && state->load == "not-found")
            session.warn("systemd knows no unit " + printable(unit) +
                         "; until it exists, it gets no token" +
                         propose_unit(unit, session.environment().root));
    }
}

std::string format_rules(const client::Dictionary& token) {
    std::string text;
    for (const std::string& unit : units_of(token))
        text += (text.empty() ? "" : "\n") + unit + grade_of(token);
    return text.empty() ? "everywhere" : text;
}

bool has_rules(const std::vector<client::Dictionary>& tokens) {
    return std::any_of(tokens.begin(), tokens.end(), [](const client::Dictionary& token) {
        return !token.texts("only-units").empty();
    });
}

std::string format_short_rules(const client::Dictionary& token) {
    const std::vector<std::string> units = units_of(token);
    return units.empty() ? "-" : format_short_list(units) + grade_of(token);
}

}  // namespace patd::cli
