// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/tools/tool.h"

#include <algorithm>

namespace patd::cli::tools {
namespace {
namespace bazel {

constexpr char kProgram[] = "pat-bazel";
constexpr char kOption[] = "common --credential_helper=";

std::filesystem::path bazel_file(const Surroundings& around) {
    return around.home / ".bazelrc";
}

// Every line is a value: there is nothing that would have to be understood.
Result<FlatText> flatten_bazelrc(std::string_view text) {
    FlatText flat;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        if (flat.size() >= kToolFileValues || text.find('\0') != std::string_view::npos)
            return fault_at(text, begin, "it is no text, or too long");
        std::string line(text.substr(begin, end - begin));
        if (!line.empty() && line.back() == '\r')
            line.pop_back();
        flat.emplace(line, "");
        begin = end + 1;
    }
    return flat;
}

const Format kBazelrc = {"bazelrc", flatten_bazelrc, ""};

std::string line_for(const std::string& host, const std::string& program) {
    return kOption + host + "=" + program;
}

bool is_ours(const std::string& line) {
    return line.starts_with(kOption) && line.ends_with(std::string("/") + kProgram);
}

std::string host_of(const std::string& line) {
    const std::size_t begin = sizeof kOption - 1;
    return line.substr(begin, line.find('=', begin) - begin);
}

std::vector<std::string> hosts_of_ours(const FlatText& flat) {
    std::vector<std::string> hosts;
    for (const auto& [line, nothing] : flat) {
        if (is_ours(line))
            hosts.push_back(host_of(line));
    }
    return hosts;
}

// Lines are put at the end, which keeps the end of the last line as it is.
std::string with_last_line(const std::string& text, const std::string& line) {
    const std::string eol(line_end_of(text));
    return ends_open(text) ? text + eol + line : text + line + eol;
}

std::string without_line_of(const std::string& text, const std::string& line) {
    std::size_t begin = text.find(line);
    while (begin != std::string::npos && begin > 0 && text[begin - 1] != '\n')
        begin = text.find(line, begin + 1);
    return begin == std::string::npos ? text : cut_lines(text, begin, end_of_line(text, begin));
}

Result<Plan> plan_bazel(const Surroundings& around, const Order& order) {
    std::vector<std::string> hosts = TRY(hosts_of(around, order, "bazel"));
    const std::filesystem::path file = bazel_file(around);
    const FlatText flat = TRY(read_flat(file, kBazelrc));
    if (order.undo && order.names.empty())
        hosts = hosts_of_ours(flat);
    const std::string program = around.program(kProgram);
    if (program.find_first_of(" \t\"'\\") != std::string::npos)
        return Error{Errc::BadFile, "the folder of patd's programs has a blank in its name"};
    const auto edit = [&](const std::string& text) -> Result<std::string> {
        std::string changed = text;
        for (const auto& [line, nothing] : flat) {
            if (order.undo && is_ours(line) && contains(hosts, host_of(line)))
                changed = without_line_of(changed, line);
        }
        for (const std::string& host : hosts) {
            const std::string line = line_for(host, program);
            if (!order.undo && flat.count(line) == 0)
                changed = with_last_line(changed, line);
        }
        return changed;
    };
    Plan plan;
    plan.files.push_back(
        TRY(plan_change({file, kBazelrc, edit, is_ours, around.record.has_made("bazel", file)})));
    plan.places = hosts_of_ours(TRY(flatten_bazelrc(plan.files.front().after.value_or(""))));
    return plan;
}

Result<Standing> look_at_bazel(const Surroundings& around) {
    Standing standing;
    const FlatText flat = TRY(read_flat(bazel_file(around), kBazelrc));
    standing.places = hosts_of_ours(flat);
    for (const std::string& host : token_hosts(around)) {
        if (!contains(standing.places, host))
            standing.could.push_back(host);
    }
    for (const auto& [line, nothing] : flat) {
        if (is_ours(line))
            check_program(line.substr(line.find('=', sizeof kOption - 1) + 1), "bazel", standing);
    }
    check_record(around, "bazel", "", standing);
    return standing;
}

}  // namespace bazel
}  // namespace

const Tool kBazel = {
    "bazel",
    "[HOST...]",
    "hosts, in .bazelrc (--credential_helper)",
    "bazel",
    bazel::bazel_file,
    bazel::plan_bazel,
    bazel::look_at_bazel,
};

}  // namespace patd::cli::tools
