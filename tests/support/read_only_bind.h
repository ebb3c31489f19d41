// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <sched.h>
#include <sys/mount.h>

#include <cerrno>
#include <stdexcept>
#include <string>
#include <system_error>

namespace patd::support {

// While it lives, a file or a directory is read-only to this process: opening it for writing fails
// with EROFS, as on a disk that the kernel has remounted read-only. The mount is private to this
// process.
class ReadOnlyBind {
  public:
    explicit ReadOnlyBind(std::string path) : path_(std::move(path)) {
        must(unshare(CLONE_NEWNS), "unshare (this test must run as root)");
        must(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "private mounts");
        must(mount(path_.c_str(), path_.c_str(), nullptr, MS_BIND, nullptr), "bind mount");
        must(mount(nullptr, path_.c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr),
             "read-only mount");
    }
    ~ReadOnlyBind() { (void)umount2(path_.c_str(), MNT_DETACH); }
    ReadOnlyBind(const ReadOnlyBind&) = delete;
    ReadOnlyBind& operator=(const ReadOnlyBind&) = delete;

  private:
    static void must(int result, const char* what) {
        if (result != 0)
            throw std::system_error(errno, std::generic_category(), what);
    }

    std::string path_;
};

}  // namespace patd::support
