// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "auth/service.h"

#include "tests/auth/service_process.h"

namespace patd::auth {
namespace {

using support::ServiceProcess;

TEST(ServiceOptions, HaveDefaultsAndAreRead) {
    const auto defaults = parse_service_options({});
    ASSERT_TRUE(defaults);
    EXPECT_EQ(defaults->state_directory, "/var/lib/patd-auth");
    EXPECT_FALSE(defaults->pam_confdir);
    EXPECT_EQ(defaults->machine_id, "/etc/machine-id");
    const std::vector<const char*> words = {"--state-dir",   "/s", "--pam-confdir", "/p",
                                            "--daemon-user", "d",  "--auth-user",   "a",
                                            "--machine-id",  "/m"};
    const auto options = parse_service_options(words);
    ASSERT_TRUE(options);
    EXPECT_EQ(options->state_directory, "/s");
    EXPECT_EQ(options->pam_confdir, "/p");
    EXPECT_EQ(options->daemon_user, "d");
    EXPECT_EQ(options->auth_user, "a");
    EXPECT_EQ(options->machine_id, "/m");
}

TEST(ServiceOptions, RefuseWhatTheyDoNotKnow) {
    for (const std::vector<const char*>& words :
         {std::vector<const char*>{"--state-dir"}, {"--password", "x"}, {"x", "y"}})
        EXPECT_FALSE(parse_service_options(words));
}

class ServeTest : public support::ServiceTest {};

TEST_F(ServeTest, ServesNobodyButPatdAndRoot) {
    ServiceProcess stranger(command(PATD_AUTH), 2);
    EXPECT_EQ(stranger.next(), "end");
    EXPECT_EQ(stranger.finish(), EXIT_FAILURE);

    std::vector<std::string> arguments = command(PATD_AUTH);
    arguments.insert(arguments.end(), {"--daemon-user", "bin"});
    set_password(state(), "correct horse");
    ServiceProcess patd(arguments, 2);
    EXPECT_EQ(patd.converse(begin("authenticate"), {"correct horse"}), "G:");
    ServiceProcess root(arguments, 0);
    EXPECT_EQ(root.converse(begin("authenticate"), {"correct horse"}), "G:");
}

TEST_F(ServeTest, FailsWithoutASocket) {
    const std::string command_line = std::string(PATD_AUTH) + " < /dev/null 2> /dev/null";
    EXPECT_NE(system(command_line.c_str()), 0);
}

TEST_F(ServeTest, RefusesWhatBreaksTheProtocol) {
    for (const std::string& bytes :
         {std::string("?\0\0", 3), std::string("A\0\0", 3), std::string("B\0\0", 3),
          std::string("B\xff\xff"), std::string("B\0\3op\x01", 6), std::string("G\0\0", 3),
          std::string("B\0\4op=x", 7)}) {
        ServiceProcess service(command(PATD_AUTH));
        service.send_raw(bytes);
        EXPECT_EQ(service.next(), "R:MalformedRequest");
        EXPECT_EQ(service.finish(), EXIT_SUCCESS);
    }
}

TEST_F(ServeTest, IsDeniedForAccountsThatDoNotMatch) {
    for (const char* who : {"uid=2\nuser=daemon\n", "uid=1\nuser=Daemon\n",
                            "uid=65534\nuser=nobody\n", "uid=1\nuser=no-such-account\n"}) {
        ServiceProcess service(command(PATD_AUTH));
        EXPECT_EQ(service.converse(std::string("op=authenticate\ncaller=1000\n") + who, {}),
                  "R:AccessDenied");
    }
}

}  // namespace
}  // namespace patd::auth
