// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/upkeep/witness_link.h"

#include "common/base/witness_limits.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/witness_service.h"

#include <gtest/gtest.h>

namespace patd {
namespace {

class WitnessLinkTest : public ::testing::Test {
  protected:
    Errc read_error() {
        const Result<std::string> read = link_.read();
        return read ? Errc::Internal : read.error().code;
    }

    support::TemporaryDirectory directory_;
    WitnessLink link_{directory_.file("auth.sock")};
};

TEST_F(WitnessLinkTest, CarriesTheWitnessBothWays) {
    EXPECT_EQ(read_error(), Errc::Unavailable);
    const support::WitnessService service(directory_.file("auth.sock"), directory_.file("auth"));
    EXPECT_EQ(read_error(), Errc::NotFound);
    const std::string long_text =
        std::string(kWitnessHead) + "3\n" + std::string(limits::kWitnessBytes - 15, 'x');
    link_.write(long_text).value();
    EXPECT_TRUE(link_.read().value() == long_text);
    EXPECT_EQ(link_.write(long_text).error().code, Errc::OutOfOrder);
    EXPECT_EQ(link_.write("garbage").error().code, Errc::MalformedRequest);
    EXPECT_EQ(link_.write(std::string(limits::kWitnessBytes + 1, 'x')).error().code,
              Errc::MalformedRequest);
}

TEST_F(WitnessLinkTest, WhoeverSaysNothingIsNotWaitedForLong) {
    const UniqueFd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_un address = unix_address(directory_.file("auth.sock")).value();
    ASSERT_EQ(::bind(listener.get(), as_sockaddr(address), sizeof address), 0);
    ASSERT_EQ(::listen(listener.get(), 1), 0);
    EXPECT_EQ(read_error(), Errc::Unavailable);
}

}  // namespace
}  // namespace patd
