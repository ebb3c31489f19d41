// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/git/git_config.h"
#include "cli/text/shown_value.h"
#include "cli/tools/ini_file.h"
#include "cli/tools/link_file.h"
#include "cli/tools/tool.h"

#include <algorithm>
#include <array>

namespace patd::cli::tools {
namespace {
namespace pnpm {

constexpr char kProgram[] = "pat-pnpm";
constexpr std::string_view kHelper = ":tokenHelper";
constexpr std::array kTokens = {":_authToken", ":_auth", ":_password"};

std::filesystem::path pnpm_file(const Surroundings& around) {
    for (const char* name : {"npm_config_userconfig", "NPM_CONFIG_USERCONFIG"}) {
        if (const std::optional<std::string> file = variable(name))
            return path_of(around, *file);
    }
    return around.home / ".npmrc";
}

std::filesystem::path folder_of_links(const Surroundings& around) {
    return around.folder("XDG_DATA_HOME", ".local/share") / "patd" / "pnpm";
}

// pnpm tells its helper nothing: a link's name says the host, and a script the path.
LinkChange link_for(const Surroundings& around, const Target& place, bool remove) {
    LinkChange change;
    const std::string host(place.origin().host_and_port());
    std::string name = std::string(kProgram) + "-" + host;
    change.target = around.program(kProgram);
    change.remove = remove;
    if (!place.path().empty() || place.origin().protocol() != "https") {
        const std::string url = place.url() + "/";
        change.script =
            "#!/bin/sh\nexec " + quote_for_shell(change.target) + " " + quote_for_shell(url) + "\n";
        change.target += " " + url;
        // One name for each place, and none of a link, which pnpm gives to a shell without quotes.
        name = std::string(kProgram) + (place.origin().protocol() == "https" ? "-%" : "-%%") +
               escaped(host + "/" + place.path(), "-.:[]/");
        std::replace(name.begin(), name.end(), '/', '_');
    }
    change.link = folder_of_links(around) / name;
    return change;
}

// The registry's part of a key: `//host:port/path/`.
std::string registry_of(const Target& place) {
    const std::string url = place.url();
    return url.substr(url.find("//")) + "/";
}

bool is_ours(const Surroundings& around, const std::string& value) {
    const std::string folder = folder_of_links(around).string() + "/";
    return value.starts_with(folder) ||
           std::filesystem::path(value).filename().string().starts_with(kProgram);
}

// The places of all lines that name a link of ours.
std::vector<std::string> places_of_ours(const Surroundings& around, const FlatText& flat,
                                        const std::string& text) {
    std::vector<std::string> places;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        const std::string line = text.substr(begin, end - begin);
        const std::size_t at = line.find(kHelper);
        const std::size_t start = line.find("//");
        begin = end + 1;
        if (at == std::string::npos || start != line.find_first_not_of(" \t") || at < start + 3)
            continue;
        const std::string key = line.substr(start, at + kHelper.size() - start);
        const std::string place = line.substr(start + 2, at - start - 3);
        if (is_ours(around, value_of(flat, {"", key})) && !contains(places, place))
            places.push_back(place);
    }
    return places;
}

Result<std::vector<Target>> places_for(const Surroundings& around, const Order& order,
                                       const std::vector<std::string>& ours) {
    std::vector<Target> places;
    std::vector<std::string> names = order.names;
    if (order.undo && names.empty())
        names = ours;
    for (const std::string& name : names) {
        places.push_back(TRY(read_web_place(name)));
        // A key does not say which of the two it is; the name of the link does.
        if (order.undo && name.find("://") == std::string::npos)
            places.push_back(TRY(read_web_place("http://" + name)));
    }
    if (places.empty() && !order.undo) {
        TRY(hosts_of(around, order, "pnpm"));
        for (const Target& place : around.places) {
            if (place.origin().protocol() == "https" && place.path().empty())
                places.push_back(place);
        }
    }
    return places;
}

Result<Plan> plan_pnpm(const Surroundings& around, const Order& order) {
    const std::filesystem::path file = pnpm_file(around);
    const FlatText flat = TRY(read_flat(file, kLines));
    const std::string before = TRY(read_tool_file(file)).value_or("");
    const std::vector<Target> places =
        TRY(places_for(around, order, places_of_ours(around, flat, before)));
    Plan plan;
    const auto edit = [&](const std::string& text) -> Result<std::string> {
        std::string changed = text;
        for (const Target& place : places) {
            const std::string key = registry_of(place) + std::string(kHelper);
            const std::string value = value_of(flat, {"", key});
            if (order.undo && is_ours(around, value))
                changed = without_line(kLines, changed, {"", key}, "");
            else if (!order.undo && value.empty())
                changed = with_line(kLines, changed, {"", key},
                                    link_for(around, place, false).link.string(), "");
        }
        return changed;
    };
    const auto ours = [](const std::string& name) {
        return name.find(kHelper) != std::string::npos;
    };
    plan.files.push_back(
        TRY(plan_change({file, kLines, edit, ours, around.record.has_made("pnpm", file)})));
    const std::string text = plan.files.front().after.value_or("");
    const FlatText after = TRY(kLines.flatten(text));
    plan.places = places_of_ours(around, after, text);
    for (const Target& place : places) {
        const std::string registry = registry_of(place);
        const std::string value =
            value_of(order.undo ? flat : after, {"", registry + std::string(kHelper)});
        const LinkChange link = link_for(around, place, order.undo);
        // One that no line names was left by a setup that was cut off.
        if (value == link.link.string() || (order.undo && value.empty()))
            plan.links.push_back(link);
        else if (!order.undo && !is_ours(around, value))
            plan.notes.push_back("pnpm starts " + shown_file(value) + " for " +
                                 shown_value(registry) + ", as before, not patd");
        for (const char* token : kTokens) {
            if (!order.undo && !value_of(after, {"", registry + token}).empty())
                plan.notes.push_back(shown_file(file.string()) + " has a token for " +
                                     shown_value(registry) +
                                     " too; import it, and take it out there");
        }
    }
    return plan;
}

Result<Standing> look_at_pnpm(const Surroundings& around) {
    const std::filesystem::path file = pnpm_file(around);
    const FlatText flat = TRY(read_flat(file, kLines));
    Standing standing;
    standing.places = places_of_ours(around, flat, TRY(read_tool_file(file)).value_or(""));
    for (const std::string& host : token_hosts(around)) {
        if (!contains(standing.places, host))
            standing.could.push_back(host);
    }
    for (const std::string& place : standing.places)
        check_program(value_of(flat, {"", "//" + place + "/" + std::string(kHelper)}), "pnpm",
                      standing);
    check_record(around, "pnpm", "", standing);
    return standing;
}

}  // namespace pnpm
}  // namespace

const Tool kPnpm = {
    "pnpm",
    "[REGISTRY...]",
    "registries, in .npmrc (tokenHelper)",
    "pnpm",
    pnpm::pnpm_file,
    pnpm::plan_pnpm,
    pnpm::look_at_pnpm,
};

}  // namespace patd::cli::tools
