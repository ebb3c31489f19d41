// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/host_address.h"

#include <gtest/gtest.h>

namespace patd {
namespace {

TEST(HostAddress, HasOneForm) {
    const std::pair<const char*, const char*> forms[] = {
        {"192.0.2.1", "192.0.2.1"},         {"::ffff:192.0.2.1", "192.0.2.1"},
        {"::FFFF:c000:201", "192.0.2.1"},   {"::1", "::1"},
        {"2001:DB8:0:0::1", "2001:db8::1"}, {"fe80::1%eth0", "fe80::1%eth0"},
    };
    for (const auto& [text, normal] : forms)
        EXPECT_EQ(normal_address(text), normal) << text;
}

TEST(HostAddress, IsNothingElse) {
    for (const std::string_view text : {"",
                                        "host.example",
                                        "localhost",
                                        "192.0.2",
                                        "192.0.2.1.example",
                                        "192.0.2.01",
                                        "192.0.2.1 ",
                                        " 192.0.2.1",
                                        "192.0.2.256",
                                        "[::1]",
                                        "fe80::1%",
                                        "fe80::1%a b",
                                        "fe80::1%a%b",
                                        "fe80::1%0123456789abcdef",
                                        "fe80::1%a/b",
                                        "::1%eth0",
                                        "::ffff:192.0.2.1%x",
                                        "1",
                                        "0x7f000001",
                                        "::ffff:192.0.2.1.example",
                                        "UNKNOWN"})
        EXPECT_FALSE(normal_address(text).has_value()) << text;
    EXPECT_FALSE(normal_address(std::string_view("::1\0x", 5)).has_value());
    EXPECT_FALSE(normal_address(std::string(100'000, '1')).has_value());
}

}  // namespace
}  // namespace patd
