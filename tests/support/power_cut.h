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
        const std::filesystem::path path =
            std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd));
        if (path.parent_path() != directory_)
            return;
        std::ifstream file(path, std::ios::binary);
        left_[path.filename().string()] = {std::istreambuf_iterator<char>(file), {}};
    }
    void leave_in(const std::string& directory) const {
        for (const auto& [name, bytes] : left_) {
            const std::string path = directory + "/" + name;
            std::ofstream(path, std::ios::binary) << bytes;
            (void)chmod(path.c_str(), 0600);
        }
    }

    static inline PowerCut* watching = nullptr;

  private:
    std::string directory_;
    std::map<std::string, std::string> left_;
};

}  // namespace patd::support

extern "C" int fdatasync(int fd) {
    if (patd::support::PowerCut::watching != nullptr)
        patd::support::PowerCut::watching->note_sync(fd);
    return static_cast<int>(syscall(SYS_fdatasync, fd));
}

extern "C" int fsync(int fd) {
    if (patd::support::PowerCut::watching != nullptr)
        patd::support::PowerCut::watching->note_sync(fd);
    return static_cast<int>(syscall(SYS_fsync, fd));
}
