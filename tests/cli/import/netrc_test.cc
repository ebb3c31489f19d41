// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/import/netrc.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

Credentials parse_netrc(std::string_view text) {
    return parse_credentials(text, FileFormat::Netrc).value();
}

std::string netrc_secrets(const Credentials& credentials) {
    const std::span<const char> bytes = credentials.secrets().reveal();
    return {bytes.data(), bytes.size()};
}

std::string shown(const Credential& entry) {
    return std::to_string(entry.line) + " " + entry.username + " " + entry.target.text();
}

// The one entry of a text, as `NAME:SECRET`.
std::string entry_of(std::string_view text) {
    const Credentials credentials = parse_netrc(text);
    if (credentials.entries().size() != 1)
        return std::to_string(credentials.entries().size()) + " entries";
    return credentials.entries()[0].username + ":" + netrc_secrets(credentials);
}

TEST(Netrc, IsReadOverLinesQuotesAndComments) {
    const Credentials credentials = parse_netrc(
        "# mine\n"
        "machine github.com login alice password ghp_1\n"
        "machine gitlab.example:8443\n"
        "\tlogin oauth2 # not the old one\n"
        "\tpassword \"a \\\"b\\\\ c\"\n"
        "machine git.example password h#ash login bob");
    ASSERT_EQ(credentials.entries().size(), 3U);
    EXPECT_EQ(shown(credentials.entries()[0]), "2 alice https://github.com");
    EXPECT_EQ(shown(credentials.entries()[1]), "3 oauth2 https://gitlab.example:8443");
    EXPECT_EQ(shown(credentials.entries()[2]), "6 bob https://git.example");
    EXPECT_EQ(netrc_secrets(credentials), "ghp_1\na \"b\\ c\nh#ash\n");
    EXPECT_TRUE(credentials.faults().empty() && credentials.is_whole());
}

// Each was shown to curl 7.88.1, which sent what stands beside it.
TEST(Netrc, IsReadAsCurlReadsIt) {
    struct Row {
        const char* text;
        const char* sent;
    };
    for (const Row& row : {
             Row{"machine h.example login a password b\n", "a:b\n"},
             {"MACHINE H.EXAMPLE LOGIN a PASSWORD b\n", "a:b\n"},
             {"machine h.example login a#x password c#d\n", "a#x:c#d\n"},
             {"machine h.example login a # password x\n password c\n", "a:c\n"},
             {"machine h.example login \"a b\" password \"x\\\"y\\\\z\\w\"\n", "a b:x\"y\\zw\n"},
             {"machine h.example login a password x\"y z\"\n", "a:x\"y\n"},
             {"\"machine\" h.example \"login\" a password b\n", "a:b\n"},
             {"machine h.example login a account acc password b\n", "a:b\n"},
             {"machine h.example protocol imap method x port 99 login a password b\n", "a:b\n"},
             {"machine h.example\r\nlogin a\r\npassword b\r\n", "a:b\n"},
             {"foo bar machine h.example login a password b\n", "a:b\n"},
             {"machine h.example login login password password\n", "login:password\n"},
             {"machine h.example login a password b\\ c\n", "a:b\\\n"},
             {"machine\fh.example\vlogin a password b\n", "a:b\n"},
             {"machine h.example login a password b # machine\n", "a:b\n"},
             {"machine h.example\n# login z password q\nlogin a\npassword b\n", "a:b\n"},
             {"machine\nh.example\nlogin\na\npassword\nb\n", "a:b\n"},
             {" \n\t\n\nmachine h.example login a password b", "a:b\n"},
             {"macdef init\nmachine h.example login m password n\n\n"
              "machine h.example login a password b\n",
              "a:b\n"},
             {"macdef init\nfoo\n  \nmachine h.example login m password n\n\n"
              "machine h.example login a password b\n",
              "a:b\n"},
             {"macdef init\r\nfoo\r\n\r\nmachine h.example login a password b\r\n", "a:b\n"},
             {"machine h.example login a password b\nmacdef init\nlogin z password n\n", "a:b\n"},
             {"default login d password e\nmachine h.example login a password b\n", "a:b\n"},
             {"machine h.example login a password b\ndefault login d password e\n", "a:b\n"},
             {"machine o.example login x\nmachine h.example login a password b\n", "a:b\n"},
             {"machine o.example login x password \"\"\nmachine h.example login a password b\n",
              "a:b\n"},
         })
        EXPECT_EQ(entry_of(row.text), row.sent) << row.text;
}

// What Python's reader, ftp(1) of the BSDs and curl have of their own.
TEST(Netrc, OtherReadersWordsAreReadToo) {
    EXPECT_EQ(entry_of("machine a.example user alice passwd s3"), "alice:s3\n");
    EXPECT_EQ(entry_of("machine a.example login user password passwd"), "user:passwd\n");
    for (const auto& [machine, place] :
         {std::pair("::1", "https://[::1]"), std::pair("[::1]:8443", "https://[::1]:8443")}) {
        const Credentials read =
            parse_netrc(std::string("machine ") + machine + " login a password b");
        ASSERT_EQ(read.entries().size(), 1U) << machine;
        EXPECT_EQ(read.entries()[0].target.text(), place);
    }
}

TEST(Netrc, WhatIsNoCredentialIsPassedOverAndNamed) {
    const Credentials credentials = parse_netrc(
        "default login anonymous password z\n"
        "macdef put\nlogin x password y\n\n"
        "machine a.example login a\n"
        "machine b.example login b password c account d and more\n");
    ASSERT_EQ(credentials.entries().size(), 1U);
    ASSERT_EQ(credentials.passed_over().size(), 3U);
    const auto said = [&](std::size_t i) {
        const Remark& remark = credentials.passed_over()[i];
        return std::to_string(remark.line) + ": " + remark.text;
    };
    EXPECT_EQ(said(0), "1: default names no machine");
    EXPECT_EQ(said(1), "2: a macro of ftp");
    EXPECT_EQ(said(2), "5: a machine without a password");
    EXPECT_FALSE(credentials.is_whole());
    ASSERT_EQ(credentials.notes().size(), 2U);
    EXPECT_EQ(credentials.notes()[0].text, "its account is skipped, as in curl");
    EXPECT_EQ(credentials.notes()[1].line, 6U);
}

// Row L1.
TEST(Netrc, EveryFaultIsToldByItsLineAndCostsNoOther) {
    struct Bad {
        const char* text;
        const char* cause;
        Errc code = Errc::MalformedRequest;
    };
    for (const Bad& bad :
         {Bad{"machine a.example login a password", "a value is missing"},
          {"machine a.example login a password\n", "a value is missing"},
          {"machine a.example login a password \"hunter2\n", "a quote has no end"},
          {"machine a.example login a password #hunter2", "put it in double quotes"},
          {"machine a.example login a login b password hunter2", "two logins"},
          {"machine a.example login a password hunter2 password x", "two passwords"},
          {"machine a.example password hunter2", "no login", Errc::InvalidUsername},
          {"machine hunter2..x login a password x", "host: ", Errc::InvalidTarget},
          {"machine a.example login ghp_hunter2hunter2hunter2 password x", "looks like a token",
           Errc::InvalidUsername},
          {"machine a.example login ghp_hunter2hunter2hunter2", "looks like a token",
           Errc::InvalidUsername},
          {"machine https://hunter2.example/x login a password b", "leave out https://"},
          {"machine hunter2.example:x login a password b", "port: ", Errc::InvalidTarget},
          {"machine a.example user a login hunter2 passwd x", "two logins"},
          {"machine a.example login a password \"hunter2\\nx\"", "control character",
           Errc::InvalidSecret}}) {
        const Credentials credentials =
            parse_netrc("machine first.example login a password b\n\n" + std::string(bad.text) +
                        "\nmachine last.example login a password b\n");
        EXPECT_EQ(credentials.entries().size(), 2U) << bad.text;
        ASSERT_EQ(credentials.faults().size(), 1U) << bad.text;
        const Remark& fault = credentials.faults()[0];
        EXPECT_EQ(fault.line, 3U) << bad.text;
        EXPECT_EQ(fault.code, bad.code) << bad.text;
        EXPECT_NE(fault.text.find(bad.cause), std::string::npos) << fault.text;
        EXPECT_EQ(fault.text.find("hunter2"), std::string::npos);
    }
}

TEST(Netrc, EveryTruncationIsReadOrRefused) {
    const std::string good =
        "macdef x\ny\n\nmachine a login b password \"c\\\"d\" # e\ndefault\nmachine f account g";
    for (std::size_t size = 0; size <= good.size(); ++size)
        (void)parse_netrc(good.substr(0, size));
    for (std::size_t i = 0; i < good.size(); ++i) {
        for (const char byte : {'\0', '\n', '"', '#', '\\', ' '}) {
            std::string changed = good;
            changed[i] = byte;
            (void)parse_netrc(changed);
        }
    }
}

}  // namespace
}  // namespace patd::cli
