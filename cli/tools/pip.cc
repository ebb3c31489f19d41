// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/text/shown_value.h"
#include "cli/text/wrap.h"
#include "cli/tools/ini_file.h"
#include "cli/tools/tool.h"

#include <algorithm>

namespace patd::cli::tools {
namespace {
namespace pip {

constexpr char kProgram[] = "pat-keyring";
constexpr char kLookedFor[] = "keyring";
constexpr IniKey kProvider{"global", "keyring-provider"};
constexpr IniKey kProviderToo{"global", "keyring_provider"};
constexpr char kSubprocess[] = "subprocess";
constexpr char kEveryIndex[] = "every index with a user name";
constexpr char kMark[] = "# made by 'patctl setup pip'";

std::filesystem::path pip_file(const Surroundings& around) {
    if (const std::optional<std::string> file = variable("PIP_CONFIG_FILE"))
        return path_of(around, *file);
    const std::filesystem::path old = around.home / ".pip" / "pip.conf";
    const std::filesystem::path file =
        around.folder("XDG_CONFIG_HOME", ".config") / "pip" / "pip.conf";
    std::error_code failed;
    return !std::filesystem::exists(file, failed) && std::filesystem::exists(old, failed) ? old
                                                                                          : file;
}

std::filesystem::path link_of(const Surroundings& around) {
    return around.home / ".local" / "bin" / kLookedFor;
}

bool leads_to_ours(const std::filesystem::path& link) {
    std::error_code failed;
    return std::filesystem::is_symlink(link, failed) &&
           std::filesystem::read_symlink(link, failed).filename() == kProgram;
}

// pip takes _ in a key for -.
std::string provider_of(const FlatText& flat) {
    const std::string provider = value_of(flat, kProvider);
    return provider.empty() ? value_of(flat, kProviderToo) : provider;
}

// pip starts a program by this provider, and finds it by itself where none is named.
bool starts_program(const std::string& provider) {
    return provider.empty() || provider == kSubprocess;
}

// The indexes of its file that have no user name, for which pip before 26.2 asks nobody.
std::vector<std::string> indexes_without_user(const FlatText& flat) {
    std::vector<std::string> indexes;
    for (const char* key : {"index-url", "extra-index-url", "index_url", "extra_index_url"}) {
        std::string urls = value_of(flat, {"global", key});
        for (std::size_t begin = 0; begin < urls.size();) {
            const std::size_t end = std::min(urls.find_first_of(" \n", begin), urls.size());
            const std::string url = urls.substr(begin, end - begin);
            const std::size_t host = url.find("://");
            if (host != std::string::npos &&
                url.substr(host + 3, url.find('/', host + 3) - host - 3).find('@') ==
                    std::string::npos)
                indexes.push_back(url);
            begin = end + 1;
        }
    }
    return indexes;
}

// Whether a token of the caller's is for that index.
bool has_token(const Surroundings& around, const std::string& url) {
    const Result<Target> index = Target::parse(url);
    return index && std::any_of(around.places.begin(), around.places.end(),
                                [&](const Target& place) { return place.covers(*index); });
}

void note_missing(const Surroundings& around, const Order& order, const FlatText& flat,
                  Plan& plan) {
    const auto found = find_program(kLookedFor);
    if (order.link || (found && leads_to_ours(*found))) {
        if (order.link && (!found || !leads_to_ours(*found)))
            plan.notes.push_back("pip looks for it on PATH, where " +
                                 shown_file(link_of(around).parent_path().string()) +
                                 " must come first");
    } else {
        plan.notes.push_back(
            (found ? "pip asks " + shown_file(found->string()) + ", which is not patd's"
                   : std::string("pip looks for a program named keyring, and there is none")) +
            "; to make a link of that name to patd's:" + own_line("patctl setup pip --link"));
    }
    for (const std::string& url : indexes_without_user(flat)) {
        if (has_token(around, url))
            plan.notes.push_back(
                "pip before 26.2 asks only where the index has a user name; write https://" +
                std::string("NAME@... for ") + shown_value(url));
    }
}

Result<Plan> plan_pip(const Surroundings& around, const Order& order) {
    if (!order.names.empty())
        return Error{Errc::MalformedRequest,
                     "pip: it asks for every index whose URL has a user name; name none"};
    const std::filesystem::path file = pip_file(around);
    const FlatText flat = TRY(read_flat(file, kIni));
    const std::string provider = provider_of(flat);
    const bool is_ours = around.record.has_made("pip", kProvider.key);
    const auto edit = [&](const std::string& text) -> Result<std::string> {
        if (order.undo && is_ours && provider == kSubprocess)
            return without_line(kIni, text, kProvider, kMark);
        return order.undo || !provider.empty()
                   ? text
                   : with_line(kIni, text, kProvider, kSubprocess, kMark);
    };
    const auto ours = [](const std::string& name) {
        return name == name_of(kProvider) || name == "[global]";
    };
    Plan plan;
    plan.files.push_back(
        TRY(plan_change({file, kIni, edit, ours, around.record.has_made("pip", file)})));
    const std::filesystem::path link = link_of(around);
    if (order.undo && leads_to_ours(link))
        plan.links.push_back({link, around.program(kProgram), "", true});
    if (order.undo)
        return plan;
    if (order.link)
        plan.links.push_back({link, around.program(kProgram)});
    const auto found = find_program(kLookedFor);
    if (starts_program(provider) && (order.link || (found && leads_to_ours(*found))))
        plan.places = {kEveryIndex};
    if (provider.empty() || is_ours)
        plan.wrote.emplace_back(kProvider.key);
    if (!starts_program(provider))
        plan.notes.push_back("pip's keyring-provider is " + shown_value(provider) +
                             ", as before; patd is asked where it is subprocess");
    note_missing(around, order, flat, plan);
    return plan;
}

Result<Standing> look_at_pip(const Surroundings& around) {
    Standing standing;
    const FlatText flat = TRY(read_flat(pip_file(around), kIni));
    const auto found = find_program(kLookedFor);
    const bool is_linked = found && leads_to_ours(*found);
    const bool starts = starts_program(provider_of(flat));
    if (is_linked && starts)
        standing.places = {kEveryIndex};
    else if (!token_hosts(around).empty())
        standing.could = token_hosts(around);
    if (around.record.tools.count("pip") != 0 && !is_linked)
        standing.troubles.push_back(
            {false,
             found
                 ? "pip asks " + shown_file(found->string()) + ", which is not patd's"
                 : std::string("pip looks for a program named keyring, and there is none on PATH"),
             "patctl setup pip --link"});
    if (around.record.tools.count("pip") != 0 && !starts)
        standing.troubles.push_back(
            {false, "pip's keyring-provider is not subprocess, so that it does not ask patd",
             "${EDITOR:-vi} " + pasted(pip_file(around))});
    return standing;
}

}  // namespace pip
}  // namespace

const Tool kPip = {
    "pip",
    "[--link]",
    "indexes with a user name, in pip.conf (keyring-provider)",
    "pip3",
    pip::pip_file,
    pip::plan_pip,
    pip::look_at_pip,
};

}  // namespace patd::cli::tools
