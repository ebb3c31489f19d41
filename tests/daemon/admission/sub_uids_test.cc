// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/admission/sub_uids.h"

#include <gtest/gtest.h>

namespace patd {
namespace {

TEST(SubUids, AreThoseOfEveryUserAndOfRootsContainers) {
    const SubUids uids = SubUids::parse(
        "root:1000000:1000000000\n0:900000:10\n"
        "alice:100000:65536\n1001:165536:65536\ncarol:300000:1");
    for (const std::uint32_t uid :
         {100000U, 165535U, 165536U, 231071U, 300000U, 900000U, 900009U, 1000000U, 1000999999U})
        EXPECT_TRUE(uids.contains(Uid(uid))) << uid;
    for (const std::uint32_t uid : {0U, 1000U, 99999U, 231072U, 300001U, 900010U, 1001000000U})
        EXPECT_FALSE(uids.contains(Uid(uid))) << uid;
}

TEST(SubUids, MayOverlapInAnyOrder) {
    const SubUids uids = SubUids::parse("b:200000:10\na:100000:200000\nc:150000:5\n");
    for (const std::uint32_t uid : {100000U, 150004U, 150005U, 200009U, 200010U, 299999U})
        EXPECT_TRUE(uids.contains(Uid(uid))) << uid;
    EXPECT_FALSE(uids.contains(Uid(300000)));
}

TEST(SubUids, LeaveOutALineThatIsNone) {
    for (const char* text : {"", "\n\n", "alice", "alice:", "alice:100000", "alice:100000:",
                             "alice:100000:0", "alice:x:65536", "alice:100000:65536:1",
                             "alice:-1:10", "alice: 100000:65536", "alice:4294967296:1"}) {
        const SubUids uids = SubUids::parse(text);
        EXPECT_FALSE(uids.contains(Uid(100000))) << text;
    }
    const SubUids to_the_end = SubUids::parse("x\nalice:4294967290:65536\n");
    EXPECT_TRUE(to_the_end.contains(Uid(4294967295U)));
    EXPECT_FALSE(to_the_end.contains(Uid(5)));
}

TEST(SubUids, AreNoneWhereThereIsNoFile) {
    EXPECT_FALSE(SubUids::read("/nonexistent").contains(Uid(100000)));
}

}  // namespace
}  // namespace patd
