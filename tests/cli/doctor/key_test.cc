// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/doctor/key.h"

#include "tests/cli/doctor/machine_fixture.h"

namespace patd::cli::doctor {
namespace {

class KeyTest : public MachineTest {
  protected:
    std::string found(const std::optional<client::Dictionary>& status = exported(kNow)) {
        Findings findings;
        check_key(machine_, status, findings);
        hidden_ = findings.hidden();
        return text_of(findings);
    }
    static client::Dictionary exported(UnixTime when) {
        client::Dictionary status;
        status.set("key-exported", when);
        return status;
    }

    std::vector<std::string> hidden_;
};

TEST_F(KeyTest, IsContentWithAKeyInAnyOfItsPlaces) {
    put("/var/lib/patd/store.db", "", kPatd, 0600);
    put("/var/lib/systemd/credential.secret", "", 0, 0400);
    for (const char* place : {"/etc/patd/master-key.cred", "/etc/patd/master.key",
                              "/etc/credstore.encrypted/patd.master-key"}) {
        EXPECT_NE(found().find("no master key"), std::string::npos) << place;
        put(place, "key", 0, 0600);
        EXPECT_EQ(found(), "") << place;
        std::filesystem::remove(machine_.at(place));
    }
}

// Row S18: who steals the disk.
TEST_F(KeyTest, SaysWhenNoTpmIsNeededForTheKey) {
    const std::string sealed = "/etc/patd/master-key.cred";
    put("/var/lib/systemd/credential.secret", "", 0, 0400);
    put(sealed, "k6iUCUh0RJCQyvL8k8q1UwAAAAABAAAA", 0, 0600);
    EXPECT_EQ(found(), "") << "by the TPM";
    put(sealed, "Whxqht+dQJax1aZeCGLxmgAAAAABAAAA", 0, 0600);
    EXPECT_TRUE(found().starts_with("note: TPM: no.")) << found();
    put("/dev/tpmrm0");
    EXPECT_TRUE(found().starts_with("warning: TPM: no. This machine has one")) << found();
    for (const char* library : {"esys", "mu", "tcti-device"})
        put("/usr/lib/x86_64-linux-gnu/libtss2-" + std::string(library) + ".so.0");
    EXPECT_NE(found().find("without libtss2-rc.so.0 ->"), std::string::npos) << found();
    EXPECT_NE(found().find("-> sudo apt install libtss2-rc0\n"), std::string::npos) << found();
    put("/usr/lib/x86_64-linux-gnu/libtss2-rc.so.0");
    EXPECT_NE(found().find("-> sudo patctl admin rotate-key --master FILE"), std::string::npos);
    put(sealed, "BYRp2vb1QySABUnaD46i+wAAAAABAAAA", 0, 0600);
    EXPECT_TRUE(found().starts_with("error: " + sealed + " is not sealed")) << found();
}

// systemd deletes it when it is used under another machine id.
TEST_F(KeyTest, MissesTheKeyFileOfTheMachine) {
    const std::string sealed = "/etc/patd/master-key.cred";
    for (const char* kind : {"Whxqht+dQJax1aZeCGLxmgAAAAABAAAA", "k6iUCUh0RJCQyvL8k8q1UwAAAAABAAAA",
                             "r0lQqEkTTrGnOEYwT/MMBgAAAAABAAAA"}) {
        put(sealed, kind, 0, 0600);
        const std::string gone = "error: /var/lib/systemd/credential.secret, which opens";
        EXPECT_TRUE(found(std::nullopt).starts_with(gone)) << found(std::nullopt);
        EXPECT_NE(found(std::nullopt).find("-> sudo patctl admin recover-key FILE"),
                  std::string::npos);
        // patd runs, and has what it will need.
        EXPECT_TRUE(found().starts_with(gone)) << found();
        EXPECT_NE(found().find("-> sudo patctl admin rotate-key --master FILE"), std::string::npos);
    }
    put(sealed, "DHzAexF2RZGcSwvqCLwg/gAAAAABAAAA", 0, 0600);
    EXPECT_EQ(found(), "") << "by the TPM alone";
}

TEST_F(KeyTest, MissesNoKeyBeforeTheFirstStart) {
    EXPECT_EQ(found(), "");
}

TEST_F(KeyTest, NagsUntilTheKeyWasExported) {
    EXPECT_NE(found(exported(0)).find("warning: the master key was never exported"),
              std::string::npos);
    EXPECT_NE(found(exported(0)).find("-> sudo patctl admin export-key FILE"), std::string::npos);
}

TEST_F(KeyTest, SaysThatItDoesNotKnow) {
    for (const Uid user : {Uid(0), Uid(1000)}) {
        machine_.user = user;
        EXPECT_EQ(found(std::nullopt), "");
        EXPECT_EQ(hidden_.size(), 1U);
    }
    machine_.user = Uid(0);
    EXPECT_EQ(found(client::Dictionary()), "");
    EXPECT_EQ(hidden_.size(), 1U);
}

}  // namespace
}  // namespace patd::cli::doctor
