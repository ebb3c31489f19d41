// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/dbus/token_dict.h"

#include "common/base/limits.h"
#include "daemon/context/peer_process.h"
#include "tests/support/service_fixture.h"

namespace patd {
namespace {

using support::kAlice;
using support::make_token;
using Strings = std::vector<std::string>;

using support::kNow;
constexpr ChangeKeys kAll[] = {ChangeKeys::Create, ChangeKeys::Import, ChangeKeys::Update,
                               ChangeKeys::Regenerate};

bus::Dict dict_of(const std::string& key, bus::Value value) {
    bus::Dict dict;
    dict.set(key, std::move(value));
    return dict;
}

Result<TokenChange> parse(const std::string& key, bus::Value value,
                          ChangeKeys keys = ChangeKeys::Update) {
    return parse_token_change(dict_of(key, std::move(value)), keys, kNow);
}

void expect_error(const Result<TokenChange>& result, Errc code, const std::string& what) {
    ASSERT_FALSE(result.has_value()) << what;
    EXPECT_EQ(result.error().code, code) << what;
}

TEST(TokenDict, IsEmptyWithoutOptions) {
    for (const ChangeKeys keys : kAll) {
        const TokenChange change = parse_token_change({}, keys, kNow).value();
        EXPECT_FALSE(change.description || change.permissions || change.targets || change.rules ||
                     change.username || change.expires || change.confirm || change.reinstate);
    }
}

struct KnownKey {
    const char* key;
    bus::Value value;
    bool create;
    bool import;
    bool update;
    bool regenerate;
};

// Exactly the keys that org.patd.Tokens1.xml documents for each method.
TEST(TokenDict, TakesForEachMethodTheKeysThatAreDocumentedForIt) {
    const KnownKey keys[] = {
        {"targets", Strings{"https://git.example"}, true, true, true, false},
        {"expires", kNow + 60, true, true, true, true},
        {"only-units", Strings{"backup.service"}, true, true, true, false},
        {"confirm", std::string("always"), true, true, true, false},
        {"username", std::string("alice"), false, true, true, true},
        {"secret-kind", std::string("aws"), false, true, false, false},
        {"through-gateway", true, false, true, true, false},
        {"permissions", Strings{"vcs"}, false, true, true, false},
        {"description", std::string("a laptop"), false, false, true, false},
        {"reinstate", true, false, false, true, false},
        {"id", std::string("abcdefghij"), false, false, false, false},
        {"owner", std::uint32_t{0}, false, false, false, false},
        {"uid", std::uint32_t{0}, false, false, false, false},
        {"state", std::string("active"), false, false, false, false},
        {"generation", std::uint32_t{1}, false, false, false, false},
        {"Targets", Strings{"https://git.example"}, false, false, false, false},
        {"", std::string(), false, false, false, false},
    };
    for (const KnownKey& known : keys) {
        const bool allowed[] = {known.create, known.import, known.update, known.regenerate};
        for (std::size_t i = 0; i < std::size(kAll); ++i) {
            const Result<TokenChange> change = parse(known.key, known.value, kAll[i]);
            ASSERT_EQ(change.has_value(), allowed[i]) << known.key << " " << i;
            if (!change)
                expect_error(change, Errc::UnknownOption, known.key);
        }
    }
}

TEST(TokenDict, RefusesAValueOfAnotherType) {
    for (const char* key : {"description", "permissions", "targets", "username", "expires",
                            "confirm", "reinstate", "through-gateway"})
        expect_error(parse(key, std::uint32_t{1}), Errc::MalformedRequest, key);
    expect_error(parse("expires", std::string("1800000060")), Errc::MalformedRequest, "text");
    expect_error(parse("targets", std::string("https://git.example")), Errc::MalformedRequest,
                 "one text");
}

TEST(TokenDict, KnowsTheKindsOfSecretsAndNamesThem) {
    const auto kind = [](const char* name) {
        return parse("secret-kind", std::string(name), ChangeKeys::Import);
    };
    EXPECT_EQ(kind("aws").value().secret_kind, SecretKind::Aws);
    EXPECT_EQ(kind("text").value().secret_kind, SecretKind::Text);
    for (const char* name : {"", "AWS", "docker"})
        expect_error(kind(name), Errc::UnknownOption, name);
    expect_error(parse("secret-kind", std::uint32_t{1}, ChangeKeys::Import), Errc::MalformedRequest,
                 "number");
}

TEST(TokenDict, RefusesADescriptionThatATableCannotShow) {
    const std::string longest(limits::kDescriptionBytes, 'd');
    EXPECT_EQ(parse("description", longest).value().description, longest);
    for (const std::string& text :
         {std::string(), longest + "d", std::string("a\nb"), std::string("a\tb"),
          std::string("a\x1b[31m"), std::string("a\0b", 3), std::string("a\x7f"),
          std::string("\xe2\x80\xae") + "txt", std::string("\xc2\x85"), std::string("\xff\xfe")})
        expect_error(parse("description", text), Errc::InvalidDescription, text);
}

TEST(TokenDict, RefusesPermissionsThatAreMalformedNoneOrTooMany) {
    Strings many;
    for (int i = 0; i < 65; ++i)
        many.push_back("a" + std::to_string(i));
    for (const Strings& texts :
         {Strings{}, Strings{""}, Strings{"vcs:"}, Strings{"vcs:repository:rx"}, Strings{"vcs:ro"},
          Strings{"VCS"}, Strings{"vcs:*"}, Strings{"vcs,wiki"},
          Strings{"vcs", "vcs:repository:rw:x"}, many})
        expect_error(parse("permissions", texts), Errc::InvalidPermission,
                     texts.empty() ? "none" : texts.front());
}

TEST(TokenDict, RefusesTargetsThatAreNotExact) {
    for (const char* text : {"",
                             "git.example",
                             "https://",
                             "https://*.example",
                             "https://git.example/*",
                             "https://alice@git.example",
                             "https://alice:x@git.example",
                             "https://git.example/a%2Fb",
                             "https://git.example.",
                             "https://git..example",
                             "https://git.example:0",
                             "https://git.example:65536",
                             "https://git.example/../x",
                             "https://git.example/a?b",
                             "https://git.example/a#b",
                             "https://git.example//a",
                             "ftp://git.example",
                             "https://g\xc3\xaft.example",
                             "https://git%2eexample",
                             "https://[fe80::1%25eth0]"})
        expect_error(parse("targets", Strings{"https://ok.example", text}), Errc::InvalidTarget,
                     text);
    Strings many;
    for (std::size_t i = 0; i <= limits::kTargetsPerToken; ++i)
        many.push_back("https://h" + std::to_string(i) + ".example");
    expect_error(parse("targets", many), Errc::InvalidTarget, "too many");
}

TEST(TokenDict, RefusesAnAccountNameThatCannotBeSent) {
    const std::string longest(limits::kUsernameBytes, 'u');
    EXPECT_EQ(parse("username", longest).value().username, longest);
    for (const std::string& text : {std::string(), longest + "u", std::string("a\nb"),
                                    std::string("a\0b", 3), std::string("\xff")})
        expect_error(parse("username", text), Errc::InvalidUsername, text);
    const std::string token = "ghp_" + std::string(36, '7');
    expect_error(parse("username", token), Errc::TokenAsUsername, token);
    EXPECT_TRUE(parse("username", std::string("gitea_deploy_production_bot")));
}

TEST(TokenDict, RefusesAnExpiryInThePastOrTooFarAhead) {
    for (const UnixTime expires : {UnixTime{0}, kNow + 1, kNow + limits::kExpirySecondsMax})
        EXPECT_EQ(parse("expires", expires).value().expires, expires);
    for (const UnixTime expires :
         {kNow, kNow - 1, UnixTime{1}, UnixTime{-1}, kNow + limits::kExpirySecondsMax + 1,
          std::numeric_limits<UnixTime>::max(), std::numeric_limits<UnixTime>::min()}) {
        for (const ChangeKeys keys : kAll)
            expect_error(parse("expires", expires, keys), Errc::InvalidExpiry,
                         std::to_string(expires));
    }
}

TEST(TokenDict, KnowsTwoValuesOfConfirm) {
    EXPECT_EQ(parse("confirm", std::string("always")).value().confirm, Confirm::Always);
    EXPECT_EQ(parse("confirm", std::string("never")).value().confirm, Confirm::Never);
    for (const char* text : {"", "Always", "sometimes", "always "})
        expect_error(parse("confirm", std::string(text)), Errc::UnknownOption, text);
}

TEST(TokenDict, RefusesUnitsThatAreMalformedOrTooMany) {
    for (const char* bad : {"", "backup", "a.timer", "job@.service", "a.service,b.service"})
        expect_error(parse("only-units", Strings{bad}), Errc::InvalidRule, bad);
    expect_error(parse("only-units", Strings(limits::kRulesPerToken + 1, "a.service")),
                 Errc::InvalidRule, "too many");
    expect_error(parse("only-units", std::string("a.service")), Errc::MalformedRequest, "type");
    EXPECT_TRUE(parse("only-units", Strings{}).value().rules->empty());
}

// Row D1: a list of a thousand tokens stays below what the bus carries.
TEST(TokenDict, RefusesTargetsThatAreTooLongTogether) {
    const auto targets_of = [](std::size_t bytes) {
        Strings targets;
        const std::string url = "https://git.example/";
        for (std::size_t i = 0; i < limits::kTargetsPerToken; ++i) {
            const std::string name = std::to_string(i) + "-";
            targets.push_back(
                url + name +
                std::string(bytes / limits::kTargetsPerToken - url.size() - name.size(), 'x'));
        }
        return targets;
    };
    EXPECT_TRUE(parse("targets", targets_of(limits::kTargetListBytes)));
    Strings longer = targets_of(limits::kTargetListBytes);
    longer.back() += "x";
    expect_error(parse("targets", longer), Errc::InvalidTarget, "8,193 bytes");
}

template <typename T>
T value_of(const bus::Dict& dict, const std::string& key) {
    const bus::Value* value = dict.find(key);
    return value == nullptr ? T{} : std::get<T>(*value);
}

TEST(TokenDict, DescribesATokenWithTheDocumentedKeys) {
    Token token = make_token(kAlice, TokenKind::Imported, {.expires = kNow + 60});
    token.provenance = Provenance::GitStore;
    const LastUse use{kNow - 5, 33, "release", "https://git.example"};
    const bus::Dict dict = describe(token, use, {kNow, kNow + 60});
    EXPECT_EQ(value_of<std::string>(dict, "id"), token.id.text());
    EXPECT_EQ(value_of<std::string>(dict, "kind"), "imported");
    EXPECT_EQ(value_of<std::string>(dict, "state"), "active");
    EXPECT_EQ(value_of<std::string>(dict, "provenance"), "git-store");
    EXPECT_EQ(value_of<std::string>(dict, "confirm"), "never");
    EXPECT_EQ(value_of<std::string>(dict, "description"), "a laptop");
    EXPECT_EQ(value_of<Strings>(dict, "permissions"), Strings{"vcs:repository:rw"});
    EXPECT_EQ(value_of<Strings>(dict, "targets"), Strings{"https://git.example"});
    EXPECT_EQ(value_of<Strings>(dict, "only-units"), Strings{});
    EXPECT_EQ(dict.find("only-units-are"), nullptr);
    EXPECT_EQ(value_of<std::string>(dict, "username"), "daemon");
    EXPECT_EQ(value_of<std::int64_t>(dict, "created"), kNow);
    EXPECT_EQ(value_of<std::int64_t>(dict, "expires"), kNow + 60);
    EXPECT_EQ(value_of<std::uint32_t>(dict, "generation"), 1U);
    EXPECT_EQ(value_of<std::int64_t>(dict, "last-used-at"), kNow - 5);
    EXPECT_EQ(value_of<std::uint32_t>(dict, "last-used-by"), 33U);
    EXPECT_EQ(value_of<std::string>(dict, "last-used-how"), "release");
    EXPECT_EQ(value_of<std::string>(dict, "last-used-where"), "https://git.example");
    EXPECT_EQ(value_of<std::string>(describe(token, use, {kNow + 60}), "state"), "expired");
    EXPECT_EQ(value_of<Strings>(dict, "refused-places"), Strings{});
    // git asks for it again.
    EXPECT_FALSE(value_of<bool>(dict, "expires-soon"));
    token.provenance = Provenance::User;
    token.refused = parse_targets({"https://git.example/team"}).value();
    const bus::Dict made_on_purpose = describe(token, use, {kNow, kNow + 60});
    EXPECT_TRUE(value_of<bool>(made_on_purpose, "expires-soon"));
    EXPECT_EQ(value_of<Strings>(made_on_purpose, "refused-places"),
              Strings{"https://git.example/team"});
    for (const DescribedAt at :
         {DescribedAt{kNow, kNow + 59}, DescribedAt{kNow, 0}, DescribedAt{kNow + 60, kNow + 90}})
        EXPECT_FALSE(value_of<bool>(describe(token, use, at), "expires-soon"));
    token.state = TokenState::Rejected;
    EXPECT_EQ(value_of<std::string>(describe(token, use, {kNow}), "state"), "rejected");
    token.rules = ReleaseRules::parse({"backup.service"}).value();
    const bus::Dict ruled = describe(token, use, {kNow});
    EXPECT_EQ(value_of<Strings>(ruled, "only-units"), Strings{"backup.service"});
    EXPECT_EQ(value_of<std::string>(ruled, "only-units-are"),
              has_peer_descriptors() ? "enforced" : "advisory");
}

}  // namespace
}  // namespace patd
