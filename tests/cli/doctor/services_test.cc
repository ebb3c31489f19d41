// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/doctor/services.h"

#include "tests/cli/doctor/services_fixture.h"

namespace patd::cli::doctor {
namespace {

constexpr char kSaslauthd[] = "/etc/default/saslauthd";
constexpr char kSquid[] = "/etc/squid/conf.d/tokens.conf";
constexpr char kProgram[] = "auth_param basic program /usr/lib/squid/basic_pam_auth -n proxy\n";
constexpr char kDovecot[] = "/etc/dovecot/conf.d/auth.conf.ext";
constexpr char kEjabberd[] = "/etc/ejabberd/ejabberd.yml";
constexpr char kHba[] = "/etc/postgresql/15/main/pg_hba.conf";

class ServicesTest : public ServicesFixture {
  protected:
    ServicesTest() : ServicesFixture(check_services) {}
};

TEST_F(ServicesTest, FindsNothingWhereNoStackTakesTokens) {
    put(kSaslauthd, "MECHANISMS=\"pam\"\nOPTIONS=\"-c -m /var/run/saslauthd\"\n");
    put(kSquid, kProgram);
    put(kDovecot, "passdb {\n  args = cache_key=%u dovecot\n}\n");
    put(kEjabberd, "auth_method: [pam]\n");
    put(kHba, "host all all 0.0.0.0/0 pam\n");
    put_stack("smtp", "@include common-auth\n");
    EXPECT_EQ(found(), "");
}

TEST_F(ServicesTest, EndsTheCacheOfSaslauthd) {
    put_stack("smtp");
    for (const char* options :
         {"\"-c -m /var/run/saslauthd\"", "\"-m /var/run/saslauthd -c\"", "\"-c\"", "-c",
          "'-c -m /var/run/saslauthd'", "'-m /a -c'", "\"-m /a-c -c -t 3600\""}) {
        put(kSaslauthd, std::string("START=yes\nMECHANISMS=\"pam\"\nOPTIONS=") + options + "\n");
        EXPECT_NE(found().find("more minutes after it was deleted"), std::string::npos);
        EXPECT_NE(found().find("/etc/pam.d/smtp"), std::string::npos);
        fix();
        EXPECT_EQ(found(), "") << options;
    }
    EXPECT_EQ(text(kSaslauthd), "START=yes\nMECHANISMS=\"pam\"\nOPTIONS=\"-m /a-c  -t 3600\"\n");
}

TEST_F(ServicesTest, LooksAtEverySaslauthdButNotAtWhatDpkgLeft) {
    constexpr char kKeeps[] = "MECHANISMS=\"pam\"\nOPTIONS=\"-c\"\n";
    put_stack("smtp");
    put("/etc/default/saslauthd-x.dpkg-old", kKeeps);
    EXPECT_EQ(found(), "");
    put("/etc/default/saslauthd-it's", kKeeps);
    EXPECT_NE(found(), "");
    fix();
    EXPECT_EQ(found(), "");
}

TEST_F(ServicesTest, LeavesASaslauthdAloneThatKeepsNothingForLong) {
    put_stack("smtp");
    for (const char* text :
         {"MECHANISMS=\"pam\"\nOPTIONS=\"-m /var/run/saslauthd\"\n",
          "MECHANISMS=\"pam\"\nOPTIONS=\"-c -t 30\"\n", "MECHANISMS=\"shadow\"\nOPTIONS=\"-c\"\n",
          "MECHANISMS=\"pam\"\n# OPTIONS=\"-c\"\n"}) {
        put(kSaslauthd, text);
        EXPECT_EQ(found(), "") << text;
    }
}

TEST_F(ServicesTest, EndsTheCacheOfSquid) {
    put_stack("proxy");
    put(kSquid, std::string("# first\n") + kProgram + "acl people proxy_auth REQUIRED\n");
    EXPECT_NE(found().find("two hours"), std::string::npos);
    fix();
    EXPECT_EQ(found(), "");
    EXPECT_EQ(text(kSquid), std::string("# first\n") + kProgram +
                                "auth_param basic credentialsttl 1 second\n"
                                "acl people proxy_auth REQUIRED\n");
    put(kSquid, std::string("auth_param basic credentialsttl 2 hours\n") + kProgram);
    EXPECT_NE(found().find("2 hours"), std::string::npos);
    fix();
    EXPECT_EQ(text(kSquid), std::string("auth_param basic credentialsttl 1 second\n") + kProgram);
    EXPECT_EQ(found(), "");
}

TEST_F(ServicesTest, TakesDebiansNameOfASquidServiceWhereNoneIsGiven) {
    put_stack("squid");
    put("/etc/squid/squid.conf",
        std::string(400'000, '#') + "\nauth_param basic program /usr/lib/squid/basic_pam_auth\n");
    EXPECT_NE(found().find("two hours"), std::string::npos);
}

TEST_F(ServicesTest, EndsTheCacheOfEjabberd) {
    put_stack("chat");
    put(kEjabberd, "auth_method: [pam]\npam_service: chat\n");
    EXPECT_NE(found().find("another hour"), std::string::npos);
    fix();
    EXPECT_EQ(text(kEjabberd), "auth_method: [pam]\npam_service: chat\n\nauth_use_cache: false\n");
    EXPECT_EQ(found(), "");
}

TEST_F(ServicesTest, ChangesWhatEjabberdHasOfItsCache) {
    put_stack("ejabberd");
    const std::string hosts = "host_config:\n  a.example:\n    auth_method:\n      - pam\n";
    const std::pair<std::string, std::string> files[] = {
        {"auth_use_cache: true\nauth_method: pam\n", "auth_use_cache: false\nauth_method: pam\n"},
        {"auth_method: [internal,pam]", "auth_method: [internal,pam]\nauth_use_cache: false\n"},
        {hosts + "    auth_use_cache: false\n",
         hosts + "    auth_use_cache: false\n\nauth_use_cache: false\n"},
        {"auth_use_cache: false\n" + hosts + "    auth_use_cache: true\n",
         "auth_use_cache: false\n" + hosts + "    auth_use_cache: false\n"},
        {hosts + "    auth_use_cache: true\n",
         hosts + "    auth_use_cache: false\n\nauth_use_cache: false\n"}};
    for (const auto& [before, after] : files) {
        put(kEjabberd, before);
        EXPECT_NE(found(), "") << before;
        fix();
        EXPECT_EQ(text(kEjabberd), after);
        EXPECT_EQ(found(), "") << after;
    }
}

TEST_F(ServicesTest, LeavesAnEjabberdAloneThatDoesNotAskPam) {
    put_stack("ejabberd");
    for (const char* method : {"internal", "[internal, ldap]", "external\nextauth_program: pam"}) {
        put(kEjabberd, std::string("auth_method: ") + method + "\n");
        EXPECT_EQ(found(), "") << method;
    }
}

TEST_F(ServicesTest, EndsTheTicketsOfSudo) {
    put_stack("sudo");
    put("/etc/sudoers", "Defaults env_reset\n", 0, 0440);
    put_folder("/etc/sudoers.d");
    put("/etc/sudoers.d/patd", "Defaults lecture=never", 0, 0440);
    EXPECT_TRUE(found().starts_with("note: sudo does not ask")) << found();
    fix();
    EXPECT_EQ(found(), "");
    EXPECT_TRUE(text("/etc/sudoers.d/patd").starts_with("Defaults lecture=never\n"));
}

TEST_F(ServicesTest, LetsPostgresqlTakeTokensOverTlsAlone) {
    put_stack("postgresql");
    put_stack("db");
    const std::string good =
        "local all postgres peer\n"
        "local all all pam\n"
        "host all all 127.0.0.1/32 pam\n"
        "host all all ::1/128 pam\n"
        "hostssl all all 0.0.0.0/0 pam\n"
        "hostgssenc all all 0.0.0.0/0 pam\n"
        "host all all 10.0.0.0/8 scram-sha-256\n"
        "host all all 10.0.0.0/8 pam pamservice=ldap\n"
        "host pam all 10.0.0.0/8 md5\n";
    put(kHba, good +
                  "host all all 0.0.0.0/0 pam\n"
                  "hostnossl all all 10.0.0.0 255.0.0.0 pam pamservice=\"db\"\n");
    EXPECT_EQ(find().size(), 2U) << found();
    fix();
    EXPECT_EQ(text(kHba), good +
                              "hostssl all all 0.0.0.0/0 pam\n"
                              "hostssl all all 10.0.0.0 255.0.0.0 pam pamservice=\"db\"\n");
    EXPECT_EQ(found(), "");
}

TEST_F(ServicesTest, LooksAtTheStacksToo) {
    put_stack("su", std::string(kTokenRule) + kAccountRule);
    EXPECT_NE(found().find("whom su does not ask"), std::string::npos);
}

}  // namespace
}  // namespace patd::cli::doctor
