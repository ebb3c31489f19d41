// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "bench/report.h"

#include <nlohmann/json.hpp>

#include <cstdio>
#include <filesystem>

namespace patd::bench {
namespace {

std::string number(double value) {
    char text[64];
    (void)std::snprintf(text, sizeof(text), value >= 100 ? "%.0f" : "%.3g", value);
    return text;
}

std::string ratio_text(double value) {
    char text[64];
    (void)std::snprintf(text, sizeof(text), "%.3f", value);
    return text;
}

bool meets(double value, const Target& target) {
    return target.bound == Bound::AtMost ? value <= target.value : value >= target.value;
}

std::string target_text(const std::optional<Target>& target) {
    if (!target)
        return "";
    return (target->bound == Bound::AtMost ? "<= " : ">= ") + number(target->value);
}

}  // namespace

void Report::add(const Series& series) {
    measured_.push_back(
        {series.name, series.unit, median(series.values), quantile(series.values, 0.9)});
}

void Report::add_value(std::string name, std::string unit, double value) {
    measured_.push_back({std::move(name), std::move(unit), value, value});
}

void Report::add_ratio(std::string name, double value, std::optional<Target> target) {
    ratios_.push_back({std::move(name), value, target});
}

std::string Report::markdown() const {
    std::string text = "### " + title_ + "\n\n";
    for (const std::string& note : notes_)
        text += note + "\n";
    text += "\n| measured | unit | median | p90 |\n|---|---|---|---|\n";
    for (const Measured& row : measured_)
        text += "| " + row.name + " | " + row.unit + " | " + number(row.median) + " | " +
                number(row.p90) + " |\n";
    text += "\n| ratio | value | target | met |\n|---|---|---|---|\n";
    for (const Ratio& row : ratios_) {
        const std::string met = !row.target ? "" : meets(row.value, *row.target) ? "yes" : "NO";
        text += "| " + row.name + " | " + ratio_text(row.value) + " | " + target_text(row.target) +
                " | " + met + " |\n";
    }
    return text;
}

std::string Report::json() const {
    nlohmann::ordered_json root = {{"title", title_}, {"notes", notes_}};
    root["measured"] = nlohmann::ordered_json::array();
    for (const Measured& row : measured_)
        root["measured"].push_back(
            {{"name", row.name}, {"unit", row.unit}, {"median", row.median}, {"p90", row.p90}});
    root["ratios"] = nlohmann::ordered_json::array();
    for (const Ratio& row : ratios_) {
        nlohmann::ordered_json ratio = {{"name", row.name}, {"value", row.value}};
        if (row.target) {
            ratio[row.target->bound == Bound::AtMost ? "at_most" : "at_least"] = row.target->value;
            ratio["met"] = meets(row.value, *row.target);
        }
        root["ratios"].push_back(std::move(ratio));
    }
    return root.dump(2) + "\n";
}

int print_report(const Options& options, const std::function<Report()>& run) {
    const Report report = run();
    const std::string text = options.json ? report.json() : report.markdown();
    return std::fputs(text.c_str(), stdout) < 0 ? 1 : 0;
}

void say_why(const char* reason) {
    (void)std::fprintf(stderr, "bench: %s\n", reason);
}

void add_against(CLI::App& app, Options& options) {
    app.add_option("--against", options.against,
                   "a directory of another build, which is measured in turn")
        ->check(CLI::ExistingDirectory)
        ->transform(
            [](const std::string& path) { return std::filesystem::absolute(path).string(); });
}

}  // namespace patd::bench
