// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "http/http_settings.h"

#include "tests/support/config_tree.h"

#include <gtest/gtest.h>

namespace patd::web {
namespace {

class HttpSettingsTest : public ::testing::Test {
  protected:
    HttpSettings read(const std::string& text) {
        tree_.write("/etc/patd/http.d/10.conf", text);
        faults_.clear();
        return read_http_settings(tree_.path(""), faults_);
    }

    support::ConfigTree tree_;
    std::vector<ConfigFault> faults_;
};

TEST_F(HttpSettingsTest, WithoutAFileOnlyServersAreBelieved) {
    const HttpSettings settings = read_http_settings(tree_.path(""), faults_);
    EXPECT_TRUE(faults_.empty());
    EXPECT_TRUE(settings.introspection_accounts.empty());
    EXPECT_EQ(settings.server_accounts.front(), Uid(33));  // www-data of every Debian
    EXPECT_EQ(settings.issuer, "");
    EXPECT_FALSE(settings.tls_in_front);
}

TEST_F(HttpSettingsTest, TakesWhatTheManualDescribes) {
    const HttpSettings settings = read(
        "[Http]\nIntrospectionAccounts=root  www-data nobody-has-this-name\n"
        "ServerAccounts=root\nIssuer=https://tokens.example\nTlsInFront=yes\n");
    EXPECT_TRUE(faults_.empty());
    EXPECT_EQ(settings.introspection_accounts, (std::vector{Uid(0), Uid(33)}));
    EXPECT_EQ(settings.server_accounts, std::vector{Uid(0)});
    EXPECT_EQ(settings.issuer, "https://tokens.example");
    EXPECT_TRUE(settings.tls_in_front);
    ASSERT_EQ(settings.unknown_accounts.size(), 1U);
    EXPECT_EQ(settings.unknown_accounts[0].line, 2U);
    EXPECT_EQ(settings.unknown_accounts[0].text,
              "IntrospectionAccounts= names nobody-has-this-name, an account that this machine "
              "does not have");
}

// What is no account's name may be anything.
TEST_F(HttpSettingsTest, RepeatsOnlyWhatLooksLikeAnAccount) {
    for (const char* name : {"ghp_Secret", "a-name-that-is-longer-than-any-account", "a.b"}) {
        const HttpSettings settings = read(std::string("[Http]\nServerAccounts=") + name + "\n");
        ASSERT_EQ(settings.unknown_accounts.size(), 1U) << name;
        EXPECT_EQ(settings.unknown_accounts[0].text.find(name), std::string::npos);
    }
    EXPECT_TRUE(read("[Http]\nServerAccounts=root\n").unknown_accounts.empty());
}

TEST_F(HttpSettingsTest, NoFileMakesAServerTheGateway) {
    EXPECT_TRUE(read("[Http]\nServerAccounts=root\n").gateway_accounts.empty());
    const HttpSettings settings = gateway_settings();
    EXPECT_TRUE(settings.introspection_accounts.empty());
    EXPECT_TRUE(settings.server_accounts.empty());
    EXPECT_FALSE(settings.tls_in_front);
}

TEST_F(HttpSettingsTest, NobodyMayBeNamed) {
    EXPECT_TRUE(read("[Http]\nServerAccounts=\n").server_accounts.empty());
    EXPECT_TRUE(faults_.empty());
}

TEST_F(HttpSettingsTest, NamesTheLineOfAFault) {
    std::string many = "[Http]\nServerAccounts=";
    for (int i = 0; i < 65; ++i)
        many += "root ";
    for (const std::string& text :
         {std::string("[Http]\nTlsInFront=maybe\n"), std::string("[Http]\nIssuer=nobody\n"),
          std::string("[Http]\nhunter2=1\n"), std::string("[Http]\nhunter2\n"),
          std::string("\n[Patd]\n"), std::string("#\nTlsInFront=yes\n"), many}) {
        (void)read(text);
        ASSERT_EQ(faults_.size(), 1U) << text;
        EXPECT_EQ(faults_[0].line, 2U) << text;
        EXPECT_EQ(format_fault(faults_[0]).find("hunter2"), std::string::npos);
    }
}

}  // namespace
}  // namespace patd::web
