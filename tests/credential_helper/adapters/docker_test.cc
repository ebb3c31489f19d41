// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

#include "tests/credential_helper/adapters/conversation.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace patd::credential_helper {
namespace {

TEST(Docker, AsksForTheServerThatItIsGiven) {
    EXPECT_EQ(Conversation(kDocker, {"get"}, "localhost:5811").asks(),
              get_request("https://localhost:5811", "docker"));
    EXPECT_EQ(Conversation(kDocker, {"get"}, "https://index.docker.io/v1/\r\n").asks(),
              get_request("https://index.docker.io/v1/", "docker"));
    EXPECT_EQ(Conversation(kDocker, {"erase"}, "http://localhost:5811").asks(),
              "patd=1\nop=erase\nurl=http://localhost:5811\ntool=docker\n\n");
    // What is wrong with it is patd's to say, and patd's reader of URLs refuses a password.
    EXPECT_EQ(Conversation(kDocker, {"get"}, "user:pw@HOST:5811/team").asks(),
              get_request("https://user:pw@HOST:5811/team", "docker"));
}

TEST(Docker, AnswersWithTheKeyThatWasAsked) {
    const Conversation get(kDocker, {"get"}, "localhost:5811");
    EXPECT_EQ(get.hears(kPlain),
              "{\"ServerURL\":\"localhost:5811\",\"Username\":\"alice\","
              "\"Secret\":\"not-a-real-secret\"}\n");
    EXPECT_EQ(get.hears("username=a\"\npassword=\\\n"),
              "{\"ServerURL\":\"localhost:5811\",\"Username\":\"a\\\"\",\"Secret\":\"\\\\\"}\n");
    EXPECT_EQ(get.hears("username=alice\npassword=\xff\n"), "MalformedRequest");
    EXPECT_EQ(get.hears(""), "none");
    EXPECT_EQ(get.hears("username=alice\noauth_refresh_token=x\n"), "none");
    EXPECT_EQ(kDocker.none.words, "credentials not found in native keychain\n");
    EXPECT_EQ(kDocker.none.status, 1);
}

TEST(Docker, StoresWhatALoginProved) {
    const std::string stored =
        "patd=1\nop=store\nurl=https://localhost:5811\nusername=alice\n"
        "password=not-a-real-secret\ntool=docker\n\n";
    const std::string said =
        R"({"ServerURL":"localhost:5811","Username":"alice","Secret":"not-a-real-secret"})";
    EXPECT_EQ(Conversation(kDocker, {"store"}, said + "\n").asks(), stored);
    for (std::size_t size = 0; size < said.size(); ++size)
        EXPECT_EQ(Conversation(kDocker, {"store"}, said.substr(0, size)).asks(),
                  "MalformedRequest");
    for (const char* bad :
         {R"({"ServerURL":"h","Username":"u"})", R"({"ServerURL":"h","Secret":"s"})",
          R"({"Username":"u","Secret":"s"})", R"({"ServerURL":"h","Username":"u","Secret":""})",
          R"({"ServerURL":"h","Username":"u","Secret":7})",
          R"({"ServerURL":"h","Username":"u","Secret":"s","Secret":"t"})",
          R"({"ServerURL":"h","Username":"u","Secret":"two\nlines"})",
          R"({"ServerURL":"h\nop=verify","Username":"u","Secret":"s"})",
          R"({"ServerURL":"h","Username":"u\u0000","Secret":"s"})"})
        EXPECT_EQ(Conversation(kDocker, {"store"}, bad).asks(), "MalformedRequest") << bad;
}

TEST(Docker, GivesNoListAndRefusesWhatIsNoRegistry) {
    EXPECT_EQ(Conversation(kDocker, {"list"}, "unused").asks(), "{}\n");
    for (const char* bad : {"", "\n", "ftp://host", "file:///etc", "ssh://h", "://h"})
        EXPECT_EQ(Conversation(kDocker, {"get"}, bad).asks(), "InvalidTarget") << bad;
    EXPECT_EQ(Conversation(kDocker, {"get"}, "a\nb").asks(), "MalformedRequest");
    for (const std::vector<std::string>& bad :
         {std::vector<std::string>{}, {"gets"}, {"get", "x"}, {"--help"}})
        EXPECT_TRUE(Conversation(kDocker, bad, "h").asks().starts_with("usage: "));
}

}  // namespace
}  // namespace patd::credential_helper
