// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "bench/storm/storm_table.h"

#include <algorithm>
#include <cstdio>

namespace patd::bench {
namespace {

constexpr char kTitle[] = "What others do to a victim";

std::string rounded(double value) {
    char text[64];
    const char* format = value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f";
    (void)std::snprintf(text, sizeof(text), format, value);
    return text;
}

std::string cell(const Fared& fared) {
    return rounded(fared.p50_ratio()) + " / " + rounded(fared.p99_ratio());
}

std::string met_text(const Outcome& outcome) {
    if (outcome.is_reference)
        return "";
    return outcome.meets() ? "yes" : "NO";
}

std::vector<std::string> sites_of(const std::vector<Outcome>& outcomes) {
    std::vector<std::string> sites;
    for (const Outcome& outcome : outcomes) {
        if (std::find(sites.begin(), sites.end(), outcome.site) == sites.end())
            sites.push_back(outcome.site);
    }
    return sites;
}

// Of the quiet windows beside all abuses.
double quiet_us(const std::vector<Outcome>& outcomes, const std::string& site, std::size_t request,
                double (Fared::*figure)() const) {
    std::vector<double> values;
    for (const Outcome& outcome : outcomes) {
        if (outcome.site == site)
            values.push_back((outcome.fared.at(request).*figure)());
    }
    return median(values);
}

std::string row_name(const Outcome& outcome, bool several) {
    return several ? outcome.abuse + " | " + outcome.site : outcome.abuse;
}

std::string quiet_table(const std::vector<Outcome>& outcomes) {
    std::string text = "\n| quiet | site | unit | p50 | p99 |\n|---|---|---|---|---|\n";
    for (std::size_t i = 0; i < kRequests; ++i) {
        for (const std::string& site : sites_of(outcomes))
            text += std::string("| ") + kRequestNames.at(i) + " | " + site + " | us | " +
                    rounded(quiet_us(outcomes, site, i, &Fared::quiet_p50_us)) + " | " +
                    rounded(quiet_us(outcomes, site, i, &Fared::quiet_p99_us)) + " |\n";
    }
    return text;
}

std::string storm_row(const Outcome& outcome, bool several) {
    std::string text = "| " + row_name(outcome, several);
    for (const Fared& fared : outcome.fared)
        text += " | " + cell(fared);
    text += " | " + std::to_string(outcome.refused()) + " of " + std::to_string(outcome.asked()) +
            " | " + rounded(median(outcome.sent_per_second)) + " | " +
            rounded(median(outcome.answered_per_second)) + " | " +
            std::to_string(outcome.restarts) + " | " + met_text(outcome) + " |\n";
    return text;
}

}  // namespace

void Fared::add_round(const Waited& quiet, const Waited& storm) {
    quiet_p50_.push_back(quantile(quiet.us, 0.5));
    quiet_p99_.push_back(quantile(quiet.us, 0.99));
    p50_ratios_.push_back(quantile(storm.us, 0.5) / quiet_p50_.back());
    p99_ratios_.push_back(quantile(storm.us, 0.99) / quiet_p99_.back());
    refused_ += storm.refused;
    asked_ += storm.us.size();
}

bool Outcome::meets() const {
    return std::all_of(fared.begin(), fared.end(), [](const Fared& one) { return one.meets(); });
}

std::size_t Outcome::refused() const {
    std::size_t sum = 0;
    for (const Fared& one : fared)
        sum += one.refused();
    return sum;
}

std::size_t Outcome::asked() const {
    std::size_t sum = 0;
    for (const Fared& one : fared)
        sum += one.asked();
    return sum;
}

std::string storm_markdown(const std::vector<std::string>& notes,
                           const std::vector<Outcome>& outcomes) {
    const bool several = sites_of(outcomes).size() > 1;
    std::string text = std::string("### ") + kTitle + "\n\n";
    for (const std::string& note : notes)
        text += note + "\n";
    text += quiet_table(outcomes) + "\n| storm, by quiet: p50 / p99 |";
    std::string line = "\n|---|";
    if (several) {
        text += " site |";
        line += "---|";
    }
    for (const char* name : kRequestNames) {
        text += std::string(" ") + name + " |";
        line += "---|";
    }
    text += " refused | sent/s | answered/s | restarts | p99 <= 2, refused 0 |" + line +
            "---|---|---|---|---|\n";
    for (const Outcome& outcome : outcomes)
        text += storm_row(outcome, several);
    return text;
}

Report storm_report(const std::vector<std::string>& notes, const std::vector<Outcome>& outcomes) {
    Report report(kTitle);
    for (const std::string& note : notes)
        report.add_note(note);
    for (const std::string& site : sites_of(outcomes)) {
        for (std::size_t i = 0; i < kRequests; ++i) {
            const std::string name = site + ", quiet, " + kRequestNames.at(i);
            report.add_value(name + ", p50", "us",
                             quiet_us(outcomes, site, i, &Fared::quiet_p50_us));
            report.add_value(name + ", p99", "us",
                             quiet_us(outcomes, site, i, &Fared::quiet_p99_us));
        }
    }
    for (const Outcome& outcome : outcomes) {
        const std::string name = outcome.site + ", " + outcome.abuse + ", ";
        report.add_value(name + "sent by attackers", "1/s", median(outcome.sent_per_second));
        report.add_value(name + "answered to them", "1/s", median(outcome.answered_per_second));
        report.add_value(name + "restarts", "times", static_cast<double>(outcome.restarts));
        const auto target = [&](double value) {
            return outcome.is_reference ? std::nullopt
                                        : std::optional(Target{Bound::AtMost, value});
        };
        for (std::size_t i = 0; i < kRequests; ++i) {
            const Fared& fared = outcome.fared.at(i);
            const std::string request = name + kRequestNames.at(i);
            report.add_ratio(request + ", p50, storm / quiet", fared.p50_ratio());
            report.add_ratio(request + ", p99, storm / quiet", fared.p99_ratio(),
                             target(kStormTarget));
            report.add_ratio(request + ", refused / asked",
                             static_cast<double>(fared.refused()) /
                                 static_cast<double>(fared.asked()),
                             target(0));
        }
    }
    return report;
}

}  // namespace patd::bench
