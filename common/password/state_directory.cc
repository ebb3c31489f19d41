// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/password/state_directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <string_view>

namespace patd::password {
namespace {

constexpr mode_t kOthers = 077;
constexpr int kSafe = O_CLOEXEC | O_NOFOLLOW;
constexpr std::string_view kTemporary(".new");

// All of `bytes`, or an error.
Result<void> write_all(int fd, std::span<const char> bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return Error{Errc::Unavailable, "write to the state directory"};
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return {};
}

}  // namespace

Result<StateDirectory> StateDirectory::adopt(UniqueFd fd) {
    struct stat status {};
    if (!fd || fstat(fd.get(), &status) != 0)
        return Error{Errc::Unavailable, "open the state directory"};
    const bool ours = status.st_uid == geteuid() || geteuid() == 0;
    if (!ours || (status.st_mode & kOthers) != 0)
        return Error{Errc::Unavailable, "owner or mode of the state directory"};
    return StateDirectory(std::move(fd), Uid(status.st_uid));
}

Result<StateDirectory> StateDirectory::open(const std::string& path) {
    return adopt(UniqueFd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | kSafe)));
}

Result<StateDirectory> StateDirectory::ensure_directory(const std::string& name) const {
    const bool made = mkdirat(fd_.get(), name.c_str(), 0700) == 0;
    if (!made && errno != EEXIST)
        return Error{Errc::Unavailable, "mkdir in the state directory"};
    UniqueFd fd(openat(fd_.get(), name.c_str(), O_RDONLY | O_DIRECTORY | kSafe));
    if (made && fd)
        TRY(give_to_owner(fd.get()));
    return adopt(std::move(fd));
}

// A PAM stack that runs as root must not leave files that the service account cannot open.
Result<void> StateDirectory::give_to_owner(int fd) const {
    if (geteuid() != owner_.value() && fchown(fd, owner_.value(), static_cast<gid_t>(-1)) != 0)
        return Error{Errc::Unavailable, "fchown in the state directory"};
    return {};
}

Result<UniqueFd> StateDirectory::open_file(const std::string& name) const {
    UniqueFd fd(openat(fd_.get(), name.c_str(), O_RDONLY | O_NONBLOCK | kSafe));
    if (!fd)
        return Error{errno == ENOENT ? Errc::NotFound : Errc::Corrupt, "open a state file"};
    struct stat status {};
    if (fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode) ||
        (status.st_mode & kOthers) != 0 || (status.st_uid != owner_.value() && status.st_uid != 0))
        return Error{Errc::Corrupt, "type, owner or mode of a state file"};
    return fd;
}

Result<UniqueFd> StateDirectory::open_or_create(const std::string& name) const {
    UniqueFd fd(openat(fd_.get(), name.c_str(), O_RDWR | O_CREAT | O_NONBLOCK | kSafe, 0600));
    if (!fd)
        return Error{Errc::Unavailable, "create a state file"};
    TRY(give_to_owner(fd.get()));
    return fd;
}

// Temporary files of processes that were killed hold hashes too. One of a living process is locked.
void StateDirectory::remove_left_behind() const {
    UniqueFd copy(openat(fd_.get(), ".", O_RDONLY | O_DIRECTORY | kSafe));
    const std::unique_ptr<DIR, int (*)(DIR*)> entries(copy ? fdopendir(copy.get()) : nullptr,
                                                      closedir);
    if (!entries)
        return;
    (void)copy.release();
    while (const dirent* const entry = readdir(entries.get())) {
        if (!std::string_view(entry->d_name).ends_with(kTemporary))
            continue;
        const UniqueFd left(openat(fd_.get(), entry->d_name, O_RDONLY | O_NONBLOCK | kSafe));
        if (left && flock(left.get(), LOCK_EX | LOCK_NB) == 0)
            (void)unlinkat(fd_.get(), entry->d_name, 0);
    }
}

Result<UniqueFd> StateDirectory::create_locked(const std::string& name) const {
    for (int left = 3; left > 0; --left) {
        // A killed process may have had the same pid.
        (void)unlinkat(fd_.get(), name.c_str(), 0);
        UniqueFd fd(openat(fd_.get(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | kSafe, 0600));
        struct stat status {};
        if (!fd || flock(fd.get(), LOCK_EX) != 0 || fstat(fd.get(), &status) != 0)
            return Error{Errc::Unavailable, "create a state file"};
        // Another process may have taken it for left behind before it was locked.
        if (status.st_nlink > 0)
            return fd;
    }
    return Error{Errc::Unavailable, "create a state file"};
}

Result<void> StateDirectory::write_new(int fd, std::span<const char> bytes) const {
    TRY(give_to_owner(fd));
    TRY(write_all(fd, bytes));
    if (fsync(fd) != 0)
        return Error{Errc::Unavailable, "sync a state file"};
    return {};
}

Result<void> StateDirectory::replace_file(const std::string& name,
                                          std::span<const char> bytes) const {
    remove_left_behind();
    const std::string temporary = name + "." + std::to_string(getpid()) + std::string(kTemporary);
    const UniqueFd fd = TRY(create_locked(temporary));
    const Result<void> written = write_new(fd.get(), bytes);
    if (!written || renameat(fd_.get(), temporary.c_str(), fd_.get(), name.c_str()) != 0) {
        (void)unlinkat(fd_.get(), temporary.c_str(), 0);
        return written ? Result<void>(Error{Errc::Unavailable, "rename a state file"}) : written;
    }
    if (fsync(fd_.get()) != 0)
        return Error{Errc::Unavailable, "sync the state directory"};
    return {};
}

}  // namespace patd::password
