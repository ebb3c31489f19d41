// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "auth/hardening.h"

#include "common/password/account.h"

#include <grp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <optional>
#include <utility>

namespace patd::auth {
namespace {

constexpr std::array kKeptVariables = {"LANG", "LC_ALL"};
constexpr auto kNobody = static_cast<uid_t>(-1);
constexpr char kPath[] = "/usr/sbin:/usr/bin:/sbin:/bin";

void clear_environment() {
    std::array<std::optional<std::string>, kKeptVariables.size()> kept;
    for (std::size_t i = 0; i < kept.size(); ++i) {
        const char* value = secure_getenv(kKeptVariables[i]);
        if (value != nullptr)
            kept[i] = value;
    }
    clearenv();
    setenv("PATH", kPath, 1);
    for (std::size_t i = 0; i < kept.size(); ++i) {
        if (kept[i])
            setenv(kKeptVariables[i], kept[i]->c_str(), 1);
    }
}

bool is_only(uid_t uid, gid_t gid) {
    uid_t real = kNobody;
    uid_t effective = kNobody;
    uid_t saved = kNobody;
    gid_t real_group = kNobody;
    gid_t effective_group = kNobody;
    gid_t saved_group = kNobody;
    return getresuid(&real, &effective, &saved) == 0 &&
           getresgid(&real_group, &effective_group, &saved_group) == 0 && real == uid &&
           effective == uid && saved == uid && real_group == gid && effective_group == gid &&
           saved_group == gid;
}

Result<void> forbid_dumps() {
    if (prctl(PR_SET_DUMPABLE, 0) != 0)
        return Error{Errc::Internal, "prctl"};
    return {};
}

}  // namespace

Result<void> harden_process() {
    TRY(forbid_dumps());
    const rlimit none{0, 0};
    if (setrlimit(RLIMIT_CORE, &none) != 0)
        return Error{Errc::Internal, "setrlimit"};
    umask(077);
    clear_environment();
    return {};
}

Result<void> become_account(const std::string& name) {
    const Result<password::Account> account = password::find_account(name);
    if (!account)
        return Error{Errc::Unavailable, "no account " + name};
    const uid_t uid = account->uid.value();
    const gid_t gid = account->gid;
    if (is_only(uid, gid))
        return {};
    if (setgroups(1, &gid) != 0 || setresgid(gid, gid, gid) != 0 || setresuid(uid, uid, uid) != 0)
        return Error{Errc::Internal, "change of uid"};
    if (!is_only(uid, gid) || (uid != 0 && setresuid(0, 0, 0) == 0))
        return Error{Errc::Internal, "incomplete change of uid"};
    // A change of uid resets the flag to fs.suid_dumpable.
    return forbid_dumps();
}

}  // namespace patd::auth
