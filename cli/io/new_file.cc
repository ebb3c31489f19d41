// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/io/new_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

namespace patd::cli {
namespace {

constexpr mode_t kMode = 0600;

std::string folder_of(const std::string& path) {
    const std::filesystem::path folder = std::filesystem::path(path).parent_path();
    return folder.empty() ? "." : folder.string();
}

// Whether open(2) said that it knows no files without a name.
bool needs_names() {
    return errno == EOPNOTSUPP || errno == EISDIR;
}

// The name, too, is on disk then; a folder that may be written and not read cannot be asked.
bool sync_folder(const std::string& path) {
    const UniqueFd folder(open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return folder ? fsync(folder.get()) == 0 || errno == EINVAL : errno == EACCES;
}

Error file_error(const std::string& shown) {
    return Error{Errc::BadFile, shown + ": " + std::generic_category().message(errno)};
}

}  // namespace

Result<NewFile> NewFile::create(const std::string& path, const std::string& shown) {
    struct stat facts {};
    if (lstat(path.c_str(), &facts) == 0) {
        errno = EEXIST;
        return file_error(shown);
    }
    // Write-only: who gets a duplicate of it can read nothing back.
    UniqueFd fd(open(folder_of(path).c_str(), O_WRONLY | O_TMPFILE | O_CLOEXEC, kMode));
    const bool is_named = !fd && needs_names();
    if (is_named)
        fd.reset(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY,
                      kMode));
    if (!fd)
        return file_error(shown);
    return NewFile(path, shown, std::move(fd), is_named);
}

NewFile::NewFile(NewFile&& other) noexcept
    : path_(std::exchange(other.path_, {})),
      shown_(std::move(other.shown_)),
      fd_(std::move(other.fd_)),
      is_named_(std::exchange(other.is_named_, false)) {}

NewFile::~NewFile() {
    if (is_named_)
        unlink(path_.c_str());
}

Result<void> NewFile::keep() {
    if (fsync(fd_.get()) != 0)
        return file_error(shown_);
    const std::string own = "/proc/self/fd/" + std::to_string(fd_.get());
    if (!is_named_ &&
        linkat(AT_FDCWD, own.c_str(), AT_FDCWD, path_.c_str(), AT_SYMLINK_FOLLOW) != 0)
        return file_error(shown_);
    is_named_ = true;
    if (!sync_folder(path_))
        return file_error(shown_);
    is_named_ = false;
    return {};
}

UniqueFd make_nameless_file(const std::string& folder) {
    UniqueFd file(open(folder.c_str(), O_RDWR | O_TMPFILE | O_EXCL | O_CLOEXEC, kMode));
    if (file || !needs_names())
        return file;
    std::string name = folder + "/patctl-XXXXXX";
    file.reset(mkostemp(name.data(), O_CLOEXEC));
    if (file && unlink(name.c_str()) != 0)
        file.reset();
    return file;
}

}  // namespace patd::cli
