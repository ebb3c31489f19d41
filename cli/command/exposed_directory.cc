// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/exposed_directory.h"

#include "cli/io/descriptor_io.h"
#include "cli/io/new_file.h"
#include "cli/text/shown_value.h"
#include "common/base/unix_socket.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace patd::cli {
namespace {

constexpr char kName[] = "/socket";
constexpr char kGitName[] = "/gitconfig";

Error refuse(const std::string& path, const std::string& reason) {
    return {Errc::MalformedRequest, shown_file(path) + ": " + reason};
}

Error refuse_with_errno(const std::string& path) {
    return refuse(path, std::generic_category().message(errno));
}

Result<sockaddr_un> make_address(const std::string& path) {
    const Result<sockaddr_un> address = unix_address(path);
    if (!address)
        return refuse(path, "a socket's path is limited to " +
                                std::to_string(sizeof sockaddr_un::sun_path - 1) + " bytes");
    return *address;
}

bool is_own_socket(const std::string& path) {
    struct stat status {};
    return lstat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode) &&
           status.st_uid == geteuid();
}

bool is_dead(const sockaddr_un& address) {
    const UniqueFd client(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    return connect(client.get(), as_sockaddr(address), sizeof address) != 0 &&
           errno == ECONNREFUSED;
}

// bind(2) takes what the umask leaves: nothing for others before chmod(2) says so.
int bind_privately(int fd, const sockaddr_un& address) {
    const mode_t before = umask(0177);
    const int result = bind(fd, as_sockaddr(address), sizeof address);
    const int reason = errno;
    umask(before);
    errno = reason;
    return result;
}

// Whoever is in the container may plant anything there: a link is not followed, a FIFO not waited
// for. What is swapped in after this look is a name in DIR, which unlink(2) follows nowhere either.
bool is_own_git_file(const std::string& path) {
    const UniqueFd file(
        open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    struct stat status {};
    if (!file || fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode) ||
        status.st_uid != geteuid())
        return false;
    std::string begin(kGitFileBegin.size(), '\0');
    const ssize_t size = pread(file.get(), begin.data(), begin.size(), 0);
    return size == static_cast<ssize_t>(begin.size()) && begin == kGitFileBegin;
}

void remove_git_file(const std::string& path) {
    if (is_own_git_file(path))
        (void)unlink(path.c_str());
}

}  // namespace

Result<std::string> find_socket_path(const std::string& directory) {
    std::error_code error;
    const std::string path = std::filesystem::canonical(directory, error);
    if (error)
        return refuse(directory, error.message());
    struct stat status {};
    if (stat(path.c_str(), &status) != 0)
        return refuse_with_errno(path);
    if (!S_ISDIR(status.st_mode))
        return refuse(path, "not a directory");
    if (status.st_uid != geteuid())
        return refuse(path, "you do not own this directory; use one of your own");
    if ((status.st_mode & 022U) != 0)
        return refuse(path, "other users can write to it; run 'chmod go-w' on it");
    return path + kName;
}

Result<UniqueFd> listen_at(const std::string& path, mode_t mode) {
    const sockaddr_un address = TRY(make_address(path));
    if (is_own_socket(path)) {
        if (!is_dead(address))
            return refuse(path, "it is already exposed; run 'patctl expose --cut' first");
        remove_socket(path);
    }
    UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!fd || bind_privately(fd.get(), address) != 0)
        return refuse_with_errno(path);
    if (listen(fd.get(), SOMAXCONN) != 0 || chmod(path.c_str(), mode) != 0) {
        const Error failure = refuse_with_errno(path);
        remove_socket(path);
        return failure;
    }
    return fd;
}

bool remove_socket(const std::string& path) {
    if (!is_own_socket(path))
        return false;
    remove_git_file(git_file_of(path));
    return unlink(path.c_str()) == 0;
}

std::string git_file_of(const std::string& socket_path) {
    return socket_path.substr(0, socket_path.rfind('/')) + kGitName;
}

Result<void> write_git_file(const std::string& socket_path, const std::string& text) {
    const std::string path = git_file_of(socket_path);
    remove_git_file(path);
    struct stat status {};
    if (lstat(path.c_str(), &status) == 0)
        return refuse(path,
                      "'patctl expose' did not write it, and leaves it; move it away, or use "
                      "another directory");
    NewFile file = TRY(NewFile::create(path, shown_file(path)));
    if (!write_all(file.fd(), std::string(kGitFileBegin) + text) || fchmod(file.fd(), 0644) != 0)
        return refuse_with_errno(path);
    return file.keep();  // half of it might not be known as ours
}

}  // namespace patd::cli
