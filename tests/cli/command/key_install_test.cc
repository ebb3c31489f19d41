// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/key_install.h"

#include "tests/cli/support.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

namespace patd::cli {
namespace {

// A machine of files below a directory of the test's own. That make-key seals what it is given is
// a check of the booted machine.
class KeyInstallTest : public testing::Test {
  protected:
    KeyInstallTest() {
        EXPECT_EQ(patctl_.run({"admin", "export-key", page_}).code, ExitCode::Success);
        std::filesystem::create_directories(store_);
        std::ofstream(store_ + "/store.db") << "a store";
    }
    // A program in the place of make-key, which answers as the script says.
    void put_program(const std::string& script) const {
        const std::string path = tree_.file("usr/libexec/patd/make-key");
        std::filesystem::create_directories(std::filesystem::path(path).parent_path());
        std::ofstream(path) << "#!/bin/sh\n" << script;
        ASSERT_EQ(chmod(path.c_str(), 0755), 0);
    }
    static client::Script empty() {
        return {.status = dictionary({{"tokens-all", std::uint32_t{0}}})};
    }
    Ran install(Patctl& patctl, std::vector<std::string> more = {}) const {
        std::vector<std::string> arguments = {"admin", "recover-key", page_, "--install"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        patctl.root = tree_.path();
        return patctl.run(arguments);
    }
    // A systemctl that answers as the script says; "$*" is what it is asked.
    void put_systemctl(const std::string& script) const {
        std::filesystem::create_directories(tree_.file("run/systemd/system"));
        std::filesystem::create_directories(tree_.file("bin"));
        const std::string path = tree_.file("bin/systemctl");
        std::ofstream(path) << "#!/bin/sh\necho \"$*\" >>'" << tree_.file("asked") << "'\n"
                            << script;
        ASSERT_EQ(chmod(path.c_str(), 0755), 0);
        ASSERT_EQ(setenv("PATH", (tree_.file("bin") + ":" + path_before_).c_str(), 1), 0);
    }
    void TearDown() override { setenv("PATH", path_before_.c_str(), 1); }
    std::string asked_of_systemctl() const {
        std::ifstream file(tree_.file("asked"));
        return {std::istreambuf_iterator<char>(file), {}};
    }
    bool has_store() const { return std::filesystem::exists(store_ + "/store.db"); }

    support::TemporaryDirectory tree_;
    const std::string path_before_ = getenv("PATH");
    const std::string page_ = tree_.file("page");
    const std::string store_ = tree_.file("var/lib/patd");
    Patctl patctl_{{.secret = "0123456789abcdef0123456789abcdef"}};
};

// Row M4.
TEST_F(KeyInstallTest, LocksTheKeyInMemoryMeanwhile) {
#ifdef __SANITIZE_ADDRESS__
    GTEST_SKIP() << "ASan makes mlock(2) do nothing";
#endif
    put_program("grep -A30 memfd:key /proc/$PPID/smaps | grep Locked: >'" + tree_.file("seen") +
                "'\n");
    Patctl patctl;
    (void)install(patctl);
    std::string word;
    int kilobytes = 0;
    std::ifstream(tree_.file("seen")) >> word >> kilobytes;
    EXPECT_GT(kilobytes, 0) << "run this as root";
}

TEST_F(KeyInstallTest, GivesTheKeyToMakeKeyAndSaysWhatComesNext) {
    put_program("cat \"$2\" >'" + tree_.file("seen") + "'; echo '<5>made the master key' >&2\n");
    Patctl patctl;
    const Ran ran = install(patctl);
    EXPECT_EQ(ran.code, ExitCode::Success) << ran.err;
    EXPECT_EQ(ran.out,
              "made the master key.\nNext: sudo systemctl restart patd.socket patd.service\n");
    std::string seen;
    std::getline(std::ifstream(tree_.file("seen")), seen);
    EXPECT_EQ(seen, "0123456789abcdef0123456789abcdef");
    EXPECT_TRUE(has_store());
    std::filesystem::remove_all(store_);
    EXPECT_NE(install(patctl).out.find("enable --now patd.socket && sudo patctl admin restore"),
              std::string::npos);
}

TEST_F(KeyInstallTest, PutsAnEmptyStoreAside) {
    put_program("echo '<5>made the master key' >&2\n");
    Patctl patctl(empty());
    const Ran ran = install(patctl, {"--new-store"});
    EXPECT_EQ(ran.code, ExitCode::Success) << ran.err;
    EXPECT_FALSE(has_store());
    const std::string aside = store_ + ".before-" + std::to_string(kNow);
    EXPECT_TRUE(std::filesystem::exists(aside + "/store.db"));
    EXPECT_NE(ran.out.find("is now " + aside + ";"), std::string::npos) << ran.out;
}

TEST_F(KeyInstallTest, LeavesAStoreWithTokensWhereItIs) {
    put_program("touch '" + tree_.file("called") + "'\n");
    Patctl patctl({.status = dictionary({{"tokens-all", std::uint32_t{12}}})});
    const Ran ran = install(patctl, {"--new-store"});
    EXPECT_EQ(ran.code, ExitCode::Refused);
    EXPECT_NE(ran.err.find("this machine has 12 tokens"), std::string::npos) << ran.err;
    EXPECT_TRUE(has_store());
    EXPECT_FALSE(std::filesystem::exists(tree_.file("called")));
}

TEST_F(KeyInstallTest, ChangesNothingWhenTheKeyCannotBeSealed) {
    put_program("echo '<3>the previous key is still there' >&2; exit 1\n");
    Patctl patctl(empty());
    const Ran ran = install(patctl, {"--new-store"});
    EXPECT_NE(ran.code, ExitCode::Success);
    EXPECT_NE(ran.err.find("the previous key is still there"), std::string::npos) << ran.err;
    EXPECT_TRUE(has_store());
}

TEST_F(KeyInstallTest, LeavesAStoreOfWhichNobodySaysWhetherItIsEmpty) {
    put_program("touch '" + tree_.file("called") + "'\n");
    Patctl silent;
    silent.reachable = false;
    Patctl vague({.status = dictionary({{"user", "root"}})});
    for (Patctl* patctl : {&silent, &vague}) {
        const Ran ran = install(*patctl, {"--new-store"});
        EXPECT_EQ(ran.code, ExitCode::Refused);
        EXPECT_NE(ran.err.find("nobody knows whether"), std::string::npos) << ran.err;
        EXPECT_TRUE(has_store());
    }
    EXPECT_FALSE(std::filesystem::exists(tree_.file("called")));
    std::filesystem::remove_all(store_);
    EXPECT_EQ(install(silent, {"--new-store"}).code, ExitCode::Success);
}

// As where it is a mount point: then no key may be installed either.
TEST_F(KeyInstallTest, InstallsNoKeyBesideAStoreThatCannotBePutAside) {
    put_program("touch '" + tree_.file("called") + "'\n");
    std::filesystem::create_directories(store_ + ".before-" + std::to_string(kNow) + "/full");
    Patctl patctl(empty());
    const Ran ran = install(patctl, {"--new-store"});
    EXPECT_NE(ran.code, ExitCode::Success);
    EXPECT_NE(ran.err.find("var/lib/patd: "), std::string::npos) << ran.err;
    EXPECT_TRUE(has_store());
    EXPECT_FALSE(std::filesystem::exists(tree_.file("called")));
}

TEST_F(KeyInstallTest, ChangesNothingWhileTheServiceRuns) {
    put_program("touch '" + tree_.file("called") + "'\n");
    for (const char* script : {"[ \"$1\" != stop ]\n", "exit 0\n"}) {
        put_systemctl(script);
        Patctl patctl(empty());
        const Ran ran = install(patctl, {"--new-store"});
        EXPECT_NE(ran.code, ExitCode::Success);
        EXPECT_NE(ran.err.find("cannot be stopped; nothing was changed"), std::string::npos);
        EXPECT_TRUE(has_store());
    }
    EXPECT_FALSE(std::filesystem::exists(tree_.file("called")));
}

TEST_F(KeyInstallTest, StartsNothingBeforeItIsStoppedAgain) {
    put_program("mkdir '" + store_ + "' && touch '" + store_ + "/store.db'\n");
    put_systemctl("[ \"$*\" != 'is-active --quiet patd.service' ]\n");
    Patctl patctl(empty());
    const Ran ran = install(patctl, {"--new-store"});
    EXPECT_EQ(ran.code, ExitCode::Success) << ran.err;
    EXPECT_FALSE(has_store());
    const std::string stop = "stop patd.socket patd.service\nis-active --quiet patd.service\n";
    EXPECT_EQ(asked_of_systemctl(),
              "is-active --quiet patd.socket\n" + stop + stop + "start patd.socket\n");
}

TEST_F(KeyInstallTest, KnowsWhichOptionsGoTogether) {
    Patctl patctl;
    EXPECT_EQ(install(patctl, {"--output", tree_.file("key")}).code, ExitCode::Usage);
    EXPECT_EQ(patctl.run({"admin", "recover-key", page_, "--new-store"}).code, ExitCode::Usage);
}

}  // namespace
}  // namespace patd::cli
