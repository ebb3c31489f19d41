// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/io/new_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace patd::cli {
namespace {

Error file_error(const std::string& shown) {
    return Error{Errc::BadFile, shown + ": " + std::generic_category().message(errno)};
}

}  // namespace

Result<NewFile> NewFile::create(const std::string& path, const std::string& shown) {
    constexpr mode_t kMode = 0600;
    // Write-only: who gets a duplicate of it can read nothing back.
    UniqueFd fd(
        open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY, kMode));
    if (!fd)
        return file_error(shown);
    return NewFile(path, shown, std::move(fd));
}

NewFile::NewFile(NewFile&& other) noexcept
    : path_(std::exchange(other.path_, {})),
      shown_(std::move(other.shown_)),
      fd_(std::move(other.fd_)) {}

NewFile::~NewFile() {
    if (!path_.empty())
        unlink(path_.c_str());
}

Result<void> NewFile::keep() {
    if (fsync(fd_.get()) != 0)
        return file_error(shown_);
    path_.clear();
    return {};
}

}  // namespace patd::cli
