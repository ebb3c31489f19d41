// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/session/become_user.h"

#include "cli/text/shown_value.h"
#include "common/base/unique_fd.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace patd::cli {
namespace {

// Where files of the one who started this process are, and what git takes from it.
void forget_places() {
    std::vector<std::string> names;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        if (text.starts_with("GIT_") || text.starts_with("XDG_"))
            names.emplace_back(text.substr(0, text.find('=')));
    }
    for (const std::string& name : names)
        unsetenv(name.c_str());
}

// The account may trace the programs that it is to start, and could type commands on root's
// terminal through one whose controlling terminal that is (TIOCSTI).
bool leave_terminal() {
    const UniqueFd terminal(open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC));
    if (!terminal)
        return errno == ENXIO || errno == ENOENT;  // there is none
    // The leader of a session hangs up.
    auto* const previous = std::signal(SIGHUP, SIG_IGN);
    const bool is_done = ioctl(terminal.get(), TIOCNOTTY) == 0;
    std::signal(SIGHUP, previous);
    return is_done;
}

}  // namespace

Result<void> become_user(const std::string& name) {
    const struct passwd* entry = getpwnam(name.c_str());
    if (entry == nullptr)
        return Error{Errc::InvalidUsername, "there is no account " + shown_value(name)};
    const uid_t uid = entry->pw_uid;
    const gid_t gid = entry->pw_gid;
    const std::string home = entry->pw_dir;
    if (geteuid() != 0 || initgroups(name.c_str(), gid) != 0)
        return Errc::AccessDenied;
    // From here on a half of it would be worse than no answer.
    if (!leave_terminal() || setresgid(gid, gid, gid) != 0 || setresuid(uid, uid, uid) != 0 ||
        chdir("/") != 0 || (uid != 0 && setuid(0) == 0))
        std::abort();
    forget_places();
    setenv("HOME", home.c_str(), 1);
    setenv("USER", name.c_str(), 1);
    setenv("LOGNAME", name.c_str(), 1);
    return {};
}

}  // namespace patd::cli
