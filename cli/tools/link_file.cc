// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/tools/link_file.h"

#include "cli/git/git_config.h"
#include "cli/io/descriptor_io.h"
#include "cli/io/new_file.h"
#include "cli/text/shown_value.h"
#include "cli/text/wrap.h"
#include "common/base/unique_fd.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace patd::cli::tools {
namespace {

Error look_at_it(const std::filesystem::path& link, const std::string& what) {
    return {Errc::BadFile, what + "; look at:" + own_line("ls -ld -- " + pasted(link))};
}

Error link_fault(const std::filesystem::path& link, const std::string& why) {
    return look_at_it(link, shown_file(link.string()) + ": " + why);
}

Error link_system_fault(const std::filesystem::path& link) {
    return link_fault(link, std::generic_category().message(errno));
}

// The program that a script of ours starts; none: it is not ours.
std::string program_of(std::string_view script) {
    constexpr std::string_view kBegin = "#!/bin/sh\nexec '";
    if (!script.starts_with(kBegin))
        return {};
    script.remove_prefix(kBegin.size());
    return std::filesystem::path(script.substr(0, script.find("' "))).filename();
}

std::string text_of_script(const LinkChange& change) {
    const Result<std::optional<std::string>> text = read_tool_file(change.link);
    return text ? text->value_or("") : "";
}

// A link to a program of patd's of that name, also an older one, or a script that starts it.
bool is_link_of_ours(const LinkChange& change) {
    std::error_code failed;
    if (change.script.empty())
        return std::filesystem::is_symlink(change.link, failed) &&
               std::filesystem::read_symlink(change.link, failed).filename() ==
                   std::filesystem::path(change.target).filename();
    const std::string program = program_of(text_of_script(change));
    return !program.empty() && program == program_of(change.script);
}

bool is_there(const std::filesystem::path& link) {
    struct stat facts {};
    return lstat(link.c_str(), &facts) == 0;
}

Result<void> write_script(const LinkChange& change) {
    constexpr mode_t kMode = 0700;
    Result<NewFile> file = NewFile::create(change.link.string(), shown_file(change.link.string()));
    if (!file)
        return look_at_it(change.link, file.error().context);
    if (!write_all(file->fd(), change.script) || fchmod(file->fd(), kMode) != 0)
        return link_system_fault(change.link);
    const Result<void> kept = file->keep();
    return kept ? kept : look_at_it(change.link, kept.error().context);
}

}  // namespace

bool is_to_change(const LinkChange& change) {
    if (change.remove)
        return is_link_of_ours(change);
    if (!is_link_of_ours(change))
        return true;
    std::error_code failed;
    return change.script.empty()
               ? std::filesystem::read_symlink(change.link, failed) != change.target
               : text_of_script(change) != change.script;
}

Result<void> carry_out(const LinkChange& change) {
    if (!is_to_change(change))
        return {};
    if (is_there(change.link)) {
        if (!is_link_of_ours(change))
            return link_fault(change.link, "it is there already and is not patd's");
        if (unlink(change.link.c_str()) != 0)
            return link_system_fault(change.link);
    }
    if (change.remove)
        return {};
    std::error_code failed;
    std::filesystem::create_directories(change.link.parent_path(), failed);
    if (!change.script.empty())
        return write_script(change);
    if (symlink(change.target.c_str(), change.link.c_str()) != 0)
        return link_system_fault(change.link);
    return {};
}

}  // namespace patd::cli::tools
