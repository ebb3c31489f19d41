// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/tools/setup_lock.h"

#include "cli/git/git_config.h"
#include "cli/text/shown_value.h"
#include "cli/text/wrap.h"
#include "cli/tools/tool_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <system_error>
#include <thread>

namespace patd::cli::tools {
namespace {

constexpr std::chrono::milliseconds kBetweenTries{50};

}  // namespace

Result<UniqueFd> lock_setup(const std::filesystem::path& folder, std::chrono::milliseconds wait) {
    // Not the folder itself, which a user's own patd holds.
    const std::filesystem::path file = folder / "setup.lock";
    TRY(make_folder_of(file));
    UniqueFd held(open(file.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
                       S_IRUSR | S_IWUSR));
    const std::string name = shown_file(quote_for_shell(file.string()));
    if (!held)
        return Error{Errc::BadFile, shown_file(file.string()) + ": " +
                                        std::generic_category().message(errno) +
                                        "; look at:" + own_line("ls -ld -- " + name)};
    const auto end = std::chrono::steady_clock::now() + wait;
    while (flock(held.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return Error{Errc::BadFile, shown_file(file.string()) + " cannot be locked: " +
                                            std::generic_category().message(errno)};
        if (std::chrono::steady_clock::now() >= end)
            return Error{Errc::Busy, "another 'patctl setup' is still at work after " +
                                         std::to_string(wait.count() / 1000) +
                                         " s; end it, and run this again. Which one:" +
                                         own_line("fuser -v " + name)};
        std::this_thread::sleep_for(kBetweenTries);
    }
    return held;
}

}  // namespace patd::cli::tools
