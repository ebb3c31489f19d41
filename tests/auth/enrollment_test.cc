// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "auth/enrollment.h"

#include "tests/auth/service_process.h"

#include <sys/stat.h>

// The real patd-enroll. The login password is that of another pam_pat stack, with a separate store,
// because tests leave /etc/shadow alone.
namespace patd::auth {
namespace {

using step_up::FrameKind;
using support::ServiceProcess;

class PatdEnrollTest : public support::ServiceTest {
  protected:
    PatdEnrollTest() {
        std::filesystem::create_directory(login());
        std::filesystem::permissions(login(), std::filesystem::perms::owner_all);
        set_password(login(), "login password");
        write_stack("patd-enroll",
                    "auth required " + module(login()) + "\naccount required " + module(login()));
        EXPECT_EQ(chown(state().c_str(), kAuthUid, kAuthUid), 0) << "needs root";
    }
    std::string login() const { return directory_.file("login"); }
    std::string converse(const std::string& op, const std::vector<std::string>& answers,
                         uid_t client = 0, int caller = 1000) {
        std::vector<std::string> arguments = command(PATD_ENROLL);
        arguments.insert(arguments.end(), {"--daemon-user", "bin"});
        ServiceProcess service(arguments, client);
        std::string outcome = service.converse(begin(op, caller), answers);
        seen_ = service.seen;
        EXPECT_EQ(service.finish(), EXIT_SUCCESS);
        return outcome;
    }

    std::vector<std::string> seen_;
};

TEST_F(PatdEnrollTest, WritesAFirstPasswordAfterTheLoginPassword) {
    EXPECT_EQ(converse("enroll", {"login password", "battery staple", "battery staple"}), "G:");
    EXPECT_EQ(seen_.at(1), "S:New service password for daemon (8 to 511 bytes): ");
    EXPECT_TRUE(accepts("battery staple"));
    struct stat status {};
    ASSERT_EQ(stat((state() + "/passwords/1").c_str(), &status), 0);
    EXPECT_EQ(status.st_uid, kAuthUid);
    EXPECT_EQ(status.st_mode & 07777U, 0600U);
}

// Row A18.
TEST_F(PatdEnrollTest, WritesNothingWithoutTheLoginPassword) {
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(converse("enroll", {"wrong password"}), "R:WrongPassword");
    EXPECT_EQ(converse("enroll", {"login password"}), "R:Throttled");
    EXPECT_EQ(seen_.size(), 1U) << "no prompt";
    EXPECT_FALSE(has_password());
}

// The account "daemon" has no password in shadow(5).
TEST_F(PatdEnrollTest, SaysBeforeAnyPromptThatThereIsNoLoginPassword) {
    const auto enroll = [&](int caller) {
        ServiceProcess service(command(PATD_ENROLL));
        std::string outcome = service.converse(begin("enroll", caller), {"login password"});
        seen_ = service.seen;
        return outcome;
    };
    std::ofstream(confdir() + "/common-auth")
        << "auth [success=1 default=ignore] pam_unix.so nullok\n"
           "auth requisite pam_deny.so\nauth required pam_permit.so\n";
    write_stack("patd-enroll", "@include common-auth\naccount required pam_permit.so");
    for (int i = 0; i < 7; ++i)
        EXPECT_EQ(enroll(1), "R:NoLoginPassword") << "which is no guess";
    EXPECT_EQ(seen_.size(), 1U);
    // Nobody else learns it, and is asked by name.
    EXPECT_EQ(enroll(1000), "R:WrongPassword");
    EXPECT_EQ(seen_.at(0), "S:Login password for daemon: ");
    EXPECT_NE(seen_.at(1).find("sudo patctl admin passwd daemon"), std::string::npos)
        << seen_.at(1);
    // Where something else could let the account in, it is asked.
    write_stack("patd-enroll", "auth sufficient pam_krb5.so\n@include common-auth");
    EXPECT_EQ(enroll(1), "R:WrongPassword");
    EXPECT_FALSE(has_password());
}

TEST_F(PatdEnrollTest, WritesNothingWhereTheAccountIsClosed) {
    write_stack("patd-enroll", "auth required " + module(login()) +
                                   "\naccount required pam_debug.so acct=acct_expired");
    EXPECT_EQ(converse("enroll", {"login password"}), "R:AccessDenied");
    EXPECT_FALSE(has_password());
}

TEST_F(PatdEnrollTest, LeavesAPasswordThatIsThereAndDoesNotEvenAsk) {
    set_password(state(), "correct horse");
    EXPECT_EQ(converse("enroll", {}), "R:AccessDenied");
    EXPECT_EQ(seen_.size(), 1U);
    EXPECT_TRUE(accepts("correct horse"));
}

TEST_F(PatdEnrollTest, HoldsNewPasswordsToTheRules) {
    EXPECT_EQ(converse("enroll", {"login password", "battery staple", "battery stable"}),
              "R:PasswordNotAccepted");
    EXPECT_TRUE(seen_.at(3).starts_with("E:The two entries differ"));
    for (const std::string& bad :
         {std::string(), std::string("short"), std::string("a\tb\tc\td\te")}) {
        EXPECT_EQ(converse("enroll", {"login password", bad}), "R:PasswordNotAccepted");
        EXPECT_TRUE(seen_.at(2).starts_with("E:The service password needs 8 to 511 bytes"))
            << "and does not ask for it again";
    }
    EXPECT_EQ(converse("enroll", {"login password", std::string(513, 'a')}), "R:MalformedRequest");
    EXPECT_FALSE(has_password());
}

// Row P24: the code that handles the new password is no longer root.
TEST_F(PatdEnrollTest, HasGivenItsPrivilegesUpBeforeItAsksForTheNewPassword) {
    ServiceProcess service(command(PATD_ENROLL));
    service.send(FrameKind::Begin, begin("enroll"));
    ASSERT_EQ(service.next(), "S:Service password for daemon: ");
    service.send(FrameKind::Answer, "login password");
    ASSERT_EQ(service.next(), "S:New service password for daemon (8 to 511 bytes): ");
    std::ifstream file("/proc/" + std::to_string(service.id()) + "/status");
    const std::string status{std::istreambuf_iterator<char>(file), {}};
    EXPECT_NE(status.find("\nUid:\t65534\t65534\t65534\t65534\n"), std::string::npos) << status;
    EXPECT_NE(status.find("\nGid:\t65534\t65534\t65534\t65534\n"), std::string::npos) << status;
    EXPECT_NE(status.find("\nGroups:\t65534 \n"), std::string::npos) << status;
    EXPECT_NE(status.find("\nCapEff:\t0000000000000000\n"), std::string::npos) << status;
    EXPECT_NE(status.find("\nCapPrm:\t0000000000000000\n"), std::string::npos) << status;
    EXPECT_EQ(service.finish(), EXIT_SUCCESS);
    EXPECT_FALSE(has_password());
}

TEST_F(PatdEnrollTest, EndsWithTheClientAndCountsOnlyWhatWasGuessed) {
    for (int i = 0; i < 6; ++i) {
        ServiceProcess service(command(PATD_ENROLL));
        service.send(FrameKind::Begin, begin("enroll"));
        EXPECT_EQ(service.next(), "S:Service password for daemon: ");
        EXPECT_EQ(service.finish(), EXIT_SUCCESS);
    }
    EXPECT_EQ(converse("enroll", {"login password", "battery staple", "battery staple"}), "G:");
}

TEST_F(PatdEnrollTest, LetsRootSetAnyPassword) {
    EXPECT_EQ(converse("admin", {"battery staple", "battery staple"}), "G:");
    EXPECT_TRUE(accepts("battery staple"));
    EXPECT_EQ(converse("admin", {"correct horse", "correct horse"}), "G:");
    EXPECT_TRUE(accepts("correct horse"));
}

// Row A18.
// Whatever it says about its caller, patd itself has no way to set a password.
TEST_F(PatdEnrollTest, LetsNobodyButRootSetAnyPassword) {
    constexpr uid_t kPatd = 2;
    EXPECT_EQ(converse("admin", {"battery staple", "battery staple"}, kPatd), "R:AccessDenied");
    EXPECT_EQ(seen_.size(), 1U);
    EXPECT_FALSE(has_password());
    EXPECT_EQ(converse("enroll", {"login password", "battery staple", "battery staple"}, kPatd),
              "G:");
}

TEST_F(PatdEnrollTest, KeepsNobodyWaitingToWhomRootGaveAPassword) {
    constexpr int kItself = 1;
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(converse("enroll", {"wrong password"}, 0, kItself), "R:WrongPassword");
    EXPECT_EQ(converse("enroll", {"login password"}, 0, kItself), "R:Throttled");
    EXPECT_EQ(converse("admin", {"battery staple", "battery staple"}), "G:");
    std::filesystem::remove(state() + "/passwords/1");
    EXPECT_EQ(
        converse("enroll", {"login password", "battery staple", "battery staple"}, 0, kItself),
        "G:");
}

TEST_F(PatdEnrollTest, RefusesTheOperationsOfPatdAuth) {
    for (const char* op : {"authenticate", "change"})
        EXPECT_EQ(converse(op, {}), "R:MalformedRequest");
}

}  // namespace
}  // namespace patd::auth
