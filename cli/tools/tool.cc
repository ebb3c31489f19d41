// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/tools/tool.h"

#include "cli/git/git_config.h"
#include "cli/session/typed_values.h"
#include "cli/text/shown_value.h"
#include "cli/text/wrap.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>

namespace patd::cli::tools {
namespace {

constexpr std::array kTools = {&kDocker, &kPodman, &kCargo,     &kPip,     &kAws,  &kKubectl,
                               &kGo,     &kPnpm,   &kTerraform, &kAnsible, &kBazel};

Error nothing_to_set_up(const char* tool, const char* what, const char* typed) {
    return {Errc::NotFound, std::string("there is no token for ") + what + " that " + tool +
                                " could use; name one:" +
                                own_line(std::string("patctl setup ") + tool + " " + typed)};
}

void add_once(std::vector<std::string>& texts, const std::string& text) {
    if (!contains(texts, text))
        texts.push_back(text);
}

}  // namespace

std::span<const Tool* const> all_tools() {
    return kTools;
}

Surroundings Surroundings::look(TargetList places) {
    Surroundings around;
    const char* home = secure_getenv("HOME");
    if (home == nullptr || *home == '\0') {
        const passwd* entry = getpwuid(geteuid());
        home = entry == nullptr ? "/" : entry->pw_dir;
    }
    around.home = home;
    around.programs = std::filesystem::path(find_helper()).parent_path();
    around.places = std::move(places);
    around.record =
        SetupRecord::read(around.folder("XDG_STATE_HOME", ".local/state") / "patd" / "setup.json");
    return around;
}

std::filesystem::path Surroundings::folder(const char* name, const char* below) const {
    const std::optional<std::string> set = variable(name);
    return set && set->starts_with('/') ? std::filesystem::path(*set) : home / below;
}

TargetList places_of_tokens(const std::vector<client::Dictionary>& tokens) {
    TargetList places;
    for (const client::Dictionary& token : tokens) {
        for (const std::string& text : token.texts("targets")) {
            const Result<Target> target = Target::parse(text);
            if (target && std::find(places.begin(), places.end(), *target) == places.end())
                places.push_back(*target);
        }
    }
    // The list of tokens made in one second has no order of its own.
    std::sort(places.begin(), places.end(),
              [](const Target& one, const Target& other) { return one.url() < other.url(); });
    return places;
}

std::optional<std::string> variable(const char* name) {
    const char* value = secure_getenv(name);
    if (value == nullptr || *value == '\0')
        return std::nullopt;
    return value;
}

std::filesystem::path path_of(const Surroundings& around, const std::string& text) {
    return text.starts_with("~/") ? around.home / text.substr(2) : std::filesystem::path(text);
}

std::optional<std::filesystem::path> find_program(const std::string& name) {
    const std::string path = variable("PATH").value_or("/usr/local/bin:/usr/bin:/bin");
    for (std::size_t begin = 0; begin <= path.size();) {
        const std::size_t end = std::min(path.find(':', begin), path.size());
        const std::filesystem::path file =
            std::filesystem::path(path.substr(begin, end - begin)) / name;
        std::error_code failed;
        if (std::filesystem::is_regular_file(file, failed) && access(file.c_str(), X_OK) == 0)
            return file;
        begin = end + 1;
    }
    return std::nullopt;
}

Result<Target> read_web_place(const std::string& typed) {
    const std::string url = typed.find("://") == std::string::npos ? "https://" + typed : typed;
    const TargetList targets = TRY(read_targets({url}));
    if (!targets.front().origin().protocol().starts_with("http"))
        return Error{Errc::InvalidTarget,
                     shown_value(typed) + ": no host; write HOST[:PORT] or https://HOST[:PORT]"};
    return targets.front();
}

std::vector<std::string> token_hosts(const Surroundings& around) {
    std::vector<std::string> hosts;
    for (const Target& place : around.places) {
        if (place.origin().protocol() == "https" && place.path().empty())
            add_once(hosts, std::string(place.origin().host_and_port()));
    }
    return hosts;
}

std::vector<std::string> token_labels(const Surroundings& around, const char* protocol) {
    std::vector<std::string> labels;
    for (const Target& place : around.places) {
        if (place.origin().protocol() == protocol)
            add_once(labels, std::string(place.origin().host_and_port()));
    }
    return labels;
}

Result<std::vector<std::string>> hosts_of(const Surroundings& around, const Order& order,
                                          const char* tool) {
    std::vector<std::string> hosts;
    for (const std::string& name : order.names) {
        const Target place = TRY(read_web_place(name));
        if (!place.path().empty())
            return Error{Errc::InvalidTarget, shown_value(name) + ": " + tool +
                                                  " asks for a host alone; write HOST[:PORT]"};
        add_once(hosts, std::string(place.origin().host_and_port()));
    }
    if (hosts.empty())
        hosts = token_hosts(around);
    if (hosts.empty() && !order.undo)
        return nothing_to_set_up(tool, "a host", "HOST");
    return hosts;
}

Result<std::vector<std::string>> labels_of(const Surroundings& around, const Order& order,
                                           const char* tool, const char* protocol) {
    std::vector<std::string> labels;
    for (const std::string& name : order.names) {
        const Result<Target> place = Target::parse(std::string(protocol) + "://" + name);
        if (!place || place->origin().host_and_port() != name)
            return Error{Errc::InvalidTarget,
                         shown_value(name) +
                             ": no name that a token can be for; write lower case "
                             "letters, digits, - and _"};
        add_once(labels, name);
    }
    if (labels.empty())
        labels = token_labels(around, protocol);
    if (labels.empty() && !order.undo)
        return nothing_to_set_up(tool, (std::string(protocol) + "://NAME").c_str(), "NAME");
    return labels;
}

void check_program(const std::string& program, const char* tool, Standing& standing) {
    if (access(program.c_str(), X_OK) != 0)
        standing.troubles.push_back({true,
                                     std::string(tool) + " is told to start " +
                                         shown_file(program) + ", which is not there",
                                     std::string("patctl setup ") + tool});
}

void check_record(const Surroundings& around, const char* tool, const std::string& reason,
                  Standing& standing) {
    const auto entry = around.record.tools.find(tool);
    if (entry == around.record.tools.end())
        return;
    std::vector<std::string> gone;
    for (const std::string& place : entry->second.places) {
        if (!contains(standing.places, place))
            gone.push_back(place);
    }
    if (!gone.empty())
        standing.troubles.push_back(
            {false,
             std::string(tool) + " was set up for " + join(gone) + ", and is not any more" + reason,
             std::string("patctl setup ") + tool});
}

std::string pasted(const std::filesystem::path& file) {
    return shown_file(quote_for_shell(file.string()));
}

std::string escaped(std::string_view text, std::string_view kept) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string plain;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x80 || std::isalnum(byte) != 0 || kept.find(c) != std::string_view::npos)
            plain += c;
        else
            plain.append({'%', kHex[byte >> 4U], kHex[byte & 15U]});
    }
    return plain;
}

bool contains(const std::vector<std::string>& texts, const std::string& text) {
    return std::find(texts.begin(), texts.end(), text) != texts.end();
}

std::string join(const std::vector<std::string>& texts) {
    std::string joined;
    for (const std::string& text : texts)
        joined += (joined.empty() ? "" : ", ") + shown_value(text);
    return joined;
}

}  // namespace patd::cli::tools
