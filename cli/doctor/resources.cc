// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/doctor/resources.h"

#include "cli/text/limited_text.h"
#include "cli/text/time_text.h"
#include "common/base/names.h"
#include "common/base/tpm_count.h"

#include <sys/statvfs.h>

#include <algorithm>
#include <array>

namespace patd::cli::doctor {
namespace {

constexpr char kSetClock[] = "sudo timedatectl set-ntp true";
constexpr char kShowLimited[] = "ps -eo uid,pid,etime,args --sort=uid";
// systemctl set-property does not know LimitMEMLOCK=.
constexpr char kRaiseLimit[] =
    "sudo mkdir -p /etc/systemd/system/patd.service.d && printf '[Service]\\nLimitMEMLOCK=8M\\n' | "
    "sudo tee /etc/systemd/system/patd.service.d/memlock.conf && sudo systemctl daemon-reload && "
    "sudo systemctl restart patd.service";
constexpr char kRaiseUsersLimit[] =
    "sudo mkdir -p /etc/systemd/system/user@.service.d && printf '[Service]\\nLimitMEMLOCK=8M\\n' "
    "| sudo tee /etc/systemd/system/user@.service.d/memlock.conf && sudo systemctl daemon-reload";
constexpr char kAcceptRollback[] = "sudo patctl admin accept-rollback";
constexpr char kShowAuth[] = "journalctl -u 'patd-auth@*'";
constexpr char kShowCounter[] = "journalctl -u 'patd-counter@*'";
constexpr char kAcceptClock[] = "sudo patctl admin accept-clock";
constexpr char kFreeSpace[] = "sudo apt-get clean && sudo journalctl --vacuum-size=200M";
// A file may be dated a little ahead by another clock (a network disk).
constexpr UnixTime kToleranceSeconds = 60;
constexpr std::uint64_t kMi = 1024 * std::uint64_t{1024};
// A store of ten thousand tokens with its journal needs less than a tenth of it.
constexpr std::uint64_t kBytesWanted = 256 * kMi;
constexpr std::uint64_t kBytesNeeded = 16 * kMi;
constexpr std::uint64_t kFilesNeeded = 64;

// Files that are written while the machine runs, so that the newest is a time that has been.
constexpr std::array kWitnesses = {
    "/var/lib/systemd/timesync/clock", "/var/lib/patd/store.db",     "/var/lib/patd/store.db-wal",
    "/var/lib/patd/audit.db",          "/var/lib/patd/audit.db-wal", "/var/lib/patd/audit.journal",
};

// With tpm2-tools: a counter like patd-counter's own, whose 32 random bytes in place of a policy
// say which one it is. The password goes through a pipe.
std::string define_counter(const Machine& machine) {
    const std::uint32_t index = counter_index(read_text(machine, names::kMachineId).value_or(""));
    return "sudo sh -c 'head -c 32 /dev/urandom >/run/patd-counter.id && "
           "systemd-ask-password -n \"Password of the TPM owner:\" | "
           "tpm2_nvdefine -C o -P file:- -s 8 -L /run/patd-counter.id "
           "-a \"nt=1|authread|authwrite|no_da\" " +
           index_text(index) + " && systemctl restart patd.service'";
}

void check_counter(const Machine& machine, std::string_view counter, Findings& findings) {
    if (counter == "unread" || counter == "behind")
        findings.warn(
            "the TPM does not count how new the store is, so a whole machine that is put back "
            "would not be noticed",
            kShowCounter);
    if (counter == "gone")
        findings.warn(
            "the TPM that counted how new the store is is not there, so a whole machine that is "
            "put back would not be noticed; if it does not come back, let patd forget it",
            kAcceptRollback);
    if (counter == "unusable")
        findings.note(
            "the TPM cannot be used, so a whole machine that is put back would not be noticed; "
            "mend what the journal says, and restart patd.service",
            kShowCounter);
    if (counter == "refused")
        findings.note(
            "the TPM's owner has a password, so patd has no counter there, and a whole machine "
            "that is put back would not be noticed; make one, with tpm2-tools",
            define_counter(machine));
}

}  // namespace

void check_clock(const Machine& machine, UnixTime newest_event, Findings& findings) {
    if (!machine.clock_synchronized)
        findings.warn("the clock is not synchronised, but token expiry depends on it", kSetClock);
    UnixTime newest = newest_event;
    for (const char* path : kWitnesses)
        newest = std::max(newest, look_at(machine, path).changed);
    if (machine.now + kToleranceSeconds < newest)
        findings.error("the clock is behind " + format_time(newest) + ", a time already seen",
                       kSetClock);
}

void check_clock_trust(const client::Dictionary& status, Findings& findings) {
    const std::string clock = status.has("clock") ? status.text("clock") : "right";
    const std::string time = format_time(status.time("time"));
    if (clock == "ahead")
        findings.warn(
            "the clock jumped forward by more than a day; if that is wrong, tokens are refused "
            "as expired until the clock is right again",
            kSetClock);
    if (clock == "behind")
        findings.warn("the clock went back, so tokens expire by " + time +
                          ", a time already seen; set the clock, or confirm that it is right now",
                      kAcceptClock);
    if (clock == "unknown")
        findings.error("when patd started, the clock was far behind " + time +
                           ", a time already seen, so tokens that expire are refused; set the "
                           "clock, or confirm that it is right now",
                       kAcceptClock);
}

void check_rollback(const Machine& machine, const client::Dictionary& admin_status,
                    Findings& findings) {
    if (!admin_status.has("rollback"))
        return;
    const std::string witness = admin_status.text("witness");
    if (!admin_status.text("rollback").empty())
        findings.error(
            "the store was put back to an older state, or altered, so it is read-only "
            "and nothing is released; see what would live again, and decide",
            kAcceptRollback);
    if (const UnixTime lost = admin_status.time("witness-lost"); lost != 0)
        findings.warn("on " + format_time(lost) +
                          " patd-auth's witness of the store was missing, or the TPM's counter was "
                          "another one, so nobody knows whether "
                          "the store was put back before; confirm that you know",
                      kAcceptRollback);
    if (witness != "kept")
        findings.warn(
            "patd-auth does not know how new the store is, so an older one in its place "
            "would not be noticed",
            kShowAuth);
    if (admin_status.has("counter"))
        check_counter(machine, admin_status.text("counter"), findings);
}

void check_limited(const client::Dictionary& status, Findings& findings) {
    for (const std::string& entry : status.texts("limited"))
        findings.note("a user is being limited: " + describe_limited(entry), kShowLimited);
}

void check_memory(const client::Dictionary& status, Findings& findings) {
    if (!status.has("memory-locked") || status.flag("memory-locked"))
        return;
    const bool is_users = status.has("mode") && status.text("mode") == "user";
    findings.warn(
        "patd cannot lock its memory, so its secrets may be swapped out; the limit is "
        "RLIMIT_MEMLOCK (LimitMEMLOCK= of its unit)",
        std::string(is_users ? kRaiseUsersLimit : kRaiseLimit));
}

void check_space(const Space& space, Findings& findings) {
    const std::string where = std::string("the file system of ") + names::kStateDirectory;
    if (space.bytes_free < kBytesNeeded || (space.counts_files && space.files_free < kFilesNeeded))
        findings.error(where + " is full: patd cannot record events, so it releases nothing",
                       kFreeSpace);
    else if (space.bytes_free < kBytesWanted)
        findings.warn(where + " has only " + std::to_string(space.bytes_free / kMi) + " MiB free",
                      kFreeSpace);
}

void check_disk(const Machine& machine, Findings& findings) {
    struct statvfs facts {};
    const std::string path = names::kStateDirectory;
    if (look_at(machine, path).presence == Presence::Missing)
        return;  // made at the first start
    if (statvfs(machine.at(path).c_str(), &facts) != 0)
        return findings.hide("the free space of " + path);
    // What only root may use is not patd's.
    check_space({facts.f_bavail * facts.f_frsize, facts.f_favail, facts.f_files != 0}, findings);
}

}  // namespace patd::cli::doctor
