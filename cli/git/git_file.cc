// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/git/git_file.h"

#include "cli/io/descriptor_io.h"
#include "cli/text/table.h"
#include "cli/text/wrap.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/types.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <utility>

namespace patd::cli {
namespace {

constexpr std::chrono::seconds kLockWait{2};
constexpr int kLockPollMilliseconds = 20;
constexpr mode_t kNewMode = 0666;  // less the umask, as git has it
constexpr std::size_t kReadBytes = 4096;

bool is_held_by_another(const Result<void>& probed) {
    return !probed && probed.error().context.find(": File exists") != std::string::npos;
}

// Says in git's own words why the file cannot be written.
Result<void> probe(GitScope scope, const std::string& options) {
    return change_git_config(scope, {"--fixed-value", "--unset-all", "patd.nothing", "nothing"},
                             options);
}

// One more, which a later patctl knows by the first; where files have one alone, instead of it.
bool give_name(const std::string& from, const std::string& to) {
    if (link(from.c_str(), to.c_str()) == 0)
        return true;
    if (errno == EEXIST)
        return false;
    const UniqueFd taken(open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!taken)
        return false;
    if (rename(from.c_str(), to.c_str()) == 0)
        return true;
    const int cause = errno;
    unlink(to.c_str());
    errno = cause;
    return false;
}

std::string lock_of(const std::filesystem::path& file) {
    return file.string() + ".lock";
}

}  // namespace

void LockedGitFile::remove_left(GitScope scope) {
    const std::filesystem::path file = resolve_links(written_file(scope));
    remove_left_beside(file, lock_of(file));
}

Result<LockedGitFile> LockedGitFile::take(GitScope scope, const std::string& options) {
    const auto deadline = std::chrono::steady_clock::now() + kLockWait;
    while (true) {
        remove_left(scope);
        Result<void> probed = probe(scope, options);
        if (!probed && !is_held_by_another(probed))
            return probed.error();
        if (probed) {
            const std::filesystem::path file = resolve_links(written_file(scope));
            const sigset_t before = block_ends();
            std::optional<BesideFile> made = BesideFile::create(file);
            if (made && give_name(made->name(), lock_of(file)))
                return LockedGitFile(file, std::move(made), before);
            const int cause = errno;
            made.reset();
            pthread_sigmask(SIG_SETMASK, &before, nullptr);
            if (cause != EEXIST)
                return LockedGitFile(file, std::nullopt, before).failure();
        }
        if (std::chrono::steady_clock::now() >= deadline) {
            probed = probe(scope, options);
            return probed ? Error{Errc::AccessDenied, "another git writes its file all the time"}
                          : probed.error();
        }
        poll(nullptr, 0, kLockPollMilliseconds);
    }
}

LockedGitFile::LockedGitFile(LockedGitFile&& other) noexcept
    : file_(std::move(other.file_)),
      lock_(std::exchange(other.lock_, std::nullopt)),
      before_(other.before_) {}

LockedGitFile::~LockedGitFile() {
    if (!lock_)
        return;
    unlink(lock_of(file_).c_str());
    lock_.reset();
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

Error LockedGitFile::failure() const {
    return {Errc::AccessDenied,
            printable(file_.string()) + " cannot be changed; look at:" +
                own_line("ls -ld -- " + printable(quote_for_shell(file_.string())) + " " +
                         printable(quote_for_shell(file_.parent_path().string())))};
}

Result<std::optional<std::string>> LockedGitFile::read() const {
    const UniqueFd file(open(file_.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (!file) {
        if (errno == ENOENT)
            return std::optional<std::string>();
        return failure();
    }
    std::string text;
    std::array<char, kReadBytes> piece{};
    while (true) {
        const ssize_t count = ::read(file.get(), piece.data(), piece.size());
        if (count < 0 && errno == EINTR)
            continue;
        // What is missing here would be missing in the file that replaces it.
        if (count < 0)
            return failure();
        if (count == 0)
            return std::optional(std::move(text));
        text.append(piece.data(), static_cast<std::size_t>(count));
    }
}

Result<void> LockedGitFile::replace(std::string_view text) {
    if (!take_over(file_.c_str(), lock_->fd(), kNewMode) || !write_all(lock_->fd(), text) ||
        fsync(lock_->fd()) != 0 || rename(lock_of(file_).c_str(), file_.c_str()) != 0)
        return failure();
    lock_.reset();
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    return {};
}

Result<void> LockedGitFile::remove() {
    if (unlink(file_.c_str()) != 0)
        return failure();
    return {};
}

}  // namespace patd::cli
