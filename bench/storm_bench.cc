// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// How every kind of abuse by other accounts affects one account's requests: p50 and p99 on the line
// socket, on the bus and of a password check, divided by those of the same patd when it is quiet.
#include "bench/placement.h"
#include "bench/storm/abuses.h"
#include "bench/storm/site.h"
#include "bench/storm/storm_table.h"
#include "common/password/account.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <deque>
#include <optional>
#include <stdexcept>

namespace patd::bench {
namespace {

struct StormOptions : Options {
    std::vector<std::string> only;
    bool list = false;
    bool has_broker = false;
    double seconds = 0.7;
    Placement placement = Placement::Free;
};

Uid uid_of(const char* account) {
    const Result<password::Account> found = password::find_account(account);
    if (!found)
        throw std::runtime_error(std::string("no account ") + account);
    return found->uid;
}

Cast find_cast() {
    return {uid_of(kVictim), uid_of(kStranger), uid_of(kGuesser), uid_of(kCollector),
            uid_of(kCommittee)};
}

bool is_wanted(const StormOptions& options, const Abuse& abuse) {
    return options.only.empty() ||
           std::any_of(options.only.begin(), options.only.end(), [&](const std::string& part) {
               return abuse.name.find(part) != std::string::npos;
           });
}

std::vector<Abuse> wanted_abuses(const StormOptions& options, const Cast& cast) {
    std::vector<Abuse> abuses = all_abuses(cast);
    std::erase_if(abuses, [&](const Abuse& abuse) { return !is_wanted(options, abuse); });
    if (abuses.empty())
        throw std::runtime_error("no abuse has such a name; see --list");
    return abuses;
}

// One quiet window, and one during the storm.
Round measure_round(const Site& site, const Abuse& abuse, const StormOptions& options) {
    // A late answer keeps the victim longer than the window lasts.
    constexpr std::chrono::seconds kLongest{120};
    const std::chrono::milliseconds length(static_cast<int>(options.seconds * 1000));
    Victim victim = site.victim();
    victim.asks_floor = abuse.asks_floor;
    if (abuse.asks_line_floor)
        victim.line_socket = site.aim().floor_socket;
    Round round{};
    round.quiet = measure_victim(victim, length);
    const auto start = std::chrono::steady_clock::now();
    Storm storm(abuse, site.aim(), kLongest);
    round.storm = measure_victim(victim, length);
    storm.expect_abuse();
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    round.sent_per_second = static_cast<double>(storm.tally().sent) / elapsed.count();
    round.answered_per_second = static_cast<double>(storm.tally().answered) / elapsed.count();
    return round;
}

std::vector<Outcome> measure_abuse(std::deque<Site>& sites, const Abuse& abuse,
                                   const StormOptions& options) {
    constexpr std::chrono::milliseconds kWarmUp{50};
    std::vector<Outcome> outcomes(sites.size());
    for (std::size_t i = 0; i < sites.size(); ++i) {
        outcomes[i].abuse = abuse.name;
        outcomes[i].site = sites[i].name();
        outcomes[i].is_reference = abuse.is_reference;
        // Afresh, so that no abuse is affected by an earlier one.
        sites[i].start(abuse.descriptors);
        (void)measure_victim(sites[i].victim(), kWarmUp);
    }
    for (std::size_t round = 0; round < options.rounds; ++round) {
        for (std::size_t turn = 0; turn < sites.size(); ++turn) {
            const std::size_t next = (round + turn) % sites.size();
            outcomes[next].rounds.push_back(measure_round(sites[next], abuse, options));
            outcomes[next].restarts += sites[next].settle() ? 0 : 1;
        }
    }
    for (Site& site : sites)
        site.stop();
    return outcomes;
}

std::vector<Outcome> measure_all(const StormOptions& options, const Cast& cast) {
    const Workspace workspace;
    workspace.let_others_in();
    const Beginning beginning(workspace, cast);
    std::optional<Beginning> other;  // outlives its site
    std::deque<Site> sites;
    const Site::Parts parts{workspace, beginning, options.placement, options.has_broker};
    sites.emplace_back(parts, "patd");
    if (!options.against.empty()) {
        other.emplace(workspace, cast, options.against);
        const Site::Parts its{workspace, *other, options.placement, options.has_broker};
        sites.emplace_back(its, "against", options.against);
    }
    std::vector<Outcome> all;
    for (const Abuse& abuse : wanted_abuses(options, cast)) {
        for (Outcome& outcome : measure_abuse(sites, abuse, options)) {
            // The whole table comes at the end, minutes later.
            (void)std::fputs(storm_row(outcome, sites.size() > 1).c_str(), stderr);
            all.push_back(std::move(outcome));
        }
    }
    return all;
}

std::string run(const StormOptions& options) {
    char length[32];
    (void)std::snprintf(length, sizeof(length), "%.3g", options.seconds);
    std::vector<std::string> notes = {
        std::to_string(options.rounds) + " rounds of " + length +
        " s for everything but check and as long for check, quiet and in the storm. " +
        placement_text(options.placement)};
    if (options.has_broker)
        notes.emplace_back("The message bus is dbus-broker.");
    if (!options.against.empty())
        notes.emplace_back("In turn with the patd of another build (against).");
    const std::vector<Outcome> outcomes = measure_all(options, find_cast());
    return options.json ? storm_report(notes, outcomes).json() : storm_markdown(notes, outcomes);
}

int list_abuses() {
    for (const Abuse& abuse : all_abuses(find_cast()))
        (void)std::printf("%s\n", abuse.name.c_str());
    return 0;
}

}  // namespace
}  // namespace patd::bench

int main(int argc, char** argv) {
    return patd::bench::guarded([&] {
        patd::bench::StormOptions options;
        options.rounds = 3;
        CLI::App app("what others do to a victim's requests");
        app.add_flag("--json", options.json, "print JSON");
        app.add_option("--rounds", options.rounds, "rounds that are counted")
            ->check(CLI::PositiveNumber);
        app.add_option("--seconds", options.seconds, "the length of a window")
            ->check(CLI::Range(0.01, 60.0));
        app.add_option("--only", options.only, "only abuses with this in their names");
        app.add_flag("--list", options.list, "print the names of all abuses");
        app.add_flag("--broker", options.has_broker, "with dbus-broker instead of dbus-daemon");
        patd::bench::add_against(app, options);
        patd::bench::add_placement(app, options.placement);
        CLI11_PARSE(app, argc, argv);
        if (options.list)
            return patd::bench::list_abuses();
        const std::string text = patd::bench::run(options);
        return std::fputs(text.c_str(), stdout) < 0 ? 1 : 0;
    });
}
