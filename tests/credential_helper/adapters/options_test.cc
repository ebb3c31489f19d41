// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

#include "credential_helper/adapters/options.h"

#include <gtest/gtest.h>

#include <vector>

namespace patd::credential_helper {
namespace {

TEST(Options, AreTakenFromAmongTheWords) {
    const std::vector<std::string_view> arguments = {
        "a", "--permission", "vcs:repository:ro", "--ttl", "1h", "--show", "b"};
    const Options options(arguments);
    EXPECT_EQ(options.fault(), "");
    EXPECT_EQ(options.narrowing().permissions, "vcs:repository:ro");
    EXPECT_EQ(options.narrowing().lifetime_seconds, 3600U);
    EXPECT_TRUE(options.show());
    ASSERT_EQ(options.words().size(), 2U);
    EXPECT_EQ(options.words()[1], "b");
}

TEST(Options, NameWhatIsWrong) {
    using Arguments = std::vector<std::string_view>;
    for (const Arguments& bad : {Arguments{"--ttl"},
                                 {"--ttl", "0"},
                                 {"--permission", "A"},
                                 {"-x"},
                                 {"--write-permission", "vcs"},
                                 Arguments(limits::kToolArguments + 1, "word")})
        EXPECT_NE(Options(bad).fault(), "") << bad.front();
    std::string_view write;
    EXPECT_EQ(Options(Arguments{"--write-permission", "vcs"}, &write).fault(), "");
    EXPECT_EQ(write, "vcs");
    EXPECT_NE(Options(Arguments{"--write-permission", "VCS"}, &write).fault(), "");
}

}  // namespace
}  // namespace patd::credential_helper
