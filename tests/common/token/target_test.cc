// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/token/target.h"

#include "common/base/limits.h"

#include <gtest/gtest.h>

#include <string>

namespace patd {
namespace {

struct HostCase {
    const char* host;
    const char* normal;  // nullptr: refused
};

// Row C5: the closed grammar of hosts, good and bad, one row each.
constexpr HostCase kHosts[] = {
    {"git.example", "git.example"},
    {"localhost", "localhost"},
    {"a", "a"},
    {"1", "1"},
    {"a.b.c.d.e.f", "a.b.c.d.e.f"},
    {"git-1.example", "git-1.example"},
    {"a--b.example", "a--b.example"},
    {"xn--bcher-kva.example", "xn--bcher-kva.example"},
    {"127.0.0.1", "127.0.0.1"},
    {"3com.example", "3com.example"},
    {"git.example:443", "git.example"},
    {"git.example:80", "git.example:80"},
    {"git.example:8443", "git.example:8443"},
    {"git.example:1", "git.example:1"},
    {"git.example:65535", "git.example:65535"},
    {"127.0.0.1:3000", "127.0.0.1:3000"},
    {"[::1]", "[::1]"},
    {"[::1]:443", "[::1]"},
    {"[::1]:8443", "[::1]:8443"},
    {"[2001:db8::1]", "[2001:db8::1]"},
    {"[2001:db8:1:2:3:4:5:6]", "[2001:db8:1:2:3:4:5:6]"},
    {"[::]", "[::]"},
    {"[::ffff:192.0.2.1]", "[::ffff:192.0.2.1]"},
    // Nothing where a name must be.
    {"", nullptr},
    {":443", nullptr},
    {".", nullptr},
    {"..", nullptr},
    {"-", nullptr},
    {"[]", nullptr},
    {"[", nullptr},
    {"]", nullptr},
    // Trailing and doubled dots: another name for the same host in some resolvers.
    {"git.example.", nullptr},
    {".git.example", nullptr},
    {"git..example", nullptr},
    {"git.example.:443", nullptr},
    // Case: one host, one spelling.
    {"Git.example", nullptr},
    {"GIT.EXAMPLE", nullptr},
    {"git.examplE", nullptr},
    {"[2001:DB8::1]", nullptr},
    // Userinfo.
    {"user@git.example", nullptr},
    {"user:password@git.example", nullptr},
    {"git.example@evil.example", nullptr},
    {"@git.example", nullptr},
    {"git.example:443@evil.example", nullptr},
    // Ports.
    {"git.example:", nullptr},
    {"git.example:0", nullptr},
    {"git.example:00443", nullptr},
    {"git.example:0443", nullptr},
    {"git.example:65536", nullptr},
    {"git.example:99999999999", nullptr},
    {"git.example:-1", nullptr},
    {"git.example:+443", nullptr},
    {"git.example: 443", nullptr},
    {"git.example:443x", nullptr},
    {"git.example:https", nullptr},
    {"git.example:443:443", nullptr},
    {"git.example:443:80", nullptr},
    {"git.example:0x1bb", nullptr},
    // Escapes, separators and parts of a URL that are no host.
    {"git.example%00.evil.example", nullptr},
    {"git%2eexample", nullptr},
    {"git.example%2f", nullptr},
    {"git.example/", nullptr},
    {"git.example/path", nullptr},
    {"git.example\\evil", nullptr},
    {"git.example?query", nullptr},
    {"git.example#fragment", nullptr},
    {"git.example;x", nullptr},
    {"git.example,evil.example", nullptr},
    {"https://git.example", nullptr},
    {"//git.example", nullptr},
    // Wildcards.
    {"*", nullptr},
    {"*.example", nullptr},
    {"git.*", nullptr},
    {"git.exampl?", nullptr},
    // Spaces and control characters.
    {" git.example", nullptr},
    {"git.example ", nullptr},
    {"git .example", nullptr},
    {"git.example\t", nullptr},
    {"git.example\r", nullptr},
    {"git.example\n", nullptr},
    {"git.example\x7f", nullptr},
    // Names that are no ASCII host names.
    {"b\xc3\xbc"
     "cher.example",
     nullptr},
    {"git\xe3\x80\x82"
     "example",
     nullptr},
    {"\xd0\xb0pple.example", nullptr},
    {"git_hub.example", nullptr},
    {"-git.example", nullptr},
    {"git-.example", nullptr},
    {"git.-example", nullptr},
    {"git.example-", nullptr},
    // IPv6: one address, one spelling; no zone.
    {"::1", nullptr},
    {"2001:db8::1", nullptr},
    {"[::1", nullptr},
    {"::1]", nullptr},
    {"[::1]x", nullptr},
    {"[::1].example", nullptr},
    {"x[::1]", nullptr},
    {"[::1]:", nullptr},
    {"[::1]:0", nullptr},
    {"[::1]443", nullptr},
    {"[[::1]]", nullptr},
    {"[0:0:0:0:0:0:0:1]", nullptr},
    {"[2001:db8:0:0:0:0:0:1]", nullptr},
    {"[2001:0db8::1]", nullptr},
    {"[fe80::1%eth0]", nullptr},
    {"[fe80::1%25eth0]", nullptr},
    {"[1.2.3.4]", nullptr},
    {"[::1::]", nullptr},
    {"[v1.x]", nullptr},
    {"[::g]", nullptr},
};

TEST(Origin, FollowsTheHostTable) {
    static_assert(std::size(kHosts) >= 80);
    for (const HostCase& row : kHosts) {
        const auto origin = Origin::parse("https", row.host);
        ASSERT_EQ(origin.has_value(), row.normal != nullptr) << row.host;
        if (origin)
            EXPECT_EQ(origin->text(), std::string("https://") + row.normal);
        else
            EXPECT_EQ(origin.error().code, Errc::InvalidTarget);
    }
}

// Row C5, the property: what is printed parses to itself, in both forms of parse.
TEST(Origin, ComesBackFromItsText) {
    for (const HostCase& row : kHosts) {
        for (const char* protocol : {"https", "http"}) {
            const auto origin = Origin::parse(protocol, row.host);
            if (!origin)
                continue;
            const auto again = Origin::parse(origin->text());
            ASSERT_TRUE(again) << row.host;
            EXPECT_EQ(*again, *origin) << row.host;
            EXPECT_EQ(Target::parse(origin->text()).value().text(), origin->text());
        }
    }
}

// Row C5.
TEST(Origin, ARefusedHostIsRefusedInEveryForm) {
    for (const HostCase& row : kHosts) {
        if (row.normal != nullptr)
            continue;
        EXPECT_FALSE(Origin::parse("http", row.host)) << row.host;
        EXPECT_FALSE(Origin::parse(std::string("https://") + row.host)) << row.host;
        // In a target a slash ends the host, and what follows is its path.
        if (std::string_view(row.host).find('/') == std::string_view::npos) {
            EXPECT_FALSE(Target::parse(std::string("https://") + row.host)) << row.host;
            EXPECT_FALSE(Target::parse(std::string("https://") + row.host + "/x")) << row.host;
        }
    }
}

TEST(Origin, KnowsHttpsAndHttpAndNothingElse) {
    EXPECT_EQ(Origin::parse("https", "a").value().text(), "https://a");
    EXPECT_EQ(Origin::parse("http", "a").value().text(), "http://a");
    for (const char* protocol : {"", "HTTPS", "Http", "ssh", "git", "file", "ftp", "https:",
                                 "httpss", " https", "https ", "h", "javascript", "cert", "smtp"})
        EXPECT_EQ(Origin::parse(protocol, "a").error().code, Errc::InvalidTarget) << protocol;
}

// Rows C4, C6: http and https are two origins.
TEST(Origin, ProtocolsAreDifferentOriginsEvenOnOnePort) {
    EXPECT_NE(Origin::parse("http", "a").value(), Origin::parse("https", "a").value());
    EXPECT_NE(Origin::parse("http", "a:443").value(), Origin::parse("https", "a").value());
    EXPECT_NE(Origin::parse("https", "a:80").value(), Origin::parse("http", "a").value());
}

TEST(Origin, DropsTheDefaultPortOfItsOwnProtocolOnly) {
    EXPECT_EQ(Origin::parse("https", "a:443").value().text(), "https://a");
    EXPECT_EQ(Origin::parse("http", "a:80").value().text(), "http://a");
    EXPECT_EQ(Origin::parse("http", "a:443").value().text(), "http://a:443");
}

TEST(Origin, KeepsToTheLengthsOfADnsName) {
    const std::string label63(63, 'a');
    EXPECT_TRUE(Origin::parse("https", label63 + ".example"));
    EXPECT_FALSE(Origin::parse("https", label63 + "a.example"));
    const std::string name253 =
        label63 + "." + label63 + "." + label63 + "." + std::string(61, 'a');
    ASSERT_EQ(name253.size(), 253U);
    EXPECT_TRUE(Origin::parse("https", name253 + ":65535"));
    EXPECT_FALSE(Origin::parse("https", name253 + "a"));
}

// Row C5.
TEST(Origin, ANulByteEndsNothing) {
    EXPECT_FALSE(Origin::parse("https", std::string_view("git.example\0", 12)));
    EXPECT_FALSE(Origin::parse("https", std::string_view("git.example\0.evil", 17)));
    EXPECT_FALSE(Origin::parse("https", std::string_view("[::1\0]", 6)));
    EXPECT_FALSE(Origin::parse(std::string_view("https\0", 6), "git.example"));
}

TEST(Target, TakesTheParametersOfAUrl) {
    const Target target = Target::parse("https://git.example:8443/team/tool.git/").value();
    EXPECT_EQ(target.origin().text(), "https://git.example:8443");
    EXPECT_EQ(target.path(), "team/tool.git");
    EXPECT_EQ(target.text(), "https://git.example:8443/team/tool.git");
    EXPECT_EQ(Target::parse("https://git.example/").value().path(), "");
    EXPECT_EQ(Target::parse("https://git.example").value().text(), "https://git.example");
}

// Row C5.
TEST(Target, RefusesWhatIsNoTarget) {
    for (const char* text : {"",
                             "git.example",
                             "https:git.example",
                             "https:/git.example",
                             "https://",
                             "https:///x",
                             "://git.example",
                             "//git.example",
                             "ssh://git.example/x",
                             "git@git.example:x",
                             "https://git.example/a?b",
                             "https://git.example/a#b",
                             "https://git.example?b",
                             "https://git.example//",
                             "https://git.example//a",
                             "https://git.example/a//",
                             "https://git.example/a//b",
                             "https://git.example/.",
                             "https://git.example/..",
                             "https://git.example/a/../b",
                             "https://git.example/a/./b",
                             "https://git.example/a/..",
                             "https://git.example/*",
                             "https://git.example/a/*",
                             "https://git.example/a b",
                             "https://git.example/a\\b",
                             "https://git.example/a\n",
                             "https://git.example/a\x7f",
                             "https://git.example/\xff",
                             "https://git.example/\xe2\x80\xae"
                             "a",
                             "https://alice@git.example/",
                             "https://alice:x@git.example/",
                             "https://*/",
                             "https://*.git.example/",
                             " https://git.example/",
                             "https://git.example:/a",
                             "https://git.example:443443/a",
                             "HTTPS://git.example/a"}) {
        const auto target = Target::parse(text);
        ASSERT_FALSE(target) << text;
        EXPECT_EQ(target.error().code, Errc::InvalidTarget);
        EXPECT_TRUE(target.error().context.empty()) << "no bytes of the peer";
    }
}

TEST(Target, ComesBackFromItsText) {
    for (const char* text : {"https://a", "http://a:8080", "https://a/b", "https://a/b/c.git",
                             "https://[::1]:8443/x", "https://a/%41", "https://a/~u/...",
                             "https://a/\xc3\xbc", "https://a/.git", "https://a/-"}) {
        const auto target = Target::parse(text);
        ASSERT_TRUE(target) << text;
        EXPECT_EQ(target->text(), text);
        EXPECT_EQ(Target::parse(target->text()).value(), *target);
    }
}

TEST(Target, HasAPathOfAtMost256Bytes) {
    const std::string path(limits::kTargetPathBytes, 'p');
    EXPECT_TRUE(Target::parse("https://a/" + path));
    EXPECT_TRUE(Target::parse("https://a/" + path + "/"));
    EXPECT_FALSE(Target::parse("https://a/" + path + "p"));
}

struct CoversCase {
    const char* target;
    const char* origin;
    const char* path;
    bool covers;
};

// Row C4: a token goes to exactly its protocol, host and port, and to whole path segments.
TEST(Target, CoversExactlyItsOriginAndWholePathSegments) {
    const CoversCase cases[] = {
        {"https://git.example", "https://git.example", "", true},
        {"https://git.example", "https://git.example", "any/thing", true},
        {"https://git.example", "https://git.example:443", "", true},
        {"https://git.example:443", "https://git.example", "", true},
        {"https://git.example", "http://git.example", "", false},
        {"http://git.example", "https://git.example", "", false},
        {"https://git.example", "https://git.example:8443", "", false},
        {"https://git.example:8443", "https://git.example", "", false},
        {"https://git.example", "https://evil.git.example", "", false},
        {"https://git.example", "https://evilgit.example", "", false},
        {"https://git.example", "https://git.example.evil", "", false},
        {"https://git.example", "https://example", "", false},
        {"https://evil.git.example", "https://git.example", "", false},
        {"https://git.example/team", "https://git.example", "team", true},
        {"https://git.example/team", "https://git.example", "team/tool.git", true},
        {"https://git.example/team", "https://git.example", "team2", false},
        {"https://git.example/team", "https://git.example", "team.git", false},
        {"https://git.example/team", "https://git.example", "tea", false},
        {"https://git.example/team", "https://git.example", "Team", false},
        {"https://git.example/team", "https://git.example", "other/team", false},
        {"https://git.example/team", "https://git.example", "", false},
        {"https://git.example/team/tool", "https://git.example", "team", false},
        {"https://git.example/team", "https://other.example", "team", false},
    };
    for (const CoversCase& row : cases) {
        const Target target = Target::parse(row.target).value();
        EXPECT_EQ(target.covers(Origin::parse(row.origin).value(), row.path), row.covers)
            << row.target << " over " << row.origin << " " << row.path;
    }
}

TEST(Target, CoversNarrowerTargets) {
    const auto target = [](const char* text) { return Target::parse(text).value(); };
    EXPECT_TRUE(target("https://a").covers(target("https://a/b")));
    EXPECT_TRUE(target("https://a/b").covers(target("https://a/b/c")));
    EXPECT_FALSE(target("https://a/b").covers(target("https://a")));
    EXPECT_FALSE(target("https://a").covers(target("https://b")));
}

TEST(Target, SaysWithBearerHowTheServerTakesTheToken) {
    const Target plain = Target::parse("https://api.example/v1").value();
    const Target bearer = Target::parse("bearer+https://api.example:443/v1/").value();
    EXPECT_EQ(plain.scheme(), AuthScheme::Basic);
    EXPECT_EQ(bearer.scheme(), AuthScheme::Bearer);
    EXPECT_EQ(bearer.text(), "bearer+https://api.example/v1");
    EXPECT_EQ(bearer.url(), plain.text());
    EXPECT_EQ(bearer.origin(), plain.origin());
    EXPECT_NE(bearer, plain);
    EXPECT_TRUE(plain.covers(bearer));
    EXPECT_TRUE(bearer.covers(plain));
    EXPECT_EQ(Target::parse(bearer.text()).value(), bearer);
    for (const char* text :
         {"bearer+", "bearer+git.example", "Bearer+https://a", "BEARER+https://a", "bearer+ssh://a",
          "basic+https://a", "bearer https://a", "bearer+bearer+https://a", "+https://a",
          "bearer +https://a", "https+bearer://a", "bearer://a"})
        EXPECT_EQ(Target::parse(text).error().code, Errc::InvalidTarget) << text;
    EXPECT_EQ(Origin::parse("bearer+https", "a").error().code, Errc::InvalidTarget);
    EXPECT_EQ(Origin::parse("bearer+https://a").error().code, Errc::InvalidTarget);
}

TEST(TargetList, HasOneSchemeForAPlace) {
    EXPECT_EQ(parse_targets({"https://a/x", "bearer+https://a/x/"}).error().code,
              Errc::InvalidTarget);
    EXPECT_EQ(parse_targets({"bearer+https://a:443", "https://b", "https://a"}).error().code,
              Errc::InvalidTarget);
    EXPECT_EQ(parse_targets({"bearer+https://a/x", "bearer+https://a/x/"}).value().size(), 1U);
    EXPECT_EQ(parse_targets({"https://a", "bearer+https://a/x", "bearer+http://a"}).value().size(),
              3U);
}

TEST(TargetList, IsSortedAndWithoutDoubles) {
    const TargetList targets =
        parse_targets({"https://b", "https://a/x", "https://a", "https://b:443/"}).value();
    ASSERT_EQ(targets.size(), 3U);
    EXPECT_EQ(targets[0].text(), "https://a");
    EXPECT_EQ(targets[2].text(), "https://b");
    EXPECT_TRUE(parse_targets({}).value().empty());
}

TEST(TargetList, HasSoManyTargetsAtMostAndNoBadOne) {
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < limits::kTargetsPerToken; ++i)
        texts.push_back("https://host" + std::to_string(i));
    EXPECT_TRUE(parse_targets(texts));
    texts.emplace_back("https://one.more");
    EXPECT_EQ(parse_targets(texts).error().code, Errc::InvalidTarget);
    EXPECT_FALSE(parse_targets({"https://a", "https://*"}));
}

TEST(ParsePath, DropsOneSlashAtEachEnd) {
    EXPECT_EQ(parse_path("").value(), "");
    EXPECT_EQ(parse_path("/").value(), "");
    EXPECT_EQ(parse_path("/a/b.git/").value(), "a/b.git");
    EXPECT_EQ(parse_path("a").value(), "a");
    for (const char* path : {"//", "a//", "//a", "a//b", "..", "a/..", "./a", "a?b"})
        EXPECT_EQ(parse_path(path).error().code, Errc::InvalidTarget) << path;
    EXPECT_FALSE(parse_path(std::string_view("a\0b", 3)));
}

}  // namespace
}  // namespace patd
