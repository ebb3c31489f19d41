// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/import/import_ending.h"

#include "cli/git/git_config.h"
#include "cli/text/table.h"
#include "cli/text/wrap.h"

#include <filesystem>
#include <set>

namespace patd::cli {
namespace {

constexpr std::size_t kCommandsShown = 50;

// The command that removes the file, and where it is a link what it leads to.
std::string removal_of(const std::string& file) {
    std::error_code failed;
    const std::filesystem::path path = std::filesystem::absolute(file, failed);
    std::string command = "rm -- " + quote_for_shell(path.lexically_normal());
    if (std::filesystem::is_symlink(path, failed))
        command += " " + quote_for_shell(std::filesystem::canonical(path, failed));
    return printable(command);
}

// Of a file that has more in it: what to take out, and how.
std::string tell_of_tool(const Ending& ending, const Credentials& credentials) {
    std::set<std::string> commands;
    std::set<std::size_t> lines;
    for (const Credential& entry : credentials.entries()) {
        if (entry.removal.empty())
            lines.insert(entry.line);
        else
            commands.insert(entry.removal);
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
    if (ending.format == FileFormat::Docker)
        text += "\n(For podman, skopeo and buildah it is 'podman logout'.)";
    return text + "\npat-tools(7) says how its program asks patd.";
}

}  // namespace

std::string tell_of_file(const Ending& ending, const Credentials& credentials,
                         const std::vector<KnownLine>& known) {
    const bool named = ending.file != "-";
    std::string text = (named ? printable(ending.file) : std::string("The original file")) +
                       " still holds these secrets in plain text.";
    for (const std::string& fix : ending.fixes)
        text += "\nLet git ask patd:" + own_line(printable(fix));
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
