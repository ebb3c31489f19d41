// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/git/git_config.h"
#include "cli/io/replaced_file.h"
#include "common/base/unique_fd.h"

#include <csignal>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace patd::cli {

// The file of a scope while nobody else writes it: git's own lock, FILE.lock, is held, so that what
// is read is still what stands there when it is replaced. Signals that end a process wait as long,
// or the lock would stay. That of a patctl that was killed is another name of a BesideFile, which
// the next one removes.
class LockedGitFile {
  public:
    // Waits for another git or patctl, but not for long. Errors: as change_git_config.
    static Result<LockedGitFile> take(GitScope scope, const std::string& options = {});
    // Removes what a killed one left in a scope.
    static void remove_left(GitScope scope);
    LockedGitFile(LockedGitFile&& other) noexcept;
    LockedGitFile& operator=(LockedGitFile&&) = delete;
    ~LockedGitFile();

    // All of it; none where there is no such file. AccessDenied: it cannot be read.
    Result<std::optional<std::string>> read() const;
    // Whoever reads it meanwhile, or after a run that was cut off, finds the old text or the new
    // one. Mode and owner stay, and so do links. AccessDenied: it cannot be written.
    Result<void> replace(std::string_view text);
    // There is no such file any more.
    Result<void> remove();

  private:
    LockedGitFile(std::filesystem::path file, std::optional<BesideFile> lock,
                  const sigset_t& before)
        : file_(std::move(file)), lock_(std::move(lock)), before_(before) {}
    Error failure() const;

    std::filesystem::path file_;
    std::optional<BesideFile> lock_;  // none: given up
    sigset_t before_;
};

}  // namespace patd::cli
