// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/session/plain_http.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

TEST(PlainHttp, IsWhatLeavesThisMachineUnencrypted) {
    for (const char* url :
         {"http://git.example", "HTTP://git.example:8080/team", "bearer+http://git.example",
          "http://127.example", "http://127.0.0.1.example", "http://localhost.example",
          "http://10.0.0.1", "http://[::2]", "http://[fe80::1]", "http://128.0.0.1"})
        EXPECT_EQ(refuse_plain_http({"https://a.example", url}).error().code, Errc::InvalidTarget)
            << url;
    for (const char* url : {"https://git.example", "http://localhost:3000", "http://127.0.0.1",
                            "http://127.1.2.3:80/x", "http://[::1]:8080", "http://git.localhost",
                            "smtp://mail.example:587", "imap://mail.example", "no target"})
        EXPECT_TRUE(refuse_plain_http({url})) << url;
}

}  // namespace
}  // namespace patd::cli
