// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/import/import_ending.h"

#include "cli/git/git_config.h"
#include "cli/text/table.h"
#include "cli/text/wrap.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

namespace patd::cli {
namespace {

constexpr std::size_t kCommandsShown = 50;
constexpr std::size_t kPlacesShown = 8;  // on one line

// The command that removes the file, and where it is a link what it leads to.
std::string removal_of(const std::string& file) {
    std::error_code failed;
    const std::filesystem::path path = std::filesystem::absolute(file, failed);
    std::string command = "rm -- " + quote_for_shell(path.lexically_normal());
    if (std::filesystem::is_symlink(path, failed))
        command += " " + quote_for_shell(std::filesystem::canonical(path, failed));
    return printable(command);
}

// The places of the entries as `patctl setup TOOL` takes them. With none it takes those of all
// tokens, and so it is where there are too many to be read.
std::string places_as_words(const Credentials& credentials,
                            std::string (*name)(const Target& place)) {
    std::set<std::string> names;
    for (const Credential& entry : credentials.entries())
        names.insert(name(entry.target));
    std::string words;
    for (const std::string& one : names)
        words += " " + quote_for_shell(one);
    return names.size() > kPlacesShown ? "" : words;
}

std::string host_of(const Target& place) {
    return std::string(place.origin().host_and_port());
}

std::string registry_name(const Target& place) {
    constexpr std::string_view kHttps = "https://";
    const std::string url = place.url();
    return url.starts_with(kHttps) ? url.substr(kHttps.size()) : url;
}

// The command by which the program asks patd from then on.
std::string tell_of_setup(const Ending& ending, const Credentials& credentials) {
    if (ending.through_gateway)
        return "\nPrograms reach these places through the gateway alone:" +
               own_line("patctl exec --through-gateway -t URL -- COMMAND");
    const auto tell = [](const std::string& who, const std::string& command) {
        return "\nThen let " + who + " ask patd:" + own_line(printable("patctl setup " + command));
    };
    switch (ending.format) {
        case FileFormat::Docker: {
            const std::string hosts = places_as_words(credentials, host_of);
            return tell("docker", "docker" + hosts) +
                   tell("podman, skopeo and buildah", "podman" + hosts);
        }
        case FileFormat::Cargo:
            return tell("cargo", "cargo");
        case FileFormat::Npm:
            return tell("pnpm", "pnpm" + places_as_words(credentials, registry_name)) +
                   "\nnpm and yarn ask no other program; 'patctl exec' hands them a token.";
        case FileFormat::Aws:
            return tell("aws", "aws" + places_as_words(credentials, host_of));
        case FileFormat::Pip:
            return tell("pip", "pip --link");
        case FileFormat::Terraform:
            return tell("terraform", "terraform");
        case FileFormat::Kube:
            return tell("kubectl", "kubectl");
        case FileFormat::Git:
        case FileFormat::Netrc:
            break;
    }
    return "";
}

std::filesystem::path home_folder(const char* variable, const char* below) {
    const char* home = secure_getenv("HOME");
    const char* set = variable == nullptr ? nullptr : secure_getenv(variable);
    return set != nullptr && *set == '/'
               ? std::filesystem::path(set)
               : std::filesystem::path(home == nullptr ? "" : home) / below;
}

// A command of the format's program, `PROGRAM WORDS`, made one that works on this very file and
// not on where that program keeps its own. "": there is no such command.
std::string removal_in(const Ending& ending, const std::string& command) {
    if (ending.file == "-")
        return "";
    std::error_code failed;
    const std::filesystem::path path =
        std::filesystem::absolute(ending.file, failed).lexically_normal();
    const std::string name = path.filename();
    const std::string folder = quote_for_shell(path.parent_path());
    const auto with = [&](const std::string& option, const std::string& value) {
        std::string changed = command;
        return changed.insert(std::min(command.find(' '), command.size()),
                              " " + option + " " + value);
    };
    switch (ending.format) {
        case FileFormat::Docker:
            return name == "config.json" ? with("--config", folder) : "";
        case FileFormat::Cargo:
            return name == "credentials.toml" || name == "credentials"
                       ? "CARGO_HOME=" + folder + " " + command
                       : "";
        case FileFormat::Npm:
            return with("--userconfig", quote_for_shell(path));
        case FileFormat::Kube:
            return with("--kubeconfig", quote_for_shell(path));
        case FileFormat::Pip:
            return path == home_folder("XDG_CONFIG_HOME", ".config") / "pip/pip.conf" ? command
                                                                                      : "";
        case FileFormat::Terraform:
            return path == home_folder(nullptr, ".terraform.d/credentials.tfrc.json") ? command
                                                                                      : "";
        case FileFormat::Aws:
        case FileFormat::Git:
        case FileFormat::Netrc:
            break;
    }
    return "";
}

// Of a file that has more in it: what to take out, and how.
std::string tell_of_tool(const Ending& ending, const Credentials& credentials) {
    std::set<std::string> commands;
    std::set<std::size_t> lines;
    for (const Credential& entry : credentials.entries()) {
        const std::string removal = entry.removal.empty() ? "" : removal_in(ending, entry.removal);
        if (removal.empty())
            lines.insert(entry.line);
        else
            commands.insert(removal);
    }
    std::string text;
    std::size_t shown = 0;
    for (const std::string& command : commands) {
        if (shown++ == 0)
            text += "\nTake them out of it:";
        if (shown <= kCommandsShown)
            text += own_line(printable(command));
    }
    std::string list;
    for (const std::size_t line : lines)
        list += (list.empty() ? "" : ", ") + std::to_string(line);
    if (!list.empty())
        text += "\nTake them out of it with an editor, from line " + list +
                " on; its program uses what stands there and asks nobody else.";
    if (ending.format == FileFormat::Docker && !commands.empty())
        text += "\n(For podman, skopeo and buildah it is 'podman logout'.)";
    return text + tell_of_setup(ending, credentials);
}

}  // namespace

std::string tell_of_file(const Ending& ending, const Credentials& credentials,
                         const std::vector<KnownLine>& known) {
    const bool named = ending.file != "-";
    std::string text = (named ? printable(ending.file) : std::string("The original file")) +
                       " still holds these secrets in plain text.";
    for (const std::string& fix : ending.fixes)
        text += "\nLet git ask patd:" + own_line(printable(fix));
    if (ending.needs_way)
        text +=
            "\nLet git reach these places through the gateway:" + own_line("patctl setup gateway");
    if (!is_credentials_alone(ending.format))
        text += tell_of_tool(ending, credentials);
    if (!credentials.is_whole())
        return text +
               "\nIt also holds lines that were not imported: remove the imported ones, and keep "
               "the rest.\n";
    if (!known.empty())
        return text +
               "\nSecrets that were kept already were not compared: check that the file holds no "
               "newer "
               "ones before you remove it.\n";
    if (ending.kept_later)
        return text +
               "\nYour keyring has not saved them yet, and loses them if it is ended before it "
               "does: "
               "remove this file only when git has received them after your next login.\n";
    if (!named || !is_credentials_alone(ending.format))
        return text + "\n";
    return text + "\nThen remove it:" + own_line(removal_of(ending.file)) + "\n";
}

}  // namespace patd::cli
