// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/doctor/stack_rules.h"

#include "tests/cli/doctor/services_fixture.h"

namespace patd::cli::doctor {
namespace {

constexpr char kSystemRule[] = "account required pam_unix.so\n";

class StackRulesTest : public ServicesFixture {
  protected:
    StackRulesTest() : ServicesFixture(check_stack_rules) {}
};

TEST_F(StackRulesTest, WarnsOfAnAccountRuleWhereSomebodyComesInUnasked) {
    const std::pair<const char*, const char*> programs[] = {{"sudo", "NOPASSWD"},
                                                            {"su", "root, whom su does not ask"},
                                                            {"login", "login -f"},
                                                            {"sshd", "with a key"},
                                                            {"cron", "crontab"}};
    for (const auto& [service, words] : programs) {
        put_stack(service, std::string(kTokenRule) + kAccountRule);
        EXPECT_NE(found().find(words), std::string::npos) << found();
        std::filesystem::remove(machine_.at(std::string("/etc/pam.d/") + service));
    }
}

TEST_F(StackRulesTest, LeavesServicesAloneThatAskEverybody) {
    put_stack("web", std::string(kTokenRule) + kAccountRule + kSystemRule);
    put_stack("sudo", std::string(kTokenRule) + "@include common-account\n");
    put_stack("su", kTokenRule + (kSystemRule + std::string("account sufficient pam_pat.so\n")));
    put_stack("login",
              kTokenRule + (std::string("account [default=ignore] pam_pat.so\n") + kSystemRule));
    EXPECT_EQ(found(), "");
}

TEST_F(StackRulesTest, SparesAnSshdThatTakesNoKeyAlone) {
    put_stack("sshd", std::string(kTokenRule) + kAccountRule + kSystemRule);
    put("/etc/ssh/sshd_config", "Include /etc/ssh/sshd_config.d/*.conf\npubkeyauthentication no\n");
    EXPECT_EQ(found(), "");
    put("/etc/ssh/sshd_config.d/a.conf", "PubkeyAuthentication yes\n");
    EXPECT_NE(found(), "");
    put("/etc/ssh/sshd_config.d/a.conf",
        "PubkeyAuthentication yes\nAuthenticationMethods publickey,keyboard-interactive:pam\n");
    EXPECT_EQ(found(), "");
    put("/etc/ssh/sshd_config.d/a.conf",
        "PubkeyAuthentication yes\n"
        "AuthenticationMethods publickey,keyboard-interactive publickey\n");
    EXPECT_NE(found(), "");
}

TEST_F(StackRulesTest, LooksAtAllThatLetsAKeyInOutsideOfMatch) {
    constexpr char kBoth[] = "AuthenticationMethods publickey,keyboard-interactive:pam\n";
    put_stack("sshd", std::string(kTokenRule) + kAccountRule + kSystemRule);
    put("/etc/ssh/sshd_config", std::string("PubkeyAuthentication yes\n") + kBoth);
    EXPECT_EQ(found(), "");
    put("/etc/ssh/sshd_config", std::string(kBoth) + "PubkeyAuthentication yes\n");
    EXPECT_EQ(found(), "");
    put("/etc/ssh/sshd_config",
        std::string("AuthenticationMethods any\n") + kBoth + "PubkeyAuthentication yes\n");
    EXPECT_NE(found(), "");
    put("/etc/ssh/sshd_config", std::string("Match User git\n  PubkeyAuthentication no\n") + kBoth);
    EXPECT_NE(found(), "");
    // A Match ends with its file.
    put("/etc/ssh/sshd_config.d/a.conf", "match user git\n  PubkeyAuthentication no\n");
    put("/etc/ssh/sshd_config", "PubkeyAuthentication no\n");
    EXPECT_EQ(found(), "");
}

TEST_F(StackRulesTest, FixesAnIndentedRule) {
    put("/etc/pam.d/common-account");
    put_stack("su", std::string(kTokenRule) + " \taccount required pam_pat.so\n");
    fix();
    EXPECT_EQ(text("/etc/pam.d/su"), std::string(kTokenRule) + "@include common-account\n");
}

TEST_F(StackRulesTest, IncludesNothingThatIsNotThere) {
    const std::string include = "account include system-auth\n";
    put("/etc/pam.d/system-auth", kSystemRule);
    put_stack("su", std::string(kTokenRule) + kAccountRule);
    put_stack("login", std::string(kTokenRule) + kAccountRule + include);
    fix();
    EXPECT_EQ(text("/etc/pam.d/su"), std::string(kTokenRule) + "account required pam_unix.so\n");
    EXPECT_EQ(text("/etc/pam.d/login"), kTokenRule + include);
    EXPECT_EQ(found(), "");
}

TEST_F(StackRulesTest, FixesARuleByThoseOfTheSystem) {
    const std::string session = "session required pam_unix.so\n";
    put("/etc/pam.d/common-account");
    put_stack("sudo", kTokenRule + ("-account\trequired\tpam_pat.so\n" + session));
    fix();
    EXPECT_EQ(text("/etc/pam.d/sudo"), kTokenRule + ("@include common-account\n" + session));
    EXPECT_EQ(found(), "");
}

TEST_F(StackRulesTest, NamesACommandForSudoThatSudoItselfDoesNotRefuse) {
    put_stack("sudo", std::string(kTokenRule) + kAccountRule);
    EXPECT_TRUE(find()[0].fix.starts_with("sed -i ")) << found();
    machine_.user = Uid(1000);
    EXPECT_TRUE(find()[0].fix.starts_with("sudo -k sed -i ")) << found();
}

TEST_F(StackRulesTest, WarnsOfATokenThatLetsInAnExpiredAccount) {
    const std::string own = std::string(kTokenRule) + kAccountRule;
    put_stack("dovecot", own);
    put_stack("vsftpd-token", own + "account required pam_nologin.so\n");
    ASSERT_EQ(find().size(), 2U) << found();
    EXPECT_NE(found().find("/etc/pam.d/dovecot: a token lets in a user whose account has expired"),
              std::string::npos);
    fix();
    EXPECT_EQ(text("/etc/pam.d/dovecot"), own + kSystemRule);
    put("/etc/pam.d/common-account", kSystemRule);
    put_stack("dovecot", own);
    fix();
    EXPECT_EQ(text("/etc/pam.d/dovecot"), own + "@include common-account\n");
    EXPECT_EQ(found(), "");
}

TEST_F(StackRulesTest, SeesThatARuleEndsBeforeThoseOfTheSystem) {
    put("/etc/pam.d/common-account", kSystemRule);
    for (const char* control : {"sufficient", "[success=done default=bad]"}) {
        const std::string rule = std::string("account ") + control + " pam_pat.so\n";
        put_stack("dovecot", kTokenRule + rule + "@include common-account\n");
        put_stack("vsftpd-token", kTokenRule + rule);
        ASSERT_EQ(find().size(), 2U) << found();
        fix();
        for (const char* service : {"dovecot", "vsftpd-token"})
            EXPECT_EQ(text(std::string("/etc/pam.d/") + service),
                      std::string(kTokenRule) + "@include common-account\n");
        EXPECT_EQ(found(), "");
    }
}

// Without pam_pat.so's rule, pam_deny.so behind it would refuse everybody.
TEST_F(StackRulesTest, ChangesNoRuleBeforeOneThatRefusesTheOthers) {
    const std::string deny = "account required pam_deny.so\n";
    const std::string own = "account sufficient pam_pat.so\n";
    const std::pair<const char*, std::string> stacks[] = {
        {"dovecot", own + deny},
        {"su", own + "account required /lib/security/pam_deny.so\n"},
        {"su", "account [success=done default=bad] pam_pat.so\n" + deny},
        {"su", "account [success=1 default=bad] pam_pat.so\n" + std::string(kSystemRule)},
        {"dovecot", own + "account include nobody\n"},
        {"dovecot", "account sufficient pam_pat.so \\\n    debug\n"},
    };
    put("/etc/pam.d/nobody", deny);
    for (const bool has_common : {false, true}) {
        if (has_common)
            put("/etc/pam.d/common-account", deny + kSystemRule);
        for (const auto& [service, rules] : stacks) {
            put_stack(service, kTokenRule + rules);
            ASSERT_EQ(find().size(), 1U) << rules << found();
            EXPECT_EQ(find()[0].fix, std::string("sudo -e '/etc/pam.d/") + service + "'");
            EXPECT_NE(find()[0].text.find("without pam_deny.so after it"), std::string::npos);
            std::filesystem::remove(machine_.at(std::string("/etc/pam.d/") + service));
        }
    }
}

TEST_F(StackRulesTest, TakesNoRuleThatAsksNothingForOneOfTheSystem) {
    for (const char* module : {"pam_permit.so", "/lib/security/pam_nologin.so"}) {
        const std::string other = std::string("account required ") + module + "\n";
        put_stack("dovecot", std::string(kTokenRule) + "account sufficient pam_pat.so\n" + other);
        fix();
        EXPECT_EQ(text("/etc/pam.d/dovecot"), std::string(kTokenRule) + kSystemRule + other);
        EXPECT_EQ(found(), "");
    }
}

TEST_F(StackRulesTest, NamesTheIncludedFileWhoseRuleEndsBeforeThoseOfTheSystem) {
    put("/etc/pam.d/tokens", "account sufficient pam_pat.so\n");
    put("/etc/pam.d/others", "@include tokens\n");
    put_stack("dovecot", std::string(kTokenRule) + "account include others\n" + kSystemRule);
    ASSERT_EQ(find().size(), 1U) << found();
    EXPECT_EQ(find()[0].fix, "sudo -e '/etc/pam.d/tokens'");
    EXPECT_NE(find()[0].text.find("edit /etc/pam.d/tokens: 'account required pam_unix.so'"),
              std::string::npos);
}

// root is refused by sudo's file as it is.
TEST_F(StackRulesTest, NamesAnEditorForSudoThatSudoItselfDoesNotRefuse) {
    put_stack("sudo", std::string(kTokenRule) + "account [success=1 default=bad] pam_pat.so\n");
    EXPECT_EQ(find()[0].fix, "${EDITOR:-vi} '/etc/pam.d/sudo'") << found();
    machine_.user = Uid(1000);
    EXPECT_EQ(find()[0].fix, "sudo -k -e '/etc/pam.d/sudo'") << found();
}

TEST_F(StackRulesTest, LooksForTheSystemsRulesWhereTheyAreIncluded) {
    const std::string own = std::string(kTokenRule) + kAccountRule;
    put("/etc/pam.d/others", "auth required pam_unix.so\n" + std::string(kSystemRule));
    put_stack("dovecot", own + "account include others\n");
    put_stack("vsftpd-token", own + "account substack others\n");
    EXPECT_EQ(found(), "");
    put_stack("dovecot", own + "auth include others\n");
    EXPECT_EQ(find().size(), 1U) << found();
}

// Of the services that may read /etc/shadow; the others' rules for it refuse everybody.
TEST_F(StackRulesTest, LeavesServicesAloneThatCannotAskOrHaveNoRulesOfTheirOwn) {
    put_stack("nginx", std::string(kTokenRule) + kAccountRule);
    put_stack("dovecot");  // the account rules are those of `other`
    EXPECT_EQ(found(), "");
}

TEST_F(StackRulesTest, TakesARuleAwayWhereThoseOfTheSystemAreThere) {
    put("/etc/pam.d/common-account");
    put_stack("sshd", std::string(kTokenRule) + kAccountRule + "@include common-account\n");
    fix();
    EXPECT_EQ(text("/etc/pam.d/sshd"), std::string(kTokenRule) + "@include common-account\n");
}

}  // namespace
}  // namespace patd::cli::doctor
