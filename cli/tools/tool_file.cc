// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/tools/tool_file.h"

#include "cli/git/git_config.h"
#include "cli/io/descriptor_io.h"
#include "cli/io/replaced_file.h"
#include "cli/text/shown_value.h"
#include "cli/text/wrap.h"
#include "common/base/unique_fd.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace patd::cli::tools {
namespace {

constexpr std::size_t kReadBytes = 65536;
constexpr mode_t kNewMode = 0600;

Error fault_of(const std::filesystem::path& file, const std::string& why) {
    return {Errc::BadFile, shown_file(file.string()) + ": " + why};
}

std::string look_at_it(const std::filesystem::path& file) {
    return "; look at:" + own_line("ls -ld -- " + shown_file(quote_for_shell(file.string())));
}

Error system_fault(const std::filesystem::path& file) {
    return fault_of(file, std::generic_category().message(errno) + look_at_it(file));
}

std::string correct_it(const std::filesystem::path& file) {
    return "; nothing was changed. Correct it:" +
           own_line("${EDITOR:-vi} " + shown_file(quote_for_shell(file.string())));
}

Result<FlatText> flatten_file(const std::filesystem::path& file, const Format& format,
                              const std::string& text) {
    Result<FlatText> flat = format.flatten(text);
    if (!flat)
        return fault_of(file, flat.error().context + correct_it(file));
    return flat;
}

// In the folder of the file, so that the rename is one step.
Result<void> write_and_rename(const std::filesystem::path& file, std::string_view text) {
    const std::optional<BesideFile> made = BesideFile::create(file);
    if (made && take_over(file.c_str(), made->fd(), kNewMode) && write_all(made->fd(), text) &&
        fsync(made->fd()) == 0 && rename(made->name().c_str(), file.c_str()) == 0)
        return {};
    return system_fault(file);
}

// The file beside it holds all that the tool's file holds, secrets too: no signal leaves it there.
Result<void> replace_file(const std::filesystem::path& file, std::string_view text) {
    TRY(make_folder_of(file));
    const sigset_t before = block_ends();
    Result<void> done = write_and_rename(file, text);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return done;
}

}  // namespace

Result<void> make_folder_of(const std::filesystem::path& file) {
    std::error_code failed;
    std::filesystem::path made = file.parent_path();
    std::vector<std::filesystem::path> missing;
    for (; !made.empty() && !std::filesystem::exists(made, failed); made = made.parent_path())
        missing.push_back(made);
    for (auto folder = missing.rbegin(); folder != missing.rend(); ++folder) {
        if (mkdir(folder->c_str(), 0700) != 0 && errno != EEXIST)
            return system_fault(*folder);
    }
    return {};
}

Result<std::optional<std::string>> read_tool_file(const std::filesystem::path& file) {
    // To open a pipe would wait for its other end.
    const UniqueFd fd(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
    if (!fd && (errno == ENOENT || errno == ENOTDIR))
        return std::optional<std::string>();
    struct stat facts {};
    if (!fd || fstat(fd.get(), &facts) != 0)
        return system_fault(file);
    if (!S_ISREG(facts.st_mode))
        return fault_of(file, "it is no regular file" + look_at_it(file));
    std::string text;
    std::array<char, kReadBytes> piece{};
    while (text.size() <= kToolFileBytes) {
        const ssize_t count = read(fd.get(), piece.data(), piece.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return system_fault(file);
        if (count == 0)
            return std::optional(std::move(text));
        text.append(piece.data(), static_cast<std::size_t>(count));
    }
    return fault_of(file, "it is larger than 1 MiB" + look_at_it(file));
}

Result<FlatText> read_flat(const std::filesystem::path& file, const Format& format) {
    const std::optional<std::string> text = TRY(read_tool_file(file));
    return flatten_file(file, format, text.value_or(std::string(format.nothing)));
}

Result<FileChange> plan_change(const FileEdit& edit) {
    FileChange change;
    change.file = edit.file;
    change.before = TRY(read_tool_file(edit.file));
    // An empty file is what the tool takes it for.
    const bool is_nothing = !change.before || change.before->empty();
    const std::string text = is_nothing ? std::string(edit.format.nothing) : *change.before;
    const FlatText before = TRY(flatten_file(edit.file, edit.format, text));
    Result<std::string> edited = edit.edit(text);
    if (!edited) {
        // It may name the command that does it.
        const std::string why = edited.error().context;
        const bool has_fix = why.find('\n') != std::string::npos;
        return fault_of(edit.file, why + (has_fix ? "" : correct_it(edit.file)));
    }
    const Result<FlatText> after = edit.format.flatten(*edited);
    const FlatChange compared =
        after ? compare(before, *after, edit.is_ours) : FlatChange{false, {}};
    if (!compared.only_ours)
        return fault_of(edit.file,
                        "it is written in a way that patctl cannot add to" + correct_it(edit.file));
    change.shown = compared.lines;
    change.after = std::move(*edited);
    if (change.after == text)
        change.after = change.before;
    else if (edit.made && *change.after == edit.format.nothing)
        change.after.reset();
    return change;
}

Result<void> carry_out(const FileChange& change) {
    const std::filesystem::path file = resolve_links(change.file);
    remove_left_beside(file);
    if (!change.changes())
        return {};
    if (TRY(read_tool_file(file)) != change.before)
        return fault_of(change.file, "another program has just changed it; try again");
    if (change.after)
        return replace_file(file, *change.after);
    if (unlink(file.c_str()) != 0)
        return system_fault(file);
    return {};
}

}  // namespace patd::cli::tools
