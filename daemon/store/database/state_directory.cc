// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/database/state_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace patd::store {
namespace {

constexpr mode_t kForbiddenModes = 077;

Error errno_error(const std::string& what) {
    return Error{Errc::Unavailable, what + ": " + std::generic_category().message(errno)};
}

bool is_private(const struct stat& status) {
    return status.st_uid == geteuid() && (status.st_mode & kForbiddenModes) == 0;
}

}  // namespace

Result<StateDirectory> StateDirectory::open(const std::string& path) {
    UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!fd && (errno == ELOOP || errno == ENOTDIR || errno == EACCES))
        return Error{Errc::AccessDenied, path + " is not a directory of this service"};
    if (!fd)
        return errno_error(path);
    struct stat status {};
    if (fstat(fd.get(), &status) != 0)
        return errno_error(path);
    if (!is_private(status))
        return Error{Errc::AccessDenied,
                     path + ": wrong owner, or open to group or others; run: chown patd: " + path +
                         " && chmod 700 " + path};
    return StateDirectory(path, std::move(fd));
}

Result<void> StateDirectory::lock() {
    if (flock(fd_.get(), LOCK_EX | LOCK_NB) == 0)
        return {};
    if (errno == EWOULDBLOCK)
        return Error{Errc::Busy, path_ + " is in use by another daemon"};
    return errno_error("locking " + path_);
}

Result<std::optional<std::uint64_t>> StateDirectory::size_of(const std::string& name) const {
    struct stat status {};
    if (fstatat(fd_.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno == ENOENT)
            return std::optional<std::uint64_t>();
        return errno_error(path_of(name));
    }
    if (!S_ISREG(status.st_mode) || !is_private(status))
        return Error{Errc::AccessDenied,
                     path_of(name) +
                         ": not a regular file, wrong owner, or open to group or others; "
                         "run: chown patd: " +
                         path_of(name) + " && chmod 600 " + path_of(name)};
    return std::optional<std::uint64_t>(static_cast<std::uint64_t>(status.st_size));
}

Result<std::size_t> StateDirectory::read_start(const std::string& name,
                                               std::span<std::uint8_t> bytes) const {
    const UniqueFd file(openat(fd_.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!file)
        return errno_error(path_of(name));
    const ssize_t count = pread(file.get(), bytes.data(), bytes.size(), 0);
    if (count < 0)
        return errno_error(path_of(name));
    return static_cast<std::size_t>(count);
}

Result<void> StateDirectory::make_file(const std::string& name) const {
    constexpr mode_t kMode = 0600;
    const UniqueFd file(openat(fd_.get(), name.c_str(),
                               O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kMode));
    if (!file || fchmod(file.get(), kMode) != 0)
        return errno_error("making " + path_of(name));
    return {};
}

Result<void> StateDirectory::remove_file(const std::string& name) const {
    if (unlinkat(fd_.get(), name.c_str(), 0) != 0 && errno != ENOENT)
        return errno_error("removing " + path_of(name));
    return {};
}

Result<void> StateDirectory::publish_file(const std::string& from, const std::string& to) const {
    const UniqueFd file(openat(fd_.get(), from.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!file || fsync(file.get()) != 0)
        return errno_error("syncing " + path_of(from));
    if (renameat2(fd_.get(), from.c_str(), fd_.get(), to.c_str(), RENAME_NOREPLACE) != 0)
        return errno_error("making " + path_of(to));
    if (fsync(fd_.get()) != 0)
        return errno_error("syncing " + path_);
    return {};
}

}  // namespace patd::store
