// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace patd::support {

// What a power cut leaves of the files in one directory: each has the content of its last sync.
// Replaces fdatasync(2) and fsync(2) in the program that includes it; include it in one file only.
// One at a time.
class PowerCut {
  public:
    explicit PowerCut(std::string directory) : directory_(std::move(directory)) { watching = this; }
    ~PowerCut() { watching = nullptr; }
    PowerCut(const PowerCut&) = delete;
    PowerCut& operator=(const PowerCut&) = delete;

    // The next sync of this file fails; as with the kernel, later ones succeed, but what the file
    // held at that time never reaches the disk.
    void fail_next_sync_of(const std::string& name) {
        struct stat status {};
        if (stat((directory_ + "/" + name).c_str(), &status) == 0)
            fails_next_ = status.st_ino;
    }
    bool sync(int fd) {
        struct stat status {};
        if (fstat(fd, &status) != 0)
            return true;
        ++(S_ISDIR(status.st_mode) ? directories_ : files_);
        if (!S_ISREG(status.st_mode))
            return true;
        if (status.st_ino == fails_next_) {
            lost_.insert(*std::exchange(fails_next_, std::nullopt));
            return false;
        }
        if (lost_.contains(status.st_ino) && status.st_size > 0)
            return true;
        lost_.erase(status.st_ino);
        std::ifstream file("/proc/self/fd/" + std::to_string(fd), std::ios::binary);
        left_[status.st_ino] = {std::istreambuf_iterator<char>(file), {}};
        return true;
    }
    // How many syncs there were.
    std::size_t of_files() const { return files_; }
    std::size_t of_directories() const { return directories_; }
    void leave_in(const std::string& directory) const {
        for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
            struct stat status {};
            const auto found =
                stat(entry.path().c_str(), &status) == 0 ? left_.find(status.st_ino) : left_.end();
            if (found == left_.end())
                continue;
            const std::string path = directory + "/" + entry.path().filename().string();
            std::ofstream(path, std::ios::binary) << found->second;
            (void)chmod(path.c_str(), 0600);
        }
    }

    static inline PowerCut* watching = nullptr;

  private:
    std::string directory_;
    std::map<ino_t, std::string> left_;
    std::optional<ino_t> fails_next_;
    std::set<ino_t> lost_;
    std::size_t files_ = 0;
    std::size_t directories_ = 0;
};

}  // namespace patd::support

inline int sync_unless_cut(int fd, long call) {
    if (patd::support::PowerCut::watching != nullptr &&
        !patd::support::PowerCut::watching->sync(fd)) {
        errno = EIO;
        return -1;
    }
    return static_cast<int>(syscall(call, fd));
}

// SQLite must find them.
extern "C" __attribute__((visibility("default"))) int fdatasync(int fd) {
    return sync_unless_cut(fd, SYS_fdatasync);
}

extern "C" __attribute__((visibility("default"))) int fsync(int fd) {
    return sync_unless_cut(fd, SYS_fsync);
}
