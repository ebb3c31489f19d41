// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/doctor/machine.h"

#include "tests/cli/doctor/machine_fixture.h"
#include "tests/support/as_uid.h"

namespace patd::cli::doctor {
namespace {

TEST_F(MachineTest, SeesTheEntryItselfAndNotWhereALinkLeads) {
    put("/etc/real", "text", kPatd, 0600);
    std::filesystem::create_symlink(machine_.at("/etc/real"), machine_.at("/etc/link"));
    const FileFacts file = look_at(machine_, "/etc/real");
    EXPECT_TRUE(file.is_there());
    EXPECT_EQ(file.owner, Uid(kPatd));
    EXPECT_EQ(file.mode, S_IFREG | 0600U);
    EXPECT_TRUE(S_ISLNK(look_at(machine_, "/etc/link").mode));
    EXPECT_EQ(look_at(machine_, "/etc/none").presence, Presence::Missing);
}

TEST_F(MachineTest, TellsWhatIsHiddenFromWhatIsMissing) {
    put("/closed/file");
    own("/closed", 0, 0700);
    std::filesystem::permissions(tree_.path(), std::filesystem::perms(0755));
    {
        const support::AsUid nobody(Uid(65534));
        EXPECT_EQ(look_at(machine_, "/closed/file").presence, Presence::Hidden);
        EXPECT_FALSE(read_text(machine_, "/closed/file"));
        EXPECT_FALSE(list_names(machine_, "/closed"));
    }
    EXPECT_TRUE(look_at(machine_, "/closed/file").is_there());
}

TEST_F(MachineTest, ReadsTextAndNames) {
    put("/folder/b", "one\ntwo");
    put("/folder/a");
    EXPECT_EQ(read_text(machine_, "/folder/b"), "one\ntwo");
    EXPECT_EQ(read_text(machine_, "/folder/a"), "");
    EXPECT_FALSE(read_text(machine_, "/folder"));
    EXPECT_EQ(list_names(machine_, "/folder"), (std::vector<std::string>{"a", "b"}));
    EXPECT_FALSE(list_names(machine_, "/none"));
}

TEST(MachineLook, KnowsWhoLooks) {
    const Machine machine = Machine::look("/somewhere", kNow);
    EXPECT_EQ(machine.user, Uid(geteuid()));
    EXPECT_EQ(machine.now, kNow);
    EXPECT_EQ(machine.at("/etc"), "/somewhere/etc");
}

}  // namespace
}  // namespace patd::cli::doctor
