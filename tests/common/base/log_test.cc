// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/log.h"

#include "common/base/secrets.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <type_traits>

namespace patd {
namespace {

template <typename... Arguments>
std::string logged(const Arguments&... arguments) {
    testing::internal::CaptureStderr();
    log(arguments...);
    return testing::internal::GetCapturedStderr();
}

TEST(Log, WritesOneLineWithItsPriority) {
    EXPECT_EQ(logged(LogLevel::Error, "the store is gone"), "<3>the store is gone\n");
    EXPECT_EQ(logged(LogLevel::Info, "ready"), "<6>ready\n");
}

TEST(Log, NamesTheReasonAndTheContextOfAnError) {
    EXPECT_EQ(logged(LogLevel::Warning, "open", Error{Errc::Corrupt, "store.db"}),
              "<4>open: Corrupt (store.db)\n");
    EXPECT_EQ(logged(LogLevel::Notice, "open", Error{Errc::Busy, {}}), "<5>open: Busy\n");
}

// Row L2: a line that a peer influenced cannot begin a second record or hide the first.
TEST(Log, ReplacesEveryControlByteSoThatOneCallIsOneLine) {
    std::string text;
    for (char c = 1; c < 0x20; ++c)
        text.push_back(c);
    text.push_back(0x7f);
    text.push_back('\0');
    const std::string line = logged(LogLevel::Error, "a" + text + "b");
    EXPECT_EQ(line, "<3>a" + std::string(text.size(), '?') + "b\n");
}

TEST(Log, ReplacesControlBytesInTheContextToo) {
    const std::string line = logged(LogLevel::Error, "x", Error{Errc::Internal, "a\n<0>forged"});
    EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
    EXPECT_EQ(line, "<3>x: Internal (a?<0>forged)\n");
}

template <typename T>
concept Loggable = requires(const T& value) {
    log(LogLevel::Error, value);
};

// Row L1: a secret does not compile into a log line.
static_assert(Loggable<std::string>);
static_assert(!Loggable<SecretBuffer>);
static_assert(!Loggable<TokenSecret>);
static_assert(!Loggable<ServicePassword>);

}  // namespace
}  // namespace patd
