// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

namespace patd::support {

// What a power cut leaves of the files of one directory: of each what it held when it was last
// synced. It takes the place of fdatasync(2) and fsync(2) in the program that includes it, in one
// file of it. One at a time.
class PowerCut {
  public:
    explicit PowerCut(std::string directory) : directory_(std::move(directory)) { watching = this; }
    ~PowerCut() { watching = nullptr; }
    PowerCut(const PowerCut&) = delete;
    PowerCut& operator=(const PowerCut&) = delete;

    void note_sync(int fd) {
        struct stat status {};
        if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
            return;
        std::ifstream file("/proc/self/fd/" + std::to_string(fd), std::ios::binary);
        left_[status.st_ino] = {std::istreambuf_iterator<char>(file), {}};
    }
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
};

}  // namespace patd::support

// SQLite is to find them.
extern "C" __attribute__((visibility("default"))) int fdatasync(int fd) {
    if (patd::support::PowerCut::watching != nullptr)
        patd::support::PowerCut::watching->note_sync(fd);
    return static_cast<int>(syscall(SYS_fdatasync, fd));
}

extern "C" __attribute__((visibility("default"))) int fsync(int fd) {
    if (patd::support::PowerCut::watching != nullptr)
        patd::support::PowerCut::watching->note_sync(fd);
    return static_cast<int>(syscall(SYS_fsync, fd));
}
