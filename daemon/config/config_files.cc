// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/config/config_files.h"

#include "common/base/unique_fd.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <map>
#include <memory>
#include <optional>
#include <system_error>

namespace patd {
namespace {

// The first one wins.
constexpr std::array kDirectories = {"/etc/patd", "/run/patd", "/usr/lib/patd"};
constexpr char kMainFile[] = "/patd.conf";
constexpr char kDropInDirectory[] = "/patd.conf.d";
constexpr char kPermissionDirectory[] = "/permissions.d";
constexpr char kHttpDirectory[] = "/http.d";
constexpr char kForgeDirectory[] = "/gateway.d";
constexpr std::string_view kSuffix = ".conf";
constexpr std::size_t kConfigBytesMax = 65536;  // ten times all options with their explanations

using Faults = std::vector<ConfigFault>;

void refuse(Faults& faults, const std::string& path, std::string text) {
    faults.push_back({path, 0, std::move(text)});
}

// Whether the file itself is at fault, rather than a passing condition: EIO, EMFILE, ENOMEM,
// ESTALE, ...
bool is_permanent(int number) {
    return number == EACCES || number == EPERM || number == ENOENT || number == ENOTDIR ||
           number == ELOOP || number == ENAMETOOLONG || number == ENXIO;
}

// Reports why `path` cannot be read, with the fix.
void refuse_unreadable(Faults& faults, const std::string& path, int number) {
    std::string text = "cannot be read (" + std::generic_category().message(number) + "); ";
    if (number == EACCES)
        text += "let patd read it: chmod a+rX " + path + " and the directories above it";
    else if (number == ENOENT)
        text += "link it to a file that is there, or to /dev/null";
    else if (is_permanent(number))
        text += "replace it by a regular file";
    else
        text += "it is read again; if this stays, check the disk";
    faults.push_back({path, 0, std::move(text), !is_permanent(number)});
}

bool is_null_device(const struct stat& status) {
    return S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3);
}

// Whether only root, or the daemon itself, could have written the file of `status`.
bool check_writers(const std::string& path, const struct stat& status, Faults& faults) {
    if (status.st_uid != 0 && status.st_uid != geteuid())
        refuse(faults, path, "belongs to somebody else; run: chown root " + path);
    else if ((status.st_mode & 022U) != 0)
        refuse(faults, path, "may be written by group or others; run: chmod go-w " + path);
    else
        return true;
    return false;
}

std::optional<std::string> read_all(int fd) {
    std::string text(kConfigBytesMax + 1, '\0');
    std::size_t size = 0;
    while (size < text.size()) {
        const ssize_t got = ::read(fd, text.data() + size, text.size() - size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return std::nullopt;
        if (got == 0)
            break;
        size += static_cast<std::size_t>(got);
    }
    text.resize(size);
    return text;
}

void read_file(const std::string& path, std::vector<ConfigFile>& files, Faults& faults) {
    // Non-blocking: it may be a FIFO.
    const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    struct stat status {};
    if (!fd || fstat(fd.get(), &status) != 0)
        return refuse_unreadable(faults, path, errno);
    if (is_null_device(status))
        return;
    if (!S_ISREG(status.st_mode))
        return refuse(faults, path, "is no regular file; replace it by one");
    if (!check_writers(path, status, faults))
        return;
    std::optional<std::string> text = read_all(fd.get());
    if (!text)
        return refuse_unreadable(faults, path, errno);
    if (text->size() > kConfigBytesMax)
        return refuse(faults, path, "is larger than 64 KiB; remove what is no configuration");
    files.push_back({path, std::move(*text)});
}

// Only what is certainly absent is skipped: a file that cannot be examined counts as present.
bool is_absent(const std::string& path) {
    struct stat status {};
    return lstat(path.c_str(), &status) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

// Reads the main file of `directory`, where nobody else may be able to replace it. False if there
// is none.
bool read_main_file(const std::string& directory, std::vector<ConfigFile>& files, Faults& faults) {
    const std::string path = directory + kMainFile;
    if (is_absent(path))
        return false;
    struct stat status {};
    if (stat(directory.c_str(), &status) != 0)
        refuse_unreadable(faults, directory, errno);
    else if (check_writers(directory, status, faults))
        read_file(path, files, faults);
    return true;
}

bool is_drop_in(const std::string& name) {
    return name.size() > kSuffix.size() && name.front() != '.' && name.ends_with(kSuffix);
}

struct CloseDirectory {
    void operator()(DIR* directory) const { closedir(directory); }
};

// Adds, by name, the files in `directory` that no earlier directory had. Uses readdir(3):
// std::filesystem would cost patd a hundred pages.
void list_drop_ins(const std::string& directory, std::map<std::string, std::string>& found,
                   Faults& faults) {
    const std::unique_ptr<DIR, CloseDirectory> opened(opendir(directory.c_str()));
    if (!opened && errno == ENOENT)
        return;
    struct stat status {};
    if (!opened || fstat(dirfd(opened.get()), &status) != 0)
        return refuse_unreadable(faults, directory, errno);
    if (!check_writers(directory, status, faults))
        return;
    const std::string below = directory + "/";
    errno = 0;
    for (const dirent* entry = readdir(opened.get()); entry != nullptr;
         errno = 0, entry = readdir(opened.get())) {
        const std::string name = entry->d_name;
        if (is_drop_in(name))
            found.emplace(name, below + name);
    }
    if (errno != 0)
        refuse_unreadable(faults, directory, errno);
}

// Reads the files of `folder` in the three directories, sorted by name.
void read_drop_ins(const std::string& root, const char* folder, std::vector<ConfigFile>& files,
                   Faults& faults) {
    std::map<std::string, std::string> found;
    for (const char* directory : kDirectories)
        list_drop_ins(root + directory + folder, found, faults);
    for (const auto& [name, path] : found)
        read_file(path, files, faults);
}

}  // namespace

std::vector<ConfigFile> read_config_files(const std::string& root, Faults& faults) {
    std::vector<ConfigFile> files;
    for (const char* directory : kDirectories) {
        if (read_main_file(root + directory, files, faults))
            break;
    }
    read_drop_ins(root, kDropInDirectory, files, faults);
    return files;
}

std::vector<ConfigFile> read_permission_files(const std::string& root, Faults& faults) {
    std::vector<ConfigFile> files;
    read_drop_ins(root, kPermissionDirectory, files, faults);
    return files;
}

std::vector<ConfigFile> read_http_files(const std::string& root, Faults& faults) {
    std::vector<ConfigFile> files;
    read_drop_ins(root, kHttpDirectory, files, faults);
    return files;
}

std::vector<ConfigFile> read_forge_files(const std::string& root, Faults& faults) {
    std::vector<ConfigFile> files;
    read_drop_ins(root, kForgeDirectory, files, faults);
    return files;
}

}  // namespace patd
