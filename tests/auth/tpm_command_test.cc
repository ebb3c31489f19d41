// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "auth/tpm_command.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>

namespace patd::auth {
namespace {

using std::string_literals::operator""s;

// What a TPM that says `answer` is understood to say.
Result<TpmAnswer> send_to(const std::string& answer) {
    std::array<int, 2> pair{};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0)
        return Errc::Internal;
    const UniqueFd ours(pair[0]);
    UniqueFd tpms(pair[1]);
    if (::send(tpms.get(), answer.data(), answer.size(), 0) != ssize_t(answer.size()))
        return Errc::Internal;
    ::shutdown(tpms.get(), SHUT_WR);
    return TpmCommand(0x17b).send(ours);
}

TEST(TpmCommand, TakesAnAnswerOfItsOwnSizeAndNoPrefixOfIt) {
    const std::string good = "\x80\x01\0\0\0\x0e\0\0\0\0abcd"s;
    const Result<TpmAnswer> answer = send_to(good);
    ASSERT_TRUE(answer);
    TpmAnswer read = *answer;
    EXPECT_EQ(read.take32(), 0x61626364U);
    EXPECT_TRUE(read.good());
    for (std::size_t size = 0; size < good.size(); ++size)
        EXPECT_EQ(send_to(good.substr(0, size)).error().code, Errc::Unavailable) << size;
    EXPECT_FALSE(send_to(good + "e"));
    for (const std::string& size :
         {"\0\0\0\x09"s, "\0\0\0\0"s, "\0\0\x10\x01"s, "\xff\xff\xff\xff"s})
        EXPECT_FALSE(send_to("\x80\x01" + size + "\0\0\0\0abcd"s));
}

TEST(TpmCommand, KnowsWhyATpmRefuses) {
    const auto refused = [](const std::string& code, const std::string& layer = "\0\0"s) {
        return send_to("\x80\x01\0\0\0\x0a"s + layer + code).error().code;
    };
    EXPECT_EQ(refused("\x01\x8b"s), Errc::NotFound);      // TPM_RC_HANDLE, handle 1
    EXPECT_EQ(refused("\x02\x8b"s), Errc::NotFound);      // handle 2
    EXPECT_EQ(refused("\x09\xa2"s), Errc::AccessDenied);  // TPM_RC_BAD_AUTH, session 1
    EXPECT_EQ(refused("\x09\x8e"s), Errc::AccessDenied);  // TPM_RC_AUTH_FAIL
    EXPECT_EQ(refused("\x09\x20"s), Errc::Unavailable);   // TPM_RC_NV_RATE
    EXPECT_EQ(refused("\x01\x4a"s), Errc::Unavailable);   // TPM_RC_NV_UNINITIALIZED
    // What comes back each time.
    EXPECT_EQ(refused("\x01\x4b"s), Errc::BadFile);  // TPM_RC_NV_SPACE
    EXPECT_EQ(refused("\x01\x43"s), Errc::BadFile);  // TPM_RC_COMMAND_CODE
    EXPECT_EQ(refused("\x01\x20"s), Errc::BadFile);  // TPM_RC_DISABLED
    EXPECT_EQ(refused("\x01\x85"s), Errc::BadFile);  // TPM_RC_HIERARCHY, handle 1
    // Linux, drivers/char/tpm/tpm2-space.c.
    EXPECT_EQ(refused("\x01\x43"s, "\0\x0b"s), Errc::BadFile) << "of the resource manager";
}

TEST(TpmAnswer, GivesNothingOnceSomethingIsMissing) {
    TpmAnswer answer("\0\x02xy\0\x03zz"s);
    EXPECT_EQ(answer.sized(), "xy");
    EXPECT_TRUE(answer.good());
    EXPECT_EQ(answer.sized(), "");
    EXPECT_FALSE(answer.good());
    EXPECT_EQ(answer.take16(), 0);
    EXPECT_FALSE(answer.good());
}

}  // namespace
}  // namespace patd::auth
