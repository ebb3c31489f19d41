// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/doctor/units.h"

#include "cli/doctor/unit_text.h"
#include "tests/cli/doctor/machine_fixture.h"
#include "tests/cli/fake_systemd.h"
#include "tests/cli/private_bus.h"

#include <cstdlib>

namespace patd::cli::doctor {
namespace {

client::UnitState listening(const std::string& name) {
    return {name, "loaded", "enabled", "active", "listening", "success", 0, 0};
}

const client::UnitState kWithoutKey = {"patd.service", "loaded",    "enabled", "failed",
                                       "failed",       "exit-code", 243,       0};

class UnitsTest : public MachineTest {
  protected:
    UnitsTest() {
        setenv("DBUS_SYSTEM_BUS_ADDRESS", bus_.address().c_str(), 1);
        put_folder("/run/systemd/system");
    }
    ~UnitsTest() override { unsetenv("DBUS_SYSTEM_BUS_ADDRESS"); }

    static std::string found(const client::UnitState& unit) {
        Findings findings;
        check_unit_states({unit}, {}, findings);
        return text_of(findings);
    }
    std::string service(const std::optional<Error>& unreachable, bool cause_known = false) {
        Findings findings;
        check_service(machine_, unreachable, cause_known, findings);
        hidden_ = findings.hidden();
        return text_of(findings);
    }

    PrivateBus bus_;
    std::vector<std::string> hidden_;
};

TEST_F(UnitsTest, AreRightWhenTheyListen) {
    EXPECT_EQ(found(listening("patd.socket")), "");
    // The service is started when it is needed.
    EXPECT_EQ(found({"patd.service", "loaded", "enabled", "inactive", "dead", "success", 0, 0}),
              "");
}

TEST_F(UnitsTest, EachHaveTheirFix) {
    struct Case {
        client::UnitState unit;
        const char* fix;
    };
    const Case cases[] = {
        {{"patd.socket", "masked", "masked", "inactive", "dead", "", 0, 0},
         "sudo systemctl unmask patd.socket"},
        {{"patd.service", "not-found", "", "inactive", "dead", "", 0, 0},
         "sudo apt install --reinstall patd"},
        {{"patd.service", "bad-setting", "", "inactive", "dead", "", 0, 0},
         "systemd-analyze verify patd.service"},
        {{"patd.service", "loaded", "enabled", "failed", "failed", "exit-code", 78, 0},
         "journalctl -x -u 'patd*' -n 20"},
        // The TPM was cleared, or exchanged with its board.
        {{"patd.service", "loaded", "enabled", "failed", "failed", "exit-code", 243, 0},
         kRecoverKey},
        {{"patd.service", "loaded", "enabled", "active", "running", "success", 0, 9},
         "journalctl -x -u 'patd*' -n 20"},
        {{"patd.socket", "loaded", "disabled", "inactive", "dead", "success", 0, 0},
         "sudo systemctl enable --now patd.socket"},
        {{"patd.socket", "loaded", "disabled", "active", "listening", "success", 0, 0},
         "sudo systemctl enable --now patd.socket"},
    };
    for (const Case& wrong : cases) {
        const std::string text = found(wrong.unit);
        EXPECT_TRUE(text.ends_with(std::string(" -> ") + wrong.fix + "\n")) << text;
        EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
    }
    EXPECT_EQ(
        found({"patd.socket", "loaded", "enabled", "inactive", "dead", "success", 0, 0}),
        "error: patd.socket is not running: inactive (dead), enabled -> sudo systemctl enable "
        "--now patd.socket\n");
}

TEST_F(UnitsTest, AreAskedOfSystemd) {
    const FakeSystemd systemd(bus_.address(), {listening("patd-auth.socket"),
                                               listening("patd-enroll.socket"),
                                               listening("patd.socket"),
                                               {"patd.service", "loaded", "enabled", "failed",
                                                "failed", "exit-code", 78, 0}});
    const std::string text = service(Error{Errc::Unavailable, "the bus cannot start the service"});
    EXPECT_NE(text.find("patd.service is failed (exit-code, status 78)"), std::string::npos);
    EXPECT_EQ(text.find("restart"), std::string::npos) << "a cause is known";
    EXPECT_EQ(service(Error{Errc::Unavailable, ""}, true), "") << "it was said already";
}

TEST_F(UnitsTest, AreStartedAgainWhenNoCauseIsKnown) {
    const FakeSystemd systemd(bus_.address(), {listening("patd-auth.socket"),
                                               listening("patd-enroll.socket"),
                                               listening("patd.socket"),
                                               {"patd.service", "loaded", "enabled", "inactive",
                                                "dead", "success", 0, 0}});
    EXPECT_EQ(service(Error{Errc::Unavailable, "no answer"}),
              "error: the service does not answer: no answer -> sudo systemctl restart "
              "patd.socket patd.service\n");
}

client::UnitState disabled(const std::string& name) {
    return {name, "loaded", "disabled", "inactive", "dead", "success", 0, 0};
}

TEST_F(UnitsTest, NameACounterSocketThatIsOffWhereThereIsATpm) {
    const auto found = [this](const client::UnitState& starter, const client::UnitState& counter) {
        const FakeSystemd systemd(bus_.address(), {starter, counter});
        Findings findings;
        check_counter_socket(machine_, findings);
        return text_of(findings);
    };
    const client::UnitState starter = listening("patd.socket");
    const client::UnitState off = {
        "patd-counter.socket", "masked", "masked", "inactive", "dead", "", 0, 0};
    EXPECT_EQ(found(starter, off), "") << "there is no TPM";
    put("/dev/tpmrm0");
    EXPECT_EQ(found(starter, listening("patd-counter.socket")), "");
    EXPECT_EQ(found(disabled("patd.socket"), off), "") << "that is said already";
    const std::string masked = found(starter, off);
    EXPECT_TRUE(masked.starts_with("note: patd-counter.socket is ")) << masked;
    EXPECT_TRUE(
        masked.ends_with(" -> sudo systemctl unmask patd-counter.socket && sudo systemctl "
                         "restart patd-counter.socket patd.service\n"))
        << masked;
    EXPECT_TRUE(found(starter, {off.name, "loaded", "enabled", "inactive", "dead", "", 0, 0})
                    .starts_with("warning: patd-counter.socket is "));
    EXPECT_TRUE(found(starter, {off.name, "not-found", "", "inactive", "dead", "", 0, 0})
                    .ends_with(" -> sudo apt install --reinstall patd\n"));
    client::UnitState ruled_out = {off.name, "loaded",  "enabled", "inactive",
                                   "dead",   "success", 0,         0};
    ruled_out.is_ruled_out = true;
    EXPECT_EQ(found(starter, ruled_out), "") << "a container, or an id that lasts for one boot";
}

TEST_F(UnitsTest, SayOnceThatNothingIsEnabledOrInstalled) {
    const std::vector<std::string> names = {"patd-auth.socket", "patd-enroll.socket", "patd.socket",
                                            "patd.service"};
    std::vector<client::UnitState> units;
    for (const std::string& name : names)
        units.push_back(disabled(name));
    {
        const FakeSystemd systemd(bus_.address(), units);
        EXPECT_EQ(service(Error{Errc::Unavailable, "no answer"}),
                  "error: patd is installed, but not enabled -> sudo systemctl enable --now "
                  "patd.socket\n");
    }
    for (client::UnitState& unit : units)
        unit = {unit.name, "not-found", "", "inactive", "dead", "", 0, 0};
    const FakeSystemd systemd(bus_.address(), units);
    EXPECT_EQ(service(Error{Errc::Unavailable, "no answer"}),
              "error: patd is not installed -> sudo apt install patd\n");
}

TEST_F(UnitsTest, AreTheUsersOwnWhereThatServiceIsMeant) {
    setenv("DBUS_SESSION_BUS_ADDRESS", bus_.address().c_str(), 1);
    machine_.own_service = true;
    {
        const FakeSystemd systemd(
            bus_.address(),
            {disabled("patd-user-auth.socket"), disabled("patd.socket"), disabled("patd.service")});
        EXPECT_EQ(service(Error{Errc::Unavailable, "no answer"}),
                  "error: patd-desktop is installed, but not enabled -> systemctl --user enable "
                  "--now patd.socket\n");
    }
    const FakeSystemd systemd(bus_.address(), {listening("patd-user-auth.socket"),
                                               listening("patd.socket"),
                                               {"patd.service", "loaded", "enabled", "failed",
                                                "failed", "exit-code", 1, 0}});
    EXPECT_TRUE(service(Error{Errc::Unavailable, ""})
                    .ends_with(" -> journalctl --user -x -u 'patd*' -n 20\n"));
    unsetenv("DBUS_SESSION_BUS_ADDRESS");
}

TEST_F(UnitsTest, NoteThatThereIsNoPasswordOfOnesOwn) {
    client::Dictionary status;
    Machine machine = machine_;
    machine.user = Uid(1000);
    for (const bool has : {true, false}) {
        status.set("service-password", has);
        Findings findings;
        check_own_password(machine, status, findings);
        EXPECT_EQ(findings.all().size(), has ? 0U : 1U);
    }
}

TEST(WaitsTest, NameWhoWaitsAndWhatEndsIt) {
    client::Dictionary status;
    status.set("user", "root");
    status.set("password-waits", std::vector<std::string>{"alice 41"});
    Findings findings;
    check_waits(status, findings);
    ASSERT_EQ(findings.all().size(), 1U);
    EXPECT_NE(findings.all()[0].text.find("alice gave too many wrong passwords"),
              std::string::npos);
    EXPECT_EQ(findings.all()[0].fix, "sudo patctl admin passwd 'alice'");
    EXPECT_EQ(findings.count(), 0);
}

// From systemd 258 on.
TEST_F(UnitsTest, NameTheSocketOfTheKeyWhenItIsShut) {
    struct Case {
        client::UnitState socket;
        const char* state;
    };
    const Case cases[] = {
        {{kKeySocket, "masked", "masked", "inactive", "dead", "", 0, 0}, "is masked"},
        {{kKeySocket, "loaded", "static", "inactive", "dead", "success", 0, 0},
         "is inactive (dead)"},
        {{kKeySocket, "loaded", "static", "failed", "failed", "resources", 0, 0},
         "is failed (resources)"},
    };
    for (const Case& shut : cases) {
        const FakeSystemd systemd(bus_.address(),
                                  {listening("patd-auth.socket"), listening("patd-enroll.socket"),
                                   listening("patd.socket"), shut.socket, kWithoutKey});
        const std::string text = service(std::nullopt);
        EXPECT_TRUE(text.starts_with("error: " + std::string(kKeySocket) + " " + shut.state))
            << text;
        EXPECT_TRUE(text.ends_with(std::string(" -> ") + kOpenKeySocket + "\n")) << text;
        EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
    }
}

TEST_F(UnitsTest, DoNotBlameASocketThatListensOrThatNoServiceMissed) {
    const FakeSystemd systemd(bus_.address(),
                              {listening("patd-auth.socket"), listening("patd-enroll.socket"),
                               listening("patd.socket"), listening(kKeySocket), kWithoutKey});
    EXPECT_TRUE(service(std::nullopt).ends_with(std::string(" -> ") + kRecoverKey + "\n"));
}

TEST_F(UnitsTest, DoNotMissTheSocketWhileTheServiceRuns) {
    const FakeSystemd systemd(
        bus_.address(),
        {listening("patd-auth.socket"),
         listening("patd-enroll.socket"),
         listening("patd.socket"),
         {kKeySocket, "masked", "masked", "inactive", "dead", "", 0, 0},
         {"patd.service", "loaded", "enabled", "active", "running", "success", 0, 0}});
    EXPECT_EQ(service(std::nullopt), "");
}

TEST_F(UnitsTest, AreHiddenWhereSystemdDoesNotAnswer) {
    EXPECT_EQ(service(std::nullopt), "");
    EXPECT_EQ(hidden_.size(), 1U);
}

TEST_F(UnitsTest, AreNotLookedForWithoutSystemd) {
    std::filesystem::remove_all(machine_.at("/run/systemd"));
    EXPECT_TRUE(service(std::nullopt).starts_with("note: systemd is not the init system"));
}

TEST_F(UnitsTest, AnImpostorIsAnError) {
    EXPECT_NE(service(Error{Errc::InsecurePeer, ""}).find("another user's process"),
              std::string::npos);
}

TEST(Exposure, IsTheNumberOfTheLastLine) {
    EXPECT_EQ(parse_exposure("  NAME DESCRIPTION\n\xe2\x86\x92 Overall exposure level for "
                             "patd.service: 0.4 SAFE \n"),
              0.4);
    EXPECT_FALSE(parse_exposure(""));
    EXPECT_FALSE(parse_exposure("Overall exposure level for patd.service"));
    EXPECT_FALSE(parse_exposure("Overall exposure level for patd.service: high"));
}

// systemd-analyze needs a running systemd, so another program of its name stands in for it.
class ExposureTest : public UnitsTest {
  protected:
    std::string found_with(const std::string& level) {
        put("/bin/systemd-analyze",
            "#!/bin/sh\necho \"Overall exposure level for $3: " + level + " WORDS\"\n", 0, 0755);
        const std::string path = secure_getenv("PATH");
        setenv("PATH", (machine_.at("/bin") + ":" + path).c_str(), 1);
        Findings findings;
        check_exposure(machine_, findings);
        setenv("PATH", path.c_str(), 1);
        hidden_ = findings.hidden();
        return text_of(findings);
    }
};

TEST_F(ExposureTest, MayBeWhatThePackagePromises) {
    EXPECT_EQ(found_with("0.5"), "");
    EXPECT_TRUE(hidden_.empty());
}

TEST_F(ExposureTest, MayNotBeMore) {
    EXPECT_NE(found_with("9.2").find("gives it 9.2"), std::string::npos);
}

TEST_F(ExposureTest, IsHiddenWhenItIsNotSaid) {
    EXPECT_EQ(found_with("none"), "");
    EXPECT_EQ(hidden_.size(), 1U);
}

// patd.service has process 77.
class FilterTest : public UnitsTest {
  protected:
    FilterTest()
        : systemd_(bus_.address(), {{"patd.service", "loaded", "enabled", "active", "running",
                                     "success", 0, 0, false, 77}}) {}

    void put_filters(int pid, const std::string& count) const {
        put("/proc/" + std::to_string(pid) + "/status",
            "Name:\tpatd\nSeccomp:\t2\nSeccomp_filters:\t" + count + "\nSpeculation:\tx\n");
    }
    std::string filters() {
        Findings findings;
        check_filter(machine_, findings);
        hidden_ = findings.hidden();
        return text_of(findings);
    }

    FakeSystemd systemd_;
};

TEST_F(FilterTest, AreMoreThanThoseOfSystemd) {
    put_filters(1, "5");
    put_filters(77, "36");
    EXPECT_EQ(filters(), "");
    EXPECT_TRUE(hidden_.empty());
}

// systemd without libseccomp; in a container all have those of the container.
TEST_F(FilterTest, AreMissed) {
    for (const char* count : {"0", "5"}) {
        put_filters(1, count);
        put_filters(77, count);
        EXPECT_TRUE(filters().starts_with("warning: no system call filter")) << filters();
        EXPECT_NE(filters().find("-> sudo apt install libseccomp2"), std::string::npos);
    }
}

TEST_F(FilterTest, AreHiddenWhereTheyCannotBeCounted) {
    put_filters(1, "5");
    EXPECT_EQ(filters(), "");
    EXPECT_EQ(hidden_.size(), 1U);
    put("/proc/77/status", "Name:\tpatd\n");
    EXPECT_EQ(filters(), "");
    EXPECT_EQ(hidden_.size(), 1U);
}

TEST_F(UnitsTest, HaveNoFilterToCountWhileTheServiceDoesNotRun) {
    const FakeSystemd systemd(bus_.address(), {kWithoutKey});
    Findings findings;
    check_filter(machine_, findings);
    EXPECT_TRUE(findings.all().empty());
    EXPECT_TRUE(findings.hidden().empty());
}

TEST_F(MachineTest, SaysThatNobodyHasAServicePassword) {
    const auto found = [this] {
        Findings findings;
        check_service_password(machine_, findings);
        return text_of(findings);
    };
    EXPECT_EQ(found(), "");
    put_folder("/var/lib/patd-auth/passwords", kPatdAuth, 0700);
    EXPECT_TRUE(found().starts_with("note: nobody has a service password"));
    put("/var/lib/patd-auth/passwords/1000", "", kPatdAuth, 0600);
    EXPECT_EQ(found(), "");
}

}  // namespace
}  // namespace patd::cli::doctor
