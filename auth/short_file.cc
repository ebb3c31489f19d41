// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "auth/short_file.h"

#include "common/base/unique_fd.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace patd::auth {

Result<std::string> read_short_file(const std::string& path) {
    const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file && errno == ENOENT)
        return Error{Errc::NotFound, path};
    std::array<char, 64> text{};
    const ssize_t got = file ? ::read(file.get(), text.data(), text.size()) : -1;
    if (got < 0)
        return Error{Errc::Unavailable, path};
    return std::string(text.data(), static_cast<std::size_t>(got));
}

}  // namespace patd::auth
