// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/io/replaced_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace patd::cli {
namespace {

constexpr int kLinks = 40;  // one behind the other, as many as the kernel follows
constexpr char kAclName[] = "system.posix_acl_access";
constexpr std::size_t kAclBytes = 4096;
// No name that a person gives a copy; mkostemp(3) ends it.
constexpr std::string_view kBeside = ".patctl-half-";
constexpr std::string_view kRandom = "XXXXXX";
constexpr int kTries = 3;

// What else says who may read it; where a file system has none, there is none to lose.
void copy_acl(const char* from, int to) {
    std::array<char, kAclBytes> acl{};
    const ssize_t size = getxattr(from, kAclName, acl.data(), acl.size());
    if (size > 0)
        (void)fsetxattr(to, kAclName, acl.data(), static_cast<std::size_t>(size), 0);
}

// Those of killed processes, and of living ones.
std::vector<std::filesystem::path> names_beside(const std::filesystem::path& file) {
    const std::string begin = file.filename().string() + std::string(kBeside);
    std::vector<std::filesystem::path> names;
    std::error_code failed;
    for (std::filesystem::directory_iterator entry(file.parent_path(), failed), end;
         !failed && entry != end; entry.increment(failed)) {
        const std::string name = entry->path().filename().string();
        if (name.size() == begin.size() + kRandom.size() && name.starts_with(begin))
            names.push_back(entry->path());
    }
    return names;
}

// For reading, but flock(2) of NFS wants one for writing.
UniqueFd open_left(const std::filesystem::path& name) {
    constexpr int kFlags = O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    UniqueFd left(open(name.c_str(), O_RDWR | kFlags));
    if (!left && (errno == EACCES || errno == EROFS))
        left.reset(open(name.c_str(), O_RDONLY | kFlags));
    return left;
}

// Root's may belong to the file's owner already.
bool is_own(const struct stat& facts, const std::filesystem::path& file) {
    struct stat owned {};
    return facts.st_uid == geteuid() ||
           (geteuid() == 0 && lstat(file.c_str(), &owned) == 0 && facts.st_uid == owned.st_uid);
}

}  // namespace

std::optional<BesideFile> BesideFile::create(const std::filesystem::path& file) {
    for (int left = kTries; left > 0; --left) {
        std::string name = file.string() + std::string(kBeside) + std::string(kRandom);
        UniqueFd fd(mkostemp(name.data(), O_CLOEXEC));
        if (!fd)
            return std::nullopt;
        BesideFile made(std::move(name), std::move(fd));
        struct stat facts {};
        // Without locks here nobody takes it for left; with them somebody may have, before.
        (void)flock(made.fd(), LOCK_EX);
        if (fstat(made.fd(), &facts) == 0 && facts.st_nlink > 0)
            return made;
    }
    errno = EAGAIN;
    return std::nullopt;
}

BesideFile::BesideFile(BesideFile&& other) noexcept
    : name_(std::exchange(other.name_, {})), fd_(std::move(other.fd_)) {}

BesideFile::~BesideFile() {
    if (!name_.empty())
        unlink(name_.c_str());
}

void remove_left_beside(const std::filesystem::path& file, const std::string& lock) {
    for (const std::filesystem::path& name : names_beside(file)) {
        const UniqueFd left = open_left(name);
        struct stat facts {};
        if (!left || fstat(left.get(), &facts) != 0 || !S_ISREG(facts.st_mode) ||
            !is_own(facts, file) || flock(left.get(), LOCK_EX | LOCK_NB) != 0)
            continue;
        struct stat locked {};
        if (!lock.empty() && lstat(lock.c_str(), &locked) == 0 && locked.st_dev == facts.st_dev &&
            locked.st_ino == facts.st_ino)
            unlink(lock.c_str());
        unlink(name.c_str());
    }
}

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
