// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "tests/support/temporary_directory.h"

#include <sys/stat.h>

#include <fstream>
#include <string>

namespace patd::support {

// A root directory with files of patd's configuration in it.
class ConfigTree {
  public:
    std::string root() const { return directory_.path(); }
    std::string path(const std::string& name) const { return root() + name; }

    // Writes a file, and creates the directories above it; modes are those of a package.
    std::string write(const std::string& name, const std::string& text) const {
        std::string file = make_parent(name);
        std::ofstream(file) << text;
        must(::chmod(file.c_str(), 0644));
        return file;
    }
    std::string link(const std::string& name, const std::string& target) const {
        std::string file = make_parent(name);
        std::filesystem::create_symlink(target, file);
        return file;
    }

  private:
    static void must(int result) {
        if (result != 0)
            throw std::runtime_error("chmod");
    }
    std::string make_parent(const std::string& name) const {
        const std::filesystem::path file = path(name);
        std::filesystem::create_directories(file.parent_path());
        must(::chmod(file.parent_path().c_str(), 0755));
        return file;
    }

    TemporaryDirectory directory_;
};

}  // namespace patd::support
