// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/password/state_directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace patd::password {
namespace {

constexpr mode_t kOthers = 077;
constexpr int kSafe = O_CLOEXEC | O_NOFOLLOW;

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

Result<void> StateDirectory::write_new(const std::string& name, std::span<const char> bytes) const {
    UniqueFd fd(openat(fd_.get(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | kSafe, 0600));
    if (!fd)
        return Error{Errc::Unavailable, "create a state file"};
    TRY(give_to_owner(fd.get()));
    TRY(write_all(fd.get(), bytes));
    if (fsync(fd.get()) != 0)
        return Error{Errc::Unavailable, "sync a state file"};
    return {};
}

Result<void> StateDirectory::replace_file(const std::string& name,
                                          std::span<const char> bytes) const {
    // A killed process may have left its temporary file behind, and pids are reused.
    const std::string temporary = name + "." + std::to_string(getpid()) + ".new";
    (void)unlinkat(fd_.get(), temporary.c_str(), 0);
    const Result<void> written = write_new(temporary, bytes);
    if (!written || renameat(fd_.get(), temporary.c_str(), fd_.get(), name.c_str()) != 0) {
        (void)unlinkat(fd_.get(), temporary.c_str(), 0);
        return written ? Result<void>(Error{Errc::Unavailable, "rename a state file"}) : written;
    }
    if (fsync(fd_.get()) != 0)
        return Error{Errc::Unavailable, "sync the state directory"};
    return {};
}

}  // namespace patd::password
