// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/io/replaced_file.h"

#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <system_error>

namespace patd::cli {
namespace {

constexpr int kLinks = 40;  // one behind the other, as many as the kernel follows
constexpr char kAclName[] = "system.posix_acl_access";
constexpr std::size_t kAclBytes = 4096;

// What else says who may read it; where a file system has none, there is none to lose.
void copy_acl(const char* from, int to) {
    std::array<char, kAclBytes> acl{};
    const ssize_t size = getxattr(from, kAclName, acl.data(), acl.size());
    if (size > 0)
        (void)fsetxattr(to, kAclName, acl.data(), static_cast<std::size_t>(size), 0);
}

}  // namespace

std::filesystem::path resolve_links(std::filesystem::path file) {
    std::error_code failed;
    for (int links = 0; links < kLinks && std::filesystem::is_symlink(file, failed); ++links)
        file = file.parent_path() / std::filesystem::read_symlink(file, failed);
    std::filesystem::path resolved = std::filesystem::weakly_canonical(file, failed);
    return failed ? file : resolved;
}

bool take_over(const char* from, int to, mode_t mode) {
    struct stat old {};
    if (stat(from, &old) != 0) {
        const mode_t mask = umask(0);
        umask(mask);
        return fchmod(to, mode & ~mask) == 0;
    }
    // Only root can give a file away; git does not try at all.
    (void)!fchown(to, old.st_uid, old.st_gid);
    if (fchmod(to, old.st_mode & 07777) != 0)
        return false;
    copy_acl(from, to);
    return true;
}

sigset_t block_ends() {
    sigset_t ends;
    sigset_t before;
    sigemptyset(&ends);
    for (const int signal : {SIGHUP, SIGINT, SIGTERM, SIGQUIT})
        sigaddset(&ends, signal);
    pthread_sigmask(SIG_BLOCK, &ends, &before);
    return before;
}

}  // namespace patd::cli
