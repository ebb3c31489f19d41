// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/line/refusal.h"

#include "common/base/errc.h"
#include "common/base/limits.h"
#include "common/base/unique_fd.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

namespace patd {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Who comes after them, and after the time, starts patd anew.
constexpr std::size_t kTurnedAwayMax = 16 * limits::kLineBacklog;
constexpr char kSealedKey[] = "/etc/patd/master-key.cred";

// As make-key refuses it: patd itself never sees this file.
bool is_key_in_order(const std::string& root) {
    constexpr mode_t kOthers = 077;
    struct stat facts {};
    return lstat((root + kSealedKey).c_str(), &facts) == 0 && S_ISREG(facts.st_mode) &&
           facts.st_uid == 0 && facts.st_size > 0 && (facts.st_mode & kOthers) == 0;
}

// False: nobody came until `end`, or nobody can come any more.
bool await_client(int listener, steady_clock::time_point end) {
    while (true) {
        const auto left = std::chrono::ceil<milliseconds>(end - steady_clock::now());
        pollfd waiting{listener, POLLIN, 0};
        const int ready =
            poll(&waiting, 1, static_cast<int>(std::max<milliseconds::rep>(left.count(), 0)));
        if (ready >= 0 || errno != EINTR)
            return ready > 0 && (waiting.revents & (POLLHUP | POLLERR | POLLNVAL)) == 0;
    }
}

}  // namespace

std::string_view why_not_started(bool has_config_faults, const std::string& root) {
    if (has_config_faults)
        return "patd cannot start: its configuration is wrong; 'sudo patctl admin check-config' "
               "says where";
    if (!is_key_in_order(root))
        return "patd cannot start: its master key is missing, or its file is open to others; "
               "'sudo patctl doctor' says what to do";
    return "patd cannot start; 'sudo patctl doctor' says why";
}

std::string_view why_not_started_for_user(bool has_config_faults) {
    return has_config_faults ? "your patd cannot start: the configuration is wrong; 'patctl "
                               "--session admin check-config' says where"
                             : "your patd cannot start; 'patctl --session doctor' says why";
}

void turn_away(int listener, std::string_view why, milliseconds lasts) {
    const steady_clock::time_point end = steady_clock::now() + lasts;
    const std::string reply = "error=" + std::string(errc_name(Errc::Unavailable)) +
                              "\ntext=" + std::string(why) + "\n\n";
    for (std::size_t count = 0; count < kTurnedAwayMax || steady_clock::now() < end; ++count) {
        const UniqueFd client(accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (!client && errno == EAGAIN) {
            if (!await_client(listener, end))
                return;
            continue;
        }
        if (!client && errno != ECONNABORTED && errno != EINTR)
            return;
        // A new connection has room for it.
        if (client)
            (void)send(client.get(), reply.data(), reply.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    }
}

}  // namespace patd
