// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "bench/storm/storm_table.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

namespace patd::bench {
namespace {

constexpr char kTitle[] = "What others do to a victim";
constexpr std::array kAllRequests = {Request::Get,  Request::Verify, Request::Capability,
                                     Request::Bus,  Request::Status, Request::List,
                                     Request::Check};

const char* name_of(Request request) {
    return kRequestNames.at(static_cast<std::size_t>(request));
}

const Waited& of(const Window& window, Request request) {
    return window.at(static_cast<std::size_t>(request));
}

Quantiles quantiles_of(const Window& window, Request request) {
    const std::vector<double>& us = of(window, request).us;
    return {quantile(us, 0.5), quantile(us, 0.99)};
}

bool is_on_bus(Request request) {
    return request == Request::Status || request == Request::List;
}

// How much longer the bus takes for a call and its answer than when it is quiet: twice what it
// takes for one call to itself.
double delay_of_bus(const Round& round) {
    const double more = quantiles_of(round.storm, Request::Bus).p99_us -
                        quantiles_of(round.quiet, Request::Bus).p99_us;
    return 2 * std::max(more, 0.0);
}

std::string rounded(double value) {
    char text[64];
    const char* format = value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f";
    (void)std::snprintf(text, sizeof(text), format, value);
    return text;
}

std::string cell(const Outcome& outcome, Request request) {
    const Fared fared = outcome.fared(request);
    std::string text = rounded(fared.p50_ratio) + " / " + rounded(fared.p99_ratio);
    if (is_on_bus(request))
        text += " (" + rounded(fared.own_p99_ratio) + ")";
    return text;
}

std::string met_text(const Outcome& outcome) {
    if (outcome.is_reference)
        return "";
    return outcome.meets() ? "yes" : "NO";
}

std::string refused_text(const Outcome& outcome) {
    std::size_t refused = 0;
    std::size_t asked = 0;
    for (const Request request : kAllRequests) {
        refused += outcome.fared(request).refused;
        asked += outcome.fared(request).asked;
    }
    return std::to_string(refused) + " of " + std::to_string(asked);
}

double median_of(const Outcome& outcome, double Round::*figure) {
    std::vector<double> values;
    for (const Round& round : outcome.rounds)
        values.push_back(round.*figure);
    return median(values);
}

std::vector<std::string> sites_of(const std::vector<Outcome>& outcomes) {
    std::vector<std::string> sites;
    for (const Outcome& outcome : outcomes) {
        if (std::find(sites.begin(), sites.end(), outcome.site) == sites.end())
            sites.push_back(outcome.site);
    }
    return sites;
}

// Over the quiet windows beside all abuses.
Quantiles quiet_of(const std::vector<Outcome>& outcomes, const std::string& site, Request request) {
    std::vector<double> p50;
    std::vector<double> p99;
    for (const Outcome& outcome : outcomes) {
        if (outcome.site != site)
            continue;
        p50.push_back(outcome.fared(request).quiet.p50_us);
        p99.push_back(outcome.fared(request).quiet.p99_us);
    }
    return {median(p50), median(p99)};
}

std::string quiet_table(const std::vector<Outcome>& outcomes) {
    std::string text = "\n| quiet | unit | p50 | p99 |\n|---|---|---|---|\n";
    const std::vector<std::string> sites = sites_of(outcomes);
    for (const Request request : kAllRequests) {
        for (const std::string& site : sites) {
            const Quantiles quiet = quiet_of(outcomes, site, request);
            text += std::string("| ") + name_of(request) + (sites.size() > 1 ? ", " + site : "") +
                    " | us | " + rounded(quiet.p50_us) + " | " + rounded(quiet.p99_us) + " |\n";
        }
    }
    return text;
}

void add_outcome(Report& report, const Outcome& outcome) {
    const std::string name = outcome.site + ", " + outcome.abuse + ", ";
    report.add_value(name + "sent by attackers", "1/s",
                     median_of(outcome, &Round::sent_per_second));
    report.add_value(name + "answered to attackers", "1/s",
                     median_of(outcome, &Round::answered_per_second));
    report.add_value(name + "restarts", "times", static_cast<double>(outcome.restarts));
    for (const Request request : kAllRequests) {
        const auto target = [&](double value) {
            return outcome.is_reference || request == Request::Bus
                       ? std::nullopt
                       : std::optional(Target{Bound::AtMost, value});
        };
        const Fared fared = outcome.fared(request);
        const std::string start = name + name_of(request) + ", ";
        report.add_ratio(start + "p50, storm / quiet", fared.p50_ratio);
        if (is_on_bus(request))
            report.add_ratio(start + "p99 with the bus's own delay, storm / quiet",
                             fared.p99_ratio);
        report.add_ratio(start + "p99, storm / quiet", fared.own_p99_ratio, target(kStormTarget));
        report.add_ratio(start + "refused / asked",
                         static_cast<double>(fared.refused) / static_cast<double>(fared.asked),
                         target(0));
    }
}

}  // namespace

Fared Outcome::fared(Request request) const {
    std::array<std::vector<double>, 5> values;
    std::size_t refused = 0;
    std::size_t asked = 0;
    for (const Round& round : rounds) {
        const Quantiles quiet = quantiles_of(round.quiet, request);
        const Quantiles storm = quantiles_of(round.storm, request);
        const double delay = is_on_bus(request) ? delay_of_bus(round) : 0;
        values[0].push_back(quiet.p50_us);
        values[1].push_back(quiet.p99_us);
        values[2].push_back(storm.p50_us / quiet.p50_us);
        values[3].push_back(storm.p99_us / quiet.p99_us);
        values[4].push_back(std::max(storm.p99_us - delay, 0.0) / quiet.p99_us);
        refused += of(round.storm, request).refused;
        asked += of(round.storm, request).us.size();
    }
    return {{median(values[0]), median(values[1])},
            median(values[2]),
            median(values[3]),
            median(values[4]),
            refused,
            asked};
}

bool Outcome::meets() const {
    return std::all_of(kAllRequests.begin(), kAllRequests.end(), [this](Request request) {
        return request == Request::Bus || fared(request).meets();
    });
}

std::string storm_row(const Outcome& outcome, bool several) {
    std::string text = "| " + outcome.abuse;
    if (several)
        text += " | " + outcome.site;
    for (const Request request : kAllRequests)
        text += " | " + cell(outcome, request);
    text += " | " + refused_text(outcome) + " | " +
            rounded(median_of(outcome, &Round::sent_per_second)) + " | " +
            rounded(median_of(outcome, &Round::answered_per_second)) + " | " +
            std::to_string(outcome.restarts) + " | " + met_text(outcome) + " |\n";
    return text;
}

std::string storm_markdown(const std::vector<std::string>& notes,
                           const std::vector<Outcome>& outcomes) {
    const bool several = sites_of(outcomes).size() > 1;
    std::string text = std::string("### ") + kTitle + "\n\n";
    for (const std::string& note : notes)
        text += note + "\n";
    text += quiet_table(outcomes) + "\n| storm by quiet, p50 / p99 |";
    std::string line = "\n|---|";
    if (several) {
        text += " patd of |";
        line += "---|";
    }
    for (const Request request : kAllRequests) {
        text += std::string(" ") + name_of(request) + " |";
        line += "---|";
    }
    text += " refused | sent/s | answered/s | restarts | met |" + line + "---|---|---|---|---|\n";
    for (const Outcome& outcome : outcomes)
        text += storm_row(outcome, several);
    return text;
}

Report storm_report(const std::vector<std::string>& notes, const std::vector<Outcome>& outcomes) {
    Report report(kTitle);
    for (const std::string& note : notes)
        report.add_note(note);
    for (const std::string& site : sites_of(outcomes)) {
        for (const Request request : kAllRequests) {
            const Quantiles quiet = quiet_of(outcomes, site, request);
            const std::string start = site + ", quiet, " + name_of(request);
            report.add_value(start + ", p50", "us", quiet.p50_us);
            report.add_value(start + ", p99", "us", quiet.p99_us);
        }
    }
    for (const Outcome& outcome : outcomes)
        add_outcome(report, outcome);
    return report;
}

}  // namespace patd::bench
