// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/user/surroundings.h"

#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <optional>
#include <system_error>

namespace patd::user {
namespace {

// Where the session bus is, how to reach systemd and the journal, and the language.
constexpr std::array kKept = {
    "DBUS_SESSION_BUS_ADDRESS",
    "XDG_RUNTIME_DIR",
    "HOME",
    "PATH",
    "LANG",
    "LC_ALL",
    "NOTIFY_SOCKET",
    "LISTEN_FDS",
    "LISTEN_PID",
    "LISTEN_FDNAMES",
    "WATCHDOG_USEC",
    "WATCHDOG_PID",
    "INVOCATION_ID",
    "JOURNAL_STREAM",
    "ASAN_OPTIONS",
    "UBSAN_OPTIONS",
    "LSAN_OPTIONS",
};
constexpr mode_t kPrivate = 0700;

}  // namespace

void clear_environment() {
    std::array<std::optional<std::string>, kKept.size()> kept;
    for (std::size_t i = 0; i < kept.size(); ++i) {
        const char* value = secure_getenv(kKept[i]);
        if (value != nullptr)
            kept[i] = value;
    }
    clearenv();
    for (std::size_t i = 0; i < kept.size(); ++i) {
        if (kept[i])
            setenv(kKept[i], kept[i]->c_str(), 1);
    }
}

Result<void> make_private_directory(const std::string& path) {
    for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
        const std::string folder = path.substr(0, end);
        if (mkdir(folder.c_str(), kPrivate) != 0 && errno != EEXIST)
            return Error{Errc::Unavailable,
                         "making " + folder + ": " + std::generic_category().message(errno)};
        if (end == std::string::npos)
            return {};
    }
}

}  // namespace patd::user
