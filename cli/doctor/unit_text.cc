// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/doctor/unit_text.h"

#include "cli/doctor/key_seal.h"
#include "cli/text/counted.h"
#include "cli/text/json.h"

#include <algorithm>

namespace patd::cli {
namespace {

constexpr char kLogCommand[] = "journalctl -x -u 'patd*' -n 20";

struct Trouble {
    std::string cause;
    const char* fix;
};

// Why the service has no key. The units tell it to everybody, but not while the service is started
// again.
std::optional<Trouble> find_trouble(const Session& session,
                                    const std::vector<client::UnitState>& units) {
    const bool is_shut = std::any_of(units.begin(), units.end(), is_shut_key_socket);
    if (!is_shut && std::any_of(units.begin(), units.end(), has_lost_key))
        return Trouble{kLostKey, kRecoverKey};
    if (!can_open_key(session.environment().root).value_or(true))
        return Trouble{kLostKey, kRecoverKey};
    if (is_shut)
        return Trouble{std::string(kKeySocket) + ": " + kKeySocketShut, kOpenKeySocket};
    return std::nullopt;
}

std::string format_units(const std::vector<client::UnitState>& units,
                         const std::optional<Trouble>& trouble) {
    Fields fields;
    for (const client::UnitState& unit : units)
        fields.add(unit.name, describe_unit(unit));
    fields.add("Log", kLogCommand);
    if (trouble) {
        fields.add("Cause", trouble->cause);
        fields.add("Fix", trouble->fix);
    }
    return "The service does not answer. This is how systemd sees it:\n" + fields.format();
}

}  // namespace

bool has_lost_key(const client::UnitState& unit) {
    constexpr std::int32_t kCredentials = 243;  // EXIT_CREDENTIALS, systemd.exec(5)
    return unit.name == "patd.service" && unit.exit_status == kCredentials;
}

bool is_shut_key_socket(const client::UnitState& unit) {
    return unit.name == kKeySocket &&
           (unit.load == "masked" || (unit.load == "loaded" && unit.active != "active"));
}

std::string describe_unit(const client::UnitState& unit) {
    if (unit.load != "loaded")
        return printable(unit.load);
    std::string text = printable(unit.active);
    if (!unit.result.empty() && unit.result != "success") {
        text += " (" + printable(unit.result);
        if (unit.exit_status != 0)
            text += ", status " + std::to_string(unit.exit_status);
        text += ")";
    } else if (!unit.sub.empty()) {
        text += " (" + printable(unit.sub) + ")";
    }
    if (!unit.file.empty())
        text += ", " + printable(unit.file);
    if (unit.restarts != 0)
        text += ", " + counted(unit.restarts, "restart");
    return text;
}

nlohmann::json to_json(const client::UnitState& unit) {
    return {{"name", unit.name},
            {"load", unit.load},
            {"file", unit.file},
            {"active", unit.active},
            {"sub", unit.sub},
            {"result", unit.result},
            {"exit_status", unit.exit_status},
            {"restarts", unit.restarts}};
}

Result<std::vector<client::UnitState>> find_units() {
    const client::Systemd systemd = TRY(client::Systemd::open());
    std::vector<client::UnitState> units;
    for (const char* name : kUnits)
        units.push_back(TRY(systemd.find_unit(name)));
    if (has_lost_key(units.back())) {
        const client::UnitState socket = TRY(systemd.find_unit(kKeySocket));
        if (is_shut_key_socket(socket))
            units.insert(units.end() - 1, socket);
    }
    return units;
}

Result<std::vector<client::UnitState>> find_own_units() {
    const client::Systemd systemd = TRY(client::Systemd::open_own());
    std::vector<client::UnitState> units;
    for (const char* name : kOwnUnits)
        units.push_back(TRY(systemd.find_unit(name)));
    return units;
}

Result<ExitCode> with_units(const Session& session, Result<ExitCode> outcome) {
    if (outcome || outcome.error().code != Errc::Unavailable)
        return outcome;
    const Result<std::vector<client::UnitState>> units = find_units();
    if (!units)
        return outcome;
    if (!session.json) {
        TRY(session.print(format_units(*units, find_trouble(session, *units))));
        return outcome;
    }
    nlohmann::json list = nlohmann::json::array();
    for (const client::UnitState& unit : *units)
        list.push_back(to_json(unit));
    TRY(session.print_json({{"reachable", false}, {"units", list}}));
    return outcome;
}

}  // namespace patd::cli
