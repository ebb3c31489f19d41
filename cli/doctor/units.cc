// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/doctor/units.h"

#include "cli/doctor/key_seal.h"
#include "cli/doctor/unit_text.h"
#include "cli/git/git_config.h"
#include "cli/io/process.h"
#include "cli/text/table.h"
#include "common/base/names.h"
#include "common/base/parse_number.h"

#include <algorithm>
#include <charconv>

namespace patd::cli::doctor {
namespace {

// What is typed for the units of the machine, and for those of a user.
struct UnitCommands {
    const char* systemctl;
    const char* read_log;
};
constexpr UnitCommands kSystemUnits = {"sudo systemctl", "journalctl -x -u 'patd*' -n 20"};
constexpr UnitCommands kUserUnits = {"systemctl --user", "journalctl --user -x -u 'patd*' -n 20"};
constexpr char kOwnPackage[] = "patd-desktop";
constexpr char kStarter[] = "patd.socket";
constexpr char kCounterUnit[] = "patd-counter.socket";
constexpr char kOpenCounter[] =
    "sudo systemctl unmask patd-counter.socket && "
    "sudo systemctl restart patd-counter.socket patd.service";
constexpr char kReinstallAll[] = "sudo apt install --reinstall patd";
constexpr std::uint32_t kManyRestarts = 3;
constexpr double kExposureMax = 0.5;  // what the packaged unit promises

bool has_systemd(const Machine& machine) {
    return look_at(machine, "/run/systemd/system").is_there();
}

const UnitCommands& commands_of(bool own) {
    return own ? kUserUnits : kSystemUnits;
}

std::string enabling(const UnitView& view) {
    return std::string(commands_of(view.own).systemctl) + " enable --now " + view.starter;
}

bool is_missing(const client::UnitState& unit) {
    return unit.load == "not-found";
}

bool is_silent(const client::UnitState& unit) {
    return unit.name.ends_with(".socket") && unit.load == "loaded" && unit.active != "active";
}

bool is_switched_off(const std::vector<client::UnitState>& units, const std::string& starter) {
    return std::any_of(units.begin(), units.end(), [&](const client::UnitState& unit) {
        return unit.name == starter && unit.load == "loaded" && unit.active != "active" &&
               unit.file == "disabled";
    });
}

Result<std::vector<client::UnitState>> find_states(const std::vector<const char*>& names) {
    const client::Systemd systemd = TRY(client::Systemd::open());
    std::vector<client::UnitState> units;
    for (const char* name : names)
        units.push_back(TRY(systemd.find_unit(name)));
    return units;
}

void check_unit(const client::UnitState& unit, const UnitView& view, Findings& findings) {
    const UnitCommands& commands = commands_of(view.own);
    const std::string state = unit.name + " is " + describe_unit(unit);
    if (is_shut_key_socket(unit))
        return findings.error(state + ", and " + kKeySocketShut, kOpenKeySocket);
    if (unit.load == "masked")
        return findings.error(state, std::string(commands.systemctl) + " unmask " + unit.name);
    if (unit.load == "not-found")
        return findings.error(state, std::string("sudo apt install --reinstall ") + view.package);
    if (unit.load != "loaded")
        return findings.error(
            state,
            (view.own ? "systemd-analyze --user verify " : "systemd-analyze verify ") + unit.name);
    if (view.cause_known && (has_lost_key(unit) || unit.active == "failed"))
        return;
    if (has_lost_key(unit))
        return findings.error(state + ": " + kLostKey, kRecoverKey);
    if (unit.active == "failed")
        return findings.error(state + "; its last messages say why", commands.read_log);
    if (is_silent(unit))
        return findings.error(unit.name + " is not running: " + describe_unit(unit),
                              enabling(view));
    if ((unit.name.ends_with(".socket") || unit.name == view.starter) && unit.file == "disabled")
        findings.warn(state + ": it will not start at the next boot", enabling(view));
    if (unit.restarts >= kManyRestarts && !view.cause_known)
        findings.warn(state, commands.read_log);
}

Result<client::UnitState> find_service() {
    return TRY(client::Systemd::open()).find_unit("patd.service");
}

// How many system call filters a process has, proc_pid_status(5). Nothing: it cannot be told.
std::optional<int> count_filters(const Machine& machine, std::uint32_t pid) {
    constexpr std::string_view kName = "\nSeccomp_filters:\t";
    const std::string status =
        read_text(machine, "/proc/" + std::to_string(pid) + "/status").value_or("");
    const std::size_t found = status.find(kName);
    if (found == std::string::npos)
        return std::nullopt;
    std::string_view count = std::string_view(status).substr(found + kName.size());
    return take_number<int>(count);
}

}  // namespace

void check_unit_states(const std::vector<client::UnitState>& units, const UnitView& view,
                       Findings& findings) {
    if (units.size() > 1 && std::all_of(units.begin(), units.end(), is_missing))
        return findings.error(std::string(view.package) + " is not installed",
                              std::string("sudo apt install ") + view.package);
    // One switch turns all of them on.
    const bool is_off = is_switched_off(units, view.starter);
    if (is_off)
        findings.error(std::string(view.package) + " is installed, but not enabled",
                       enabling(view));
    const bool is_shut = std::any_of(units.begin(), units.end(), is_shut_key_socket);
    for (const client::UnitState& unit : units) {
        if ((!is_shut || !has_lost_key(unit)) && (!is_off || !is_silent(unit)))
            check_unit(unit, view, findings);
    }
}

void check_service(const Machine& machine, const std::optional<Error>& unreachable,
                   bool cause_known, Findings& findings) {
    const bool own = machine.own_service;
    if (unreachable && unreachable->code == Errc::InsecurePeer)
        findings.error(
            "another user's process answers in place of the service",
            own ? "busctl --user status org.patd.Tokens1" : "busctl status org.patd.Tokens1");
    const std::size_t before = findings.all().size();
    if (!has_systemd(machine)) {
        findings.note("systemd is not the init system here, so no unit was looked at",
                      "man 8 patd");
    } else if (const auto units = own ? find_own_units() : find_units(); units) {
        UnitView view{own, cause_known};
        if (own)
            view.package = kOwnPackage;
        check_unit_states(*units, view, findings);
        const bool is_said = std::any_of(units->begin(), units->end(), has_lost_key);
        if (unreachable && !own && !cause_known && !is_said &&
            !can_open_key(machine.root).value_or(true))
            findings.error(kLostKey, kRecoverKey);
    } else {
        findings.hide("the units (systemd does not answer)");
    }
    const auto is_error = [](const Finding& found) { return found.severity == Severity::Error; };
    const bool is_explained =
        cause_known || std::any_of(findings.all().begin() + static_cast<std::ptrdiff_t>(before),
                                   findings.all().end(), is_error);
    if (unreachable && unreachable->code != Errc::InsecurePeer && !is_explained)
        findings.error("the service does not answer: " + unreachable->context,
                       has_systemd(machine) ? std::string(commands_of(own).systemctl) +
                                                  " restart patd.socket patd.service"
                                            : "man 8 patd");
}

std::optional<bool> check_package(const Machine& machine, const PackageUnits& package,
                                  Findings& findings) {
    if (!has_systemd(machine))
        return std::nullopt;
    const Result<std::vector<client::UnitState>> units = find_states(package.units);
    if (!units) {
        findings.hide(std::string("the units of ") + package.package);
        return std::nullopt;
    }
    if (std::all_of(units->begin(), units->end(), is_missing))
        return false;
    const UnitView view{false, false, package.package, package.starter};
    if (is_switched_off(*units, package.starter))
        findings.warn(std::string(package.package) + " is installed, but not enabled",
                      enabling(view));
    else
        check_unit_states(*units, view, findings);
    return true;
}

void check_counter_socket(const Machine& machine, Findings& findings) {
    if (!has_systemd(machine) || !look_at(machine, names::kTpm).is_there())
        return;
    const auto units = find_states({kStarter, kCounterUnit});
    // Where patd.socket is off, that is said by itself.
    if (!units || units->front().active != "active" || units->back().active == "active")
        return;
    const client::UnitState& counter = units->back();
    if (counter.is_ruled_out)
        return;
    const std::string state = counter.name + " is " + describe_unit(counter) +
                              ", so the TPM does not count how new the store is, and a whole "
                              "machine that is put back would not be noticed";
    if (counter.load == "masked")  // as patd(8) says where two systems share a machine's id
        return findings.note(state, kOpenCounter);
    findings.warn(state, is_missing(counter) ? kReinstallAll : kOpenCounter);
}

std::optional<double> parse_exposure(const std::string& text) {
    constexpr std::string_view kMark = "Overall exposure level for ";
    const std::size_t mark = text.rfind(kMark);
    const std::size_t colon = mark == std::string::npos ? mark : text.find(": ", mark);
    if (colon == std::string::npos)
        return std::nullopt;
    double level = 0;
    const auto [end, error] =
        std::from_chars(text.data() + colon + 2, text.data() + text.size(), level);
    if (error != std::errc())
        return std::nullopt;
    return level;
}

void check_exposure(const Machine& machine, Findings& findings) {
    if (!has_systemd(machine))
        return;
    const Result<ProcessResult> ran =
        run_process({"systemd-analyze", "security", "--no-pager", "patd.service"});
    const std::optional<double> level = ran ? parse_exposure(ran->output) : std::nullopt;
    if (!level)
        return findings.hide("the exposure of patd.service");
    if (*level > kExposureMax + 0.001)
        findings.warn(
            "patd.service has lost a part of its sandbox, probably by a drop-in: "
            "systemd-analyze security gives it " +
                std::to_string(*level).substr(0, 3) + ", as packaged it has at most 0.5",
            "sudo systemctl revert patd.service");
}

void check_filter(const Machine& machine, Findings& findings) {
    if (!has_systemd(machine))
        return;
    constexpr char kHidden[] = "whether patd's system calls are filtered";
    const Result<client::UnitState> unit = find_service();
    if (!unit)
        return findings.hide(kHidden);
    if (unit->main_pid == 0)
        return;
    const std::optional<int> own = count_filters(machine, unit->main_pid);
    const std::optional<int> inherited = count_filters(machine, 1);
    if (!own || !inherited)
        return findings.hide(kHidden);
    if (*own <= *inherited)
        findings.warn(
            "no system call filter of patd.service is in force; systemd leaves them out without a "
            "word when it finds no libseccomp",
            "sudo apt install libseccomp2 && sudo systemctl restart patd.service");
}

void check_own_password(const Machine& machine, const client::Dictionary& status,
                        Findings& findings) {
    constexpr char kPassword[] = "service-password";
    if (!machine.user.is_root() && status.has(kPassword) && !status.flag(kPassword))
        findings.note("you have no service password yet, and without one you can make no token",
                      "patctl passwd");
}

void check_waits(const client::Dictionary& status, Findings& findings) {
    if (const std::uint32_t seconds = status.count("password-wait"); seconds > 0)
        findings.note("you gave too many wrong passwords; the next try is in " +
                          std::to_string(seconds) + " s",
                      "sudo patctl admin passwd " + quote_for_shell(status.text("user")));
    for (const std::string& wait : status.texts("password-waits")) {
        const std::size_t space = wait.rfind(' ');
        if (space == std::string::npos)
            continue;
        const std::string user = printable(wait.substr(0, space));
        findings.note(user + " gave too many wrong passwords; the next try is in " +
                          printable(wait.substr(space + 1)) + " s",
                      "sudo patctl admin passwd " + quote_for_shell(user));
    }
}

void check_service_password(const Machine& machine, Findings& findings) {
    const std::string state = names::kAuthStateDirectory;
    const std::string passwords = state + "/passwords";
    if (look_at(machine, state).presence == Presence::Missing)
        return;  // made at the first start
    const std::optional<std::vector<std::string>> users = list_names(machine, passwords);
    if (!users && look_at(machine, passwords).presence != Presence::Missing)
        return findings.hide("who has a service password");
    if (!users || users->empty())
        findings.note("nobody has a service password yet, and without one no token can be made",
                      "patctl passwd");
}

}  // namespace patd::cli::doctor
