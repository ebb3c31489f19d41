// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/text/status_text.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

constexpr UnixTime kStatusNow = 1'800'000'000;

client::Dictionary of_user() {
    client::Dictionary status;
    status.set("version", "0.1.0");
    status.set("user", "alice");
    status.set("uid", std::uint32_t{1000});
    status.set("locked", false);
    status.set("tokens", std::uint32_t{3});
    status.set("tokens-max", std::uint32_t{1000});
    status.set("token-lifetime-max", std::int64_t{0});
    status.set("schema", std::uint32_t{1});
    status.set("key-source", "credential");
    status.set("started", kStatusNow - 7200);
    status.set("config-loaded", kStatusNow - 300);
    return status;
}

client::Dictionary of_root() {
    client::Dictionary status = of_user();
    status.set("key-file", "/etc/key.cred");
    status.set("key-sealed-by", "host+tpm2");
    status.set("clock", "right");
    status.set("store", "/var/lib/patd");
    status.set("store-bytes", std::int64_t{5} << 20);
    status.set("tokens-all", std::uint32_t{17});
    status.set("config-files", std::uint32_t{2});
    status.set("config-refused", false);
    std::int64_t total = 100;
    for (const char* name : {"releases", "verifies", "refusals"}) {
        status.set(name, total++);
        status.set(std::string(name) + "-minute", std::uint32_t{7});
    }
    return status;
}

TEST(StatusText, ShowsAUserWhatConcernsHim) {
    client::Dictionary status = of_user();
    status.set("mode", "system");
    status.set("service-password", true);
    status.set("release-rules", "enforced");
    EXPECT_EQ(format_status(status, {.git_asks = true, .exposures = 0}, kStatusNow),
              "User           alice (1000)\n"
              "Service        patd 0.1.0 (system), up 2 hours\n"
              "Password       set\n"
              "Locked         no\n"
              "Tokens         3 of at most 1000\n"
              "git            asks patd\n"
              "Exposures      none\n"
              "Release rules  enforced\n");
}

TEST(StatusText, NamesTheCommandForWhatIsLacking) {
    client::Dictionary status = of_user();
    status.set("service-password", false);
    const std::string text = format_status(status, {.git_asks = false, .exposures = 2}, kStatusNow);
    for (const char* part : {"Password   not set; run 'patctl passwd'\n",
                             "git        does not ask patd; run 'patctl setup git'\n",
                             "Exposures  2; see 'patctl expose'\n"})
        EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
}

TEST(StatusText, NamesTheGatewayWhereThereIsOne) {
    client::Dictionary status = of_user();
    EXPECT_EQ(format_status(status, {}, kStatusNow).find("Gateway"), std::string::npos);
    status.set("gateway", "http://127.0.0.1:9200");
    EXPECT_NE(format_status(status, {}, kStatusNow).find("http://127.0.0.1:9200\n"),
              std::string::npos);
}

TEST(StatusText, SaysNothingOfWhatNobodyCanSay) {
    const std::string text = format_status(of_user(), {}, kStatusNow);
    for (const char* name : {"Password", "git", "Exposures"})
        EXPECT_EQ(text.find(name), std::string::npos) << name;
}

TEST(StatusText, SaysWhoHasToWaitAfterWrongPasswords) {
    client::Dictionary status = of_root();
    status.set("password-wait", std::uint32_t{41});
    status.set("password-waits", std::vector<std::string>{"alice 12"});
    const std::string text = format_status(status, {}, kStatusNow);
    EXPECT_NE(text.find("next try in 41 s\n"), std::string::npos) << text;
    EXPECT_NE(text.find("alice has to wait for 12 s; 'patctl admin passwd alice' ends it"),
              std::string::npos)
        << text;
}

TEST(StatusText, SaysHowManyTokensExpireSoon) {
    client::Dictionary status = of_user();
    status.set("tokens-expiring", std::uint32_t{1});
    EXPECT_NE(format_status(status, {}, kStatusNow)
                  .find("3 of at most 1000; 1 expires soon, see 'patctl list'\n"),
              std::string::npos);
    status.set("tokens-expiring", std::uint32_t{2});
    EXPECT_NE(format_status(status, {}, kStatusNow).find("2 expire soon,"), std::string::npos);
}

TEST(StatusText, ShowsRootTheKeyTheStoreAndTheRates) {
    EXPECT_EQ(format_status(of_root(), {}, kStatusNow),
              "User      alice (1000)\n"
              "Service   patd 0.1.0, up 2 hours\n"
              "Locked    no\n"
              "Tokens    3 of at most 1000\n"
              "Key       sealed by the TPM and a key file of this machine, /etc/key.cred\n"
              "Config    loaded 5 minutes ago, 2 files\n"
              "Store     /var/lib/patd, 5 MiB, 17 tokens of all users, schema 1\n"
              "Releases  7 in the last minute, 100 since the start\n"
              "Verifies  7 in the last minute, 101 since the start\n"
              "Refusals  7 in the last minute, 102 since the start\n");
}

TEST(StatusText, WrapsBetweenWords) {
    EXPECT_NE(format_status(of_root(), {}, kStatusNow, {.width = 50})
                  .find("Key       sealed by the TPM and a key file of this\n"
                        "          machine, /etc/key.cred\n"),
              std::string::npos);
}

TEST(StatusText, NamesTheFixOfWhatIsWrong) {
    client::Dictionary status = of_root();
    status.set("locked", true);
    status.set("config-refused", true);
    status.set("key-source", "file");
    status.set("token-lifetime-max", std::int64_t{90 * 24 * 3600});
    const std::string text = format_status(status, {}, kStatusNow);
    for (const char* part : {"yes; run 'patctl unlock'", "run 'patctl admin check-config'",
                             "from a file", "Expiry    required, at most 90 days ahead"})
        EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
}

// Row S18.
TEST(StatusText, SaysWhetherATpmIsNeededForTheKey) {
    const std::pair<const char*, const char*> cases[] = {
        {"tpm2", "Key       sealed by the TPM, /"},
        {"host", "Key       sealed by a key file of this machine; TPM: no, /"},
        {"null", "Key       not sealed, /"},
        {"", "Key       sealed in an unknown way, /"},
    };
    client::Dictionary status = of_root();
    for (const auto& [by, line] : cases) {
        status.set("key-sealed-by", by);
        EXPECT_NE(format_status(status, {}, kStatusNow).find(line), std::string::npos) << by;
    }
}

// Row S18.
TEST(StatusText, SaysThatTheTpmOfTheMachineIsNotUsed) {
    client::Dictionary status = of_root();
    status.set("key-sealed-by", "host");
    EXPECT_EQ(format_status(status, {}, kStatusNow).find("this machine has one"),
              std::string::npos);
    status.set("tpm-unused", true);
    EXPECT_NE(
        format_status(status, {}, kStatusNow).find("TPM: no, /etc/key.cred; this machine has one"),
        std::string::npos);
}

TEST(StatusText, SaysWhenTheClockIsNotBelieved) {
    client::Dictionary status = of_root();
    status.set("time", kStatusNow);
    for (const char* clock : {"ahead", "behind", "unknown"}) {
        status.set("clock", clock);
        EXPECT_NE(format_status(status, {}, kStatusNow).find("\nClock     "), std::string::npos)
            << clock;
    }
}

TEST(StatusText, AnAnswerOfAnOlderServiceIsShownAsFarAsItGoes) {
    client::Dictionary status;
    status.set("user", "al\x1b[31mice");
    const std::string text = format_status(status, {}, kStatusNow);
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_EQ(text.find("Key"), std::string::npos);
    EXPECT_EQ(text.find("Config"), std::string::npos);
}

TEST(StatusText, SaysWhichServiceAnsweredAndWhy) {
    client::Dictionary status = of_user();
    status.set("mode", "user");
    status.set("key-source", "keyring");
    const std::string text = format_status(status, {}, kStatusNow);
    EXPECT_NE(text.find("your own service on the session bus, because of --session"),
              std::string::npos);
    EXPECT_NE(text.find("from your keyring"), std::string::npos);
}

TEST(StatusText, SaysWhyAStoreBehindAKeyringIsClosed) {
    client::Dictionary status;
    status.set("version", "0.1.0");
    status.set("user", "alice");
    status.set("uid", std::uint32_t{1000});
    status.set("mode", "user");
    status.set("keyring", "StoreLocked");
    const std::string text = format_status(status, {}, kStatusNow);
    EXPECT_NE(text.find("Your keyring is locked"), std::string::npos);
    EXPECT_EQ(text.find("Tokens"), std::string::npos);
}

}  // namespace
}  // namespace patd::cli
