// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "auth/begin_request.h"

#include <gtest/gtest.h>

namespace patd::auth {
namespace {

BeginRequest request_for(std::uint32_t uid, const std::string& user) {
    return {Op::Authenticate, Uid(1000), Uid(uid), user, ""};
}

TEST(BeginRequest, IsReadWhole) {
    const auto request = parse_begin(
        "op=change\ncaller=1000\nuid=1\nuser=daemon\nservice=x\nrhost=192.0.2.1\nnew=1\n");
    ASSERT_TRUE(request);
    EXPECT_EQ(request->op, Op::Change);
    EXPECT_EQ(request->caller, Uid(1000));
    EXPECT_EQ(request->uid, Uid(1));
    EXPECT_EQ(request->user, "daemon");
    EXPECT_EQ(request->rhost, "192.0.2.1");
}

TEST(BeginRequest, IsRefusedWhenAnythingIsMissingOrOdd) {
    for (const char* payload : {"",
                                "\n",
                                "op=authenticate\ncaller=1\nuid=1\n",
                                "op=authenticate\ncaller=1\nuser=a\n",
                                "op=authenticate\nuid=1\nuser=a\n",
                                "caller=1\nuid=1\nuser=a\n",
                                "op=sudo\ncaller=1\nuid=1\nuser=a\n",
                                "op=admin\ncaller=-1\nuid=1\nuser=a\n",
                                "op=admin\ncaller=1\nuid=1x\nuser=a\n",
                                "op=admin\ncaller=1\nuid=4294967296\nuser=a\n",
                                "op=admin\ncaller=1\nuid=\nuser=a\n",
                                "op=admin\ncaller=1\nuid=1\nuser=\n",
                                "op=admin\ncaller=1\ncaller=0\nuid=1\nuser=a\n",
                                "op=admin\ncaller=1\nuid=1\nuser=a\n\nop=admin\n",
                                "op=admin\rcaller=1\nuid=1\nuser=a\n",
                                "op=check\ncaller=0\nuid=x\nuser=a\n",
                                "op=check\ncaller=0\nuid=\nuser=a\n",
                                "op=check\ncaller=0\nuid=1\n",
                                "op=check\ncaller=1\nuid=1\nuser=a\n",
                                "op=check\ncaller=1\nuser=a\n",
                                "op=state\ncaller=0\nuser=a\n",
                                "op=state\ncaller=0\nuid=1\nuser=a\n"}) {
        const auto request = parse_begin(payload);
        ASSERT_FALSE(request) << payload;
        EXPECT_EQ(request.error().code, Errc::MalformedRequest) << payload;
    }
}

TEST(BeginRequest, FindsTheAccountThatItNames) {
    const auto account = resolve(request_for(1, "daemon"));
    ASSERT_TRUE(account);
    EXPECT_EQ(account->uid, Uid(1));
}

// Row P11
TEST(BeginRequest, OfACheckMayNameNobodysAccount) {
    const auto request = parse_begin("op=check\ncaller=0\nuser=no-such-account\n");
    ASSERT_TRUE(request);
    EXPECT_EQ(request->uid, std::nullopt);
    EXPECT_FALSE(resolve(*request)->uid.may_own_tokens());
    EXPECT_FALSE(resolve(*parse_begin("op=check\ncaller=0\nuser=daemon\n"))->uid.may_own_tokens())
        << "patd knew no such owner";
}

// Rows P10, A14.
TEST(BeginRequest, IsDeniedForAnyOtherPair) {
    for (const BeginRequest& request :
         {request_for(0, "daemon"), request_for(2, "daemon"), request_for(1, "Daemon"),
          request_for(1, "no-such-account"), request_for(65534, "nobody"),
          request_for(1, std::string(70'000, 'a'))}) {
        const auto account = resolve(request);
        ASSERT_FALSE(account) << request.user.substr(0, 20);
        EXPECT_EQ(account.error().code, Errc::AccessDenied);
    }
}

}  // namespace
}  // namespace patd::auth
