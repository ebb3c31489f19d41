// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/doctor/machine.h"

#include "common/base/names.h"
#include "common/base/unique_fd.h"

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

namespace patd::cli::doctor {
namespace {

constexpr std::size_t kTextBytes = 1 << 20;

std::optional<Uid> find_account(const char* name) {
    const struct passwd* entry = getpwnam(name);
    if (entry == nullptr)
        return std::nullopt;
    return Uid(entry->pw_uid);
}

bool is_clock_synchronized() {
    timex state{};
    return adjtimex(&state) != TIME_ERROR;
}

}  // namespace

Machine Machine::look(std::string root, UnixTime now) {
    return {std::move(root),
            Uid(geteuid()),
            find_account(names::kDaemonUser),
            find_account(names::kAuthUser),
            now,
            is_clock_synchronized()};
}

FileFacts look_at(const Machine& machine, const std::string& path) {
    struct stat facts {};
    if (lstat(machine.at(path).c_str(), &facts) == 0)
        return {Presence::There, facts.st_mode, Uid(facts.st_uid), facts.st_mtime};
    FileFacts nothing;
    if (errno != ENOENT && errno != ENOTDIR)
        nothing.presence = Presence::Hidden;
    return nothing;
}

std::optional<std::string> read_text(const Machine& machine, const std::string& path) {
    const UniqueFd file(open(machine.at(path).c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file)
        return std::nullopt;
    std::string text(kTextBytes, '\0');
    std::size_t size = 0;
    while (size < text.size()) {
        const ssize_t count = read(file.get(), text.data() + size, text.size() - size);
        if (count < 0)
            return std::nullopt;
        if (count == 0)
            break;
        size += static_cast<std::size_t>(count);
    }
    text.resize(size);
    return text;
}

std::optional<std::vector<std::string>> list_names(const Machine& machine,
                                                   const std::string& path) {
    std::error_code error;
    std::vector<std::string> names;
    std::filesystem::directory_iterator entry(machine.at(path), error);
    for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error))
        names.push_back(entry->path().filename());
    if (error)
        return std::nullopt;
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace patd::cli::doctor
