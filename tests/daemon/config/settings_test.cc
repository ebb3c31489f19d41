// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/config/settings.h"

#include "common/base/service_limits.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace patd {
namespace {

const SettingOption& option(std::string_view key) {
    for (const SettingOption& candidate : setting_options()) {
        if (candidate.key == key)
            return candidate;
    }
    throw std::out_of_range("no such option");
}

// The option's value for `text`, as it is written back; "refused" if it is not valid.
std::string read(std::string_view key, std::string_view text) {
    Settings settings;
    const Result<void> assigned = assign(option(key), text, settings);
    if (!assigned)
        return settings == Settings() ? "refused" : "refused, but changed";
    return format_value(option(key), settings);
}

TEST(Settings, TheDefaultsAreTheCeilings) {
    const Settings settings;
    EXPECT_TRUE(settings.accept_store);
    EXPECT_EQ(settings.tokens_per_user, 1000U);
    EXPECT_EQ(settings.token_lifetime_max.count(), 0);
    EXPECT_EQ(settings.child_token_lifetime, std::chrono::minutes(10));
    EXPECT_EQ(settings.child_token_lifetime_max, std::chrono::hours(1));
    EXPECT_EQ(settings.unlock_max, std::chrono::hours(8));
    EXPECT_EQ(settings.expose_max, std::chrono::hours(24));
    EXPECT_EQ(settings.operation_idle, std::chrono::seconds(60));
    EXPECT_EQ(settings.line_connections, 1024U);
    EXPECT_EQ(settings.line_connections_per_user, 256U);
    EXPECT_EQ(settings.audit_events_per_user, 10000U);
    EXPECT_EQ(settings.expiry_notice, std::chrono::hours(7 * 24));
    EXPECT_EQ(settings.on_reuse, OnReuse::Alarm);
    EXPECT_FALSE(settings.record_units);
}

TEST(Settings, TheGatewayIsOnThisMachineOrBehindTls) {
    EXPECT_FALSE(Settings().gateway_origin);
    EXPECT_EQ(Settings().gateway_account, "patd-http-gateway");
    EXPECT_EQ(read("GatewayOrigin", "http://127.0.0.1:9200"), "http://127.0.0.1:9200");
    EXPECT_EQ(read("GatewayOrigin", "http://[::1]:9200"), "http://[::1]:9200");
    EXPECT_EQ(read("GatewayOrigin", "HTTP://LOCALHOST:9200"), "http://localhost:9200");
    EXPECT_EQ(read("GatewayOrigin", "https://gateway.example"), "https://gateway.example");
    EXPECT_EQ(read("GatewayOrigin", ""), "");
    for (const char* bad : {"http://gateway.example", "http://127.0.0.1.evil.example", "127.0.0.1",
                            "http://127.0.0.1:9200/", "imap://127.0.0.1", "http://10.0.0.1:9200"})
        EXPECT_EQ(read("GatewayOrigin", bad), "refused") << bad;
    EXPECT_EQ(read("GatewayAccount", "patd-http2"), "patd-http2");
    for (const char* bad : {"a b", "-x", "a:b"})
        EXPECT_EQ(read("GatewayAccount", bad), "refused") << bad;
}

TEST(Settings, NamesAreOfAccountsAndNotTooMany) {
    EXPECT_EQ(read("ServiceAccounts", "gitea"), "gitea");
    EXPECT_EQ(read("ServiceAccounts", "  gitea   _forge1 w.ww@example "),
              "gitea _forge1 w.ww@example");
    for (const char* bad : {"a,b", "-x", "a:b", "a\tb", "\"a\"", "a/b", "\xc3\xa4"})
        EXPECT_EQ(read("ServiceAccounts", bad), "refused") << bad;
    EXPECT_EQ(read("ServiceAccounts", std::string(33, 'x')), "refused");
    std::string names;
    for (std::size_t i = 0; i < limits::kServiceAccounts; ++i)
        names += (i == 0 ? "" : " ") + std::string("a") + std::to_string(i);
    EXPECT_EQ(read("ServiceAccounts", names), names);
    EXPECT_EQ(read("ServiceAccounts", names + " more"), "refused");
}

TEST(Settings, EveryOptionHasANameOfItsOwnAndADefaultThatItTakes) {
    std::set<std::string_view> keys;
    for (const SettingOption& each : setting_options()) {
        EXPECT_TRUE(keys.insert(each.key).second) << each.key;
        const std::string value = format_value(each, Settings());
        EXPECT_EQ(read(each.key, value), value) << each.key;
    }
}

TEST(Settings, NothingSetsAnOptionBackToItsDefault) {
    Settings settings;
    ASSERT_TRUE(assign(option("TokensPerUser"), "5", settings));
    ASSERT_TRUE(assign(option("AcceptStore"), "no", settings));
    ASSERT_TRUE(assign(option("UnlockMax"), "1h", settings));
    EXPECT_FALSE(settings == Settings());
    for (const SettingOption& each : setting_options())
        ASSERT_TRUE(assign(each, "", settings));
    EXPECT_TRUE(settings == Settings());
}

TEST(Settings, AFlagIsOneOfSystemdsWords) {
    for (const char* yes : {"yes", "true", "on", "1"})
        EXPECT_EQ(read("AcceptStore", yes), "yes") << yes;
    for (const char* no : {"no", "false", "off", "0"})
        EXPECT_EQ(read("AcceptStore", no), "no") << no;
    for (const char* bad : {"Yes", "YES", "y", "2", "yes no", "\"yes\"", "ye", "yess"})
        EXPECT_EQ(read("AcceptStore", bad), "refused") << bad;
}

TEST(Settings, ANumberIsDecimalAndInsideItsBounds) {
    EXPECT_EQ(read("TokensPerUser", "1"), "1");
    EXPECT_EQ(read("TokensPerUser", "1000"), "1000");
    for (const char* bad : {"0", "1001", "-1", "+1", "1.5", "1e2", "0x10", "ten", "1 0",
                            "1000000000000000000000", "18446744073709551617", "5s", "infinity"})
        EXPECT_EQ(read("TokensPerUser", bad), "refused") << bad;
}

TEST(Settings, ATimeHasAUnitOrIsInSeconds) {
    const std::vector<std::pair<const char*, const char*>> good = {
        {"60", "1min"},   {"60s", "1min"}, {"60sec", "1min"},   {"61", "61s"},
        {"5min", "5min"}, {"5m", "5min"},  {"10 min", "10min"}, {"5 minutes", "5min"}};
    for (const auto& [text, written] : good)
        EXPECT_EQ(read("ChildTokenLifetime", text), written) << text;
    EXPECT_EQ(read("UnlockMax", "2h"), "2h");
    EXPECT_EQ(read("TokenLifetimeMax", "90d"), "90d");
    EXPECT_EQ(read("TokenLifetimeMax", "2w"), "14d");
    EXPECT_EQ(read("TokenLifetimeMax", "1y"), "365d");
    EXPECT_EQ(read("TokenLifetimeMax", "infinity"), "infinity");
    for (const char* bad : {"59", "601", "11min", "1h", "infinity", "-5min", "5 months", "min",
                            "5min 10s", "0", "5M", "9223372036854775807h", "99999999999999999999"})
        EXPECT_EQ(read("ChildTokenLifetime", bad), "refused") << bad;
    for (const char* bad : {"0", "59min", "3661d", "9223372036854775807w"})
        EXPECT_EQ(read("TokenLifetimeMax", bad), "refused") << bad;
}

TEST(Settings, AWordIsOneOfTheClosedList) {
    EXPECT_EQ(read("OnReuse", "alarm"), "alarm");
    EXPECT_EQ(read("OnReuse", "revoke"), "revoke");
    for (const char* bad : {"Alarm", "revoked", "delete", "yes", "alarm revoke", "0"})
        EXPECT_EQ(read("OnReuse", bad), "refused") << bad;
}

TEST(Settings, ATimeThatMayBeNothingIsOff) {
    EXPECT_EQ(read("ExpiryNotice", "0"), "0d");
    EXPECT_EQ(read("ExpiryNotice", "90d"), "90d");
    EXPECT_EQ(read("ExpiryNotice", "12h"), "12h");
    for (const char* bad : {"91d", "-1", "infinity", "never"})
        EXPECT_EQ(read("ExpiryNotice", bad), "refused") << bad;
}

TEST(Settings, ARefusalSaysWhatTheOptionTakes) {
    const auto context = [](const char* key) {
        Settings settings;
        return assign(option(key), "nonsense", settings).error().context;
    };
    EXPECT_EQ(context("AcceptStore"), "AcceptStore= takes yes or no");
    EXPECT_EQ(context("TokensPerUser"), "TokensPerUser= takes a number from 1 to 1000");
    EXPECT_EQ(context("UnlockMax"), "UnlockMax= takes a time from 1min to 8h");
    EXPECT_EQ(context("TokenLifetimeMax"),
              "TokenLifetimeMax= takes a time from 1h to 3660d, or infinity");
    EXPECT_EQ(context("OnReuse"), "OnReuse= takes alarm or revoke");
    EXPECT_EQ(context("ExpiryNotice"), "ExpiryNotice= takes a time from 0d to 90d");
}

}  // namespace
}  // namespace patd
