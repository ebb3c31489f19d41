// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/line/request_place.h"

#include <gtest/gtest.h>

// line_attack_test.cc has what hostile requests get.
namespace patd {
namespace {

line::LineMessage message(const std::string& text) {
    std::size_t consumed = 0;
    return line::LineMessage::parse(text, true, consumed).value().value();
}

// The place and the user name, or the error.
std::string place(const std::string& text) {
    const Result<ReleaseRequest> found = read_place(message(text));
    if (!found)
        return std::string(errc_name(found.error().code));
    return found->origin.text() + " [" + found->path + "] " + found->username.value_or("-");
}

TEST(RequestPlace, IsWhatGitSays) {
    const std::string host = "protocol=https\nhost=Git.Example:443\n";
    EXPECT_EQ(place(host), "https://git.example [] -");
    EXPECT_EQ(place(host + "path=team/My Project.git\nusername=me\n"),
              "https://git.example [team/My Project.git] me");
    EXPECT_EQ(place(host + "username=\n"), "https://git.example [] -");
    EXPECT_EQ(place("protocol=smtp\nhost=mail.example:465\n"), "smtp://mail.example:465 [] -");
}

TEST(RequestPlace, IsTheWholeHostForAPathThatNoTargetHolds) {
    const std::string host = "protocol=https\nhost=git.example\npath=";
    for (const std::string& path :
         {std::string("a/../b"), std::string("a//b"), std::string("\xff"), std::string(257, 'x')}) {
        EXPECT_EQ(place(host + path + "\n"), "https://git.example [] -") << path;
        EXPECT_EQ(place("op=erase\n" + host + path + "\n"), "https://git.example [] -") << path;
        EXPECT_EQ(place("op=store\n" + host + path + "\n"), "InvalidTarget") << path;
    }
}

TEST(RequestPlace, IsWhatTheUrlSays) {
    EXPECT_EQ(place("url=https://git.example\n"), "https://git.example [] -");
    EXPECT_EQ(place("url=https://b%C3%BC@git.example:443//team/My%20Project/\n"),
              "https://git.example [team/My Project] b\xc3\xbc");
    EXPECT_EQ(place("url=https://git.example/a?b\n"), "https://git.example [] -");
    EXPECT_EQ(place("username=me\nurl=https://git.example\npath=a\n"),
              "https://git.example [a] me");
    EXPECT_EQ(place("url=https://me:x@git.example\n"), "InvalidTarget");
    EXPECT_EQ(place("url=https://git.example/%0a\n"), "MalformedRequest");
    EXPECT_EQ(place("url=https://git.example\nhost=other.example\n"), "MalformedRequest");
    EXPECT_EQ(place("url=://other.example/x\nprotocol=https\nhost=git.example\n"),
              "MalformedRequest");
    EXPECT_EQ(place("url=x\nprotocol=https\nhost=git.example\n"), "MalformedRequest");
}

TEST(RequestPlace, IsForOthersWhenTheProtocolIs) {
    for (const char* text : {"protocol=cert\nhost=\n", "protocol=ftp\nhost=a\n", "url=cert:///a\n"})
        EXPECT_TRUE(is_for_others(message(text))) << text;
    for (const char* text :
         {"protocol=https\nhost=a\n", "protocol=IMAP\nhost=a\n", "host=a\n", "protocol=\nhost=a\n",
          "url=a\n", "url=https://a\nprotocol=cert\n", "url=cert://a\nprotocol=https\n"})
        EXPECT_FALSE(is_for_others(message(text))) << text;
}

}  // namespace
}  // namespace patd
