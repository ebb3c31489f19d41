// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/doctor/resources.h"

#include "tests/cli/doctor/machine_fixture.h"

#include <utime.h>

namespace patd::cli::doctor {
namespace {

class ClockTest : public MachineTest {
  protected:
    std::string found(UnixTime newest_event = 0) const {
        Findings findings;
        check_clock(machine_, newest_event, findings);
        return text_of(findings);
    }
    void touch(const std::string& path, UnixTime when) const {
        put(path);
        const utimbuf times{when, when};
        ASSERT_EQ(utime(machine_.at(path).c_str(), &times), 0);
    }
};

TEST_F(ClockTest, IsRightWhenItRunsOn) {
    touch("/var/lib/patd/store.db", kNow - 100);
    EXPECT_EQ(found(kNow - 1), "");
}

TEST_F(ClockTest, MustBeSynchronised) {
    machine_.clock_synchronized = false;
    EXPECT_EQ(found(),
              "warning: the clock is not synchronised, but token expiry depends on it -> sudo "
              "timedatectl "
              "set-ntp true\n");
}

TEST_F(ClockTest, MustNotStandBeforeWhatHasBeen) {
    EXPECT_TRUE(found(kNow + 3600).starts_with("error: the clock is behind"));
    for (const char* witness : {"/var/lib/systemd/timesync/clock", "/var/lib/patd/audit.db",
                                "/var/lib/patd/audit.journal"}) {
        touch(witness, kNow + 3600);
        EXPECT_TRUE(found().starts_with("error: the clock is behind")) << witness;
        touch(witness, kNow);
        EXPECT_EQ(found(), "") << witness;
    }
}

TEST(ClockTrust, IsSaidWithTheFix) {
    const std::pair<const char*, const char*> cases[] = {
        {"right", ""},
        {"ahead", "sudo timedatectl set-ntp true"},
        {"behind", "sudo patctl admin accept-clock"},
        {"unknown", "sudo patctl admin accept-clock"},
    };
    for (const auto& [clock, fix] : cases) {
        client::Dictionary status;
        status.set("clock", clock);
        status.set("time", kNow);
        Findings findings;
        check_clock_trust(status, findings);
        EXPECT_EQ(findings.all().empty() ? "" : findings.all().front().fix, fix) << clock;
    }
    Findings findings;
    check_clock_trust({}, findings);
    EXPECT_TRUE(findings.all().empty()) << "an older service";
}

TEST(Limits, WhoIsLimitedIsWorthKnowingAndNoFault) {
    client::Dictionary status;
    Findings findings;
    check_limited(status, findings);
    EXPECT_TRUE(findings.all().empty());
    status.set("limited", std::vector<std::string>{"1000 calls 7 2", "65534 connections 1 0"});
    check_limited(status, findings);
    ASSERT_EQ(findings.all().size(), 2U);
    EXPECT_EQ(findings.count(), 0);
    EXPECT_EQ(findings.all()[0].text,
              "a user is being limited: uid 1000: calls, 7 times, last 2 s ago");
}

TEST(Memory, ThatCannotBeLockedIsSaidWithTheLimitAndItsFix) {
    client::Dictionary status;
    const auto found = [&status] {
        Findings findings;
        check_memory(status, findings);
        return findings.all().empty() ? std::string() : findings.all().front().fix;
    };
    EXPECT_EQ(found(), "") << "an older service";
    status.set("memory-locked", true);
    EXPECT_EQ(found(), "");
    status.set("memory-locked", false);
    status.set("mode", "system");
    EXPECT_NE(found().find("/etc/systemd/system/patd.service.d/memlock.conf"), std::string::npos);
    // A user's manager cannot give what it does not have.
    status.set("mode", "user");
    EXPECT_NE(found().find("/etc/systemd/system/user@.service.d/memlock.conf"), std::string::npos);
}

TEST(RollbackOfTheStore, IsAnErrorAndALostWitnessAWarning) {
    client::Dictionary status;
    const support::TemporaryDirectory root;
    std::filesystem::create_directory(root.file("etc"));
    std::ofstream(root.file("etc") + "/machine-id") << "0123456789abcdef0123456789abcdef\n";
    const Machine machine{root.path(), Uid(0), std::nullopt, std::nullopt, kNow, true};
    const auto found = [&] {
        Findings findings;
        check_rollback(machine, status, findings);
        std::string all;
        for (const Finding& finding : findings.all())
            all += std::string(severity_name(finding.severity)) + ": " + finding.fix + "; ";
        return all;
    };
    EXPECT_EQ(found(), "") << "an older service";
    status.set("rollback", "");
    status.set("witness", "kept");
    status.set("witness-lost", std::int64_t{0});
    EXPECT_EQ(found(), "");
    status.set("rollback", "older");
    EXPECT_EQ(found(), "error: sudo patctl admin accept-rollback; ");
    status.set("rollback", "");
    status.set("witness-lost", std::int64_t{1'800'000'000});
    EXPECT_EQ(found(), "warning: sudo patctl admin accept-rollback; ");
    status.set("witness-lost", std::int64_t{0});
    status.set("witness", "behind");
    EXPECT_EQ(found(), "warning: journalctl -u 'patd-auth@*'; ");
    status.set("witness", "kept");
    for (const char* counter : {"none", "starting", "kept"}) {
        status.set("counter", counter);
        EXPECT_EQ(found(), "") << counter;
    }
    for (const char* counter : {"behind", "unread"}) {
        status.set("counter", counter);
        EXPECT_EQ(found(), "warning: journalctl -u 'patd-counter@*'; ") << counter;
    }
    status.set("counter", "gone");
    EXPECT_EQ(found(), "warning: sudo patctl admin accept-rollback; ");
    status.set("counter", "unusable");
    EXPECT_EQ(found(), "note: journalctl -u 'patd-counter@*'; ");
    // The counter has an id, and is this machine's; no password is on a command line.
    status.set("counter", "refused");
    EXPECT_EQ(found(),
              "note: sudo sh -c 'head -c 32 /dev/urandom >/run/patd-counter.id && "
              "systemd-ask-password -n \"Password of the TPM owner:\" | "
              "tpm2_nvdefine -C o -P file:- -s 8 -L /run/patd-counter.id "
              "-a \"nt=1|authread|authwrite|no_da\" 0x1817037 && "
              "systemctl restart patd.service'; ");
}

std::string found_with(const Space& space) {
    Findings findings;
    check_space(space, findings);
    return findings.all().empty() ? "" : severity_name(findings.all().front().severity);
}

TEST(Space, IsWarnedOfBeforeItEnds) {
    constexpr std::uint64_t kMi = 1024 * 1024;
    EXPECT_EQ(found_with({1024 * kMi, 1000, true}), "");
    EXPECT_EQ(found_with({100 * kMi, 1000, true}), "warning");
    EXPECT_EQ(found_with({kMi, 1000, true}), "error");
    EXPECT_EQ(found_with({1024 * kMi, 1, true}), "error");
    EXPECT_EQ(found_with({1024 * kMi, 0, false}), "");
}

TEST_F(MachineTest, LooksAtTheDiskOfTheStateDirectory) {
    Findings findings;
    check_disk(machine_, findings);
    EXPECT_TRUE(findings.hidden().empty());
    put_folder("/var/lib/patd", kPatd, 0700);
    check_disk(machine_, findings);
    EXPECT_TRUE(findings.hidden().empty());
}

}  // namespace
}  // namespace patd::cli::doctor
