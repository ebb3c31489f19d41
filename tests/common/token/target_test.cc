// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/token/target.h"

#include "common/base/limits.h"

#include <gtest/gtest.h>
#include <strings.h>

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
    // Empty where a name must be.
    {"", nullptr},
    {":443", nullptr},
    {".", nullptr},
    {"..", nullptr},
    {"-", nullptr},
    {"[]", nullptr},
    {"[", nullptr},
    {"]", nullptr},
    // Trailing and doubled dots: some resolvers take them as other names for the same host.
    {"git.example.", nullptr},
    {".git.example", nullptr},
    {"git..example", nullptr},
    {"git.example.:443", nullptr},
    // Case: one host in all spellings.
    {"Git.example", "git.example"},
    {"GIT.EXAMPLE", "git.example"},
    {"git.examplE", "git.example"},
    {"[2001:DB8::1]", "[2001:db8::1]"},
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
    // Escapes, separators and parts of a URL that are not a host.
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
    // Names that are not ASCII host names.
    {"b\xc3\xbc"
     "cher.example",
     nullptr},
    {"git\xe3\x80\x82"
     "example",
     nullptr},
    {"\xd0\xb0pple.example", nullptr},
    {"git_hub.example", "git_hub.example"},
    {"-git.example", nullptr},
    {"git-.example", nullptr},
    {"git.-example", nullptr},
    {"git.example-", nullptr},
    // IPv6: one address in all spellings; no zone.
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
    {"[0:0:0:0:0:0:0:1]", "[::1]"},
    {"[2001:db8:0:0:0:0:0:1]", "[2001:db8::1]"},
    {"[2001:0db8::1]", "[2001:db8::1]"},
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

// Row C5, the property: printed text parses to itself, in both forms of parse.
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
        // In a target a slash ends the host, and the rest is its path.
        if (std::string_view(row.host).find('/') == std::string_view::npos) {
            EXPECT_FALSE(Target::parse(std::string("https://") + row.host)) << row.host;
            EXPECT_FALSE(Target::parse(std::string("https://") + row.host + "/x")) << row.host;
        }
    }
}

TEST(Origin, KnowsTheProtocolsOfTheWebAndOfMailAndNothingElse) {
    for (const char* protocol : {"https", "http", "smtp", "imap", "imaps", "aws", "vault"}) {
        EXPECT_EQ(Origin::parse(protocol, "a").value().text(), std::string(protocol) + "://a");
        EXPECT_TRUE(is_known_protocol(protocol));
    }
    EXPECT_EQ(Origin::parse("HTTPS", "a").value().text(), "https://a");
    EXPECT_EQ(Origin::parse("Http", "a").value().text(), "http://a");
    for (const char* protocol :
         {"", "ssh", "git", "file", "ftp", "https:", "httpss", " https", "https ", "h",
          "javascript", "cert", "smtps", "bearer+https", "http\x01", "\xc5\xbfmtp"}) {
        EXPECT_EQ(Origin::parse(protocol, "a").error().code, Errc::InvalidTarget) << protocol;
        EXPECT_FALSE(is_known_protocol(protocol)) << protocol;
    }
}

TEST(Origin, HasProtocolHostAndPort) {
    const auto parts = [](const char* protocol, const char* host) {
        const Origin origin = Origin::parse(protocol, host).value();
        return std::string(origin.protocol()) + " " + std::string(origin.host()) + " " +
               std::string(origin.host_and_port());
    };
    EXPECT_EQ(parts("https", "Git.Example:443"), "https git.example git.example");
    EXPECT_EQ(parts("http", "a:443"), "http a a:443");
    EXPECT_EQ(parts("smtp", "mail.example:465"), "smtp mail.example mail.example:465");
    EXPECT_EQ(parts("https", "[::1]"), "https [::1] [::1]");
    EXPECT_EQ(parts("imaps", "[::1]:1"), "imaps [::1] [::1]:1");
}

// Rows C4, C5, the property: of all hosts that differ from this one in one byte, or have one more,
// only those that differ in case are the same.
TEST(Origin, FoldsNoTwoHostsButThoseThatDifferInCase) {
    const std::string host = "git.example:8443";
    const Origin origin = Origin::parse("https", host).value();
    const auto expect_another = [&](const std::string& other) {
        const Result<Origin> found = Origin::parse("https", other);
        const bool is_same = found && *found == origin;
        EXPECT_TRUE(!is_same || ::strcasecmp(other.c_str(), host.c_str()) == 0) << other;
    };
    for (std::size_t at = 0; at <= host.size(); ++at) {
        for (int byte = 0; byte < 256; ++byte) {
            std::string longer = host;
            expect_another(longer.insert(at, 1, static_cast<char>(byte)));
            std::string changed = host;
            if (at < host.size())
                changed[at] = static_cast<char>(byte);
            expect_another(changed);
        }
    }
    EXPECT_EQ(Origin::parse("https", "GIT.example:8443").value(), origin);
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
    EXPECT_EQ(Origin::parse("imaps", "a:993").value().text(), "imaps://a");
    EXPECT_EQ(Origin::parse("imap", "a:143").value().text(), "imap://a");
    // git send-email says smtp with any port and encryption, so no port is the default.
    for (const char* host : {"a:25", "a:465", "a:587"})
        EXPECT_EQ(Origin::parse("smtp", host).value().text(), std::string("smtp://") + host);
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
                             "https://git.example/a ",
                             "https://git.example/a%2Fb",
                             "https://git.example/a%2fb",
                             "https://git.example/a%00b",
                             "https://git.example/a%0ab",
                             "https://git.example/%7f",
                             "https://git.example/%ff",
                             "https://git.example/%2e%2e/b",
                             "https://git.example/a/%2E/b",
                             "https://git.example/a%5C..%5Cb",
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
                             "https://git.example:443443/a"}) {
        const auto target = Target::parse(text);
        ASSERT_FALSE(target) << text;
        EXPECT_EQ(target.error().code, Errc::InvalidTarget);
        EXPECT_EQ(target.error().context.find(".example"), std::string::npos)
            << "no bytes of the peer";
    }
}

TEST(Target, ComesBackFromItsText) {
    for (const char* text :
         {"https://a", "http://a:8080", "https://a/b", "https://a/b/c.git", "https://[::1]:8443/x",
          "https://a/~u/...", "https://a/\xc3\xbc", "https://a/.git", "https://a/-",
          "https://a/My%20Project", "https://a/100%25", "https://a/%2541", "https://a/%252F",
          "https://a/b%2A%23%3F%5Cc", "https://a/b@c:d", "smtp://a:465", "https://a/%20"}) {
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

struct TargetCoversCase {
    const char* target;
    const char* origin;
    const char* path;
    bool covers;
};

// Row C4: a token goes to exactly its protocol, host and port, and to whole path segments.
TEST(Target, CoversExactlyItsOriginAndWholePathSegments) {
    const TargetCoversCase cases[] = {
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
        {"https://git.example/team", "https://git.example", "team.git", true},
        {"https://git.example/team/tool", "https://git.example", "team/tool.git", true},
        {"https://git.example/team/tool", "https://git.example", "team/tool.git/info/lfs", true},
        {"https://git.example/team/tool/", "https://git.example", "team/tool.git", true},
        {"https://git.example/team/tool", "https://git.example", "team/tool-x", false},
        {"https://git.example/team/tool", "https://git.example", "team/tool.gitx", false},
        {"https://git.example/team/tool", "https://git.example", "team/tool.git.git", false},
        {"https://git.example/team/tool", "https://git.example", "team/tool.GIT", false},
        {"https://git.example/team/tool", "https://git.example", "team/tool.wiki.git", false},
        {"https://git.example/team/tool.git", "https://git.example", "team/tool.git/info", true},
        {"https://git.example/team/tool.git", "https://git.example", "team/tool", false},
        {"https://git.example/team/tool.git", "https://git.example", "team/tool.git.git", false},
        {"https://git.example/My%20Project", "https://git.example", "My Project/x", true},
        {"https://git.example/My%20Project", "https://git.example", "My%20Project", false},
        {"https://git.example/team", "https://git.example", "tea", false},
        {"https://git.example/team", "https://git.example", "Team", false},
        {"https://git.example/team", "https://git.example", "other/team", false},
        {"https://git.example/team", "https://git.example", "", false},
        {"https://git.example/team/tool", "https://git.example", "team", false},
        {"https://git.example/team", "https://other.example", "team", false},
    };
    for (const TargetCoversCase& row : cases) {
        const Target target = Target::parse(row.target).value();
        EXPECT_EQ(target.covers(Origin::parse(row.origin).value(), row.path), row.covers)
            << row.target << " over " << row.origin << " " << row.path;
    }
}

// Records and children of older versions have the path as it was compared: escapes meant nothing.
TEST(Target, ReadsOldStoredTextAsItWasMeant) {
    struct {
        const char* stored;
        const char* path;  // what it always matched
        const char* text;
    } const rows[] = {
        {"https://git.example", "", "https://git.example"},
        {"https://git.example/team/tool.git", "team/tool.git", "https://git.example/team/tool.git"},
        {"bearer+https://git.example/v1", "v1", "bearer+https://git.example/v1"},
        {"https://git.example/My%20Project", "My%20Project", "https://git.example/My%2520Project"},
        {"https://git.example/%41", "%41", "https://git.example/%2541"},
        {"https://git.example/a%2Fb", "a%2Fb", "https://git.example/a%252Fb"},
        {"https://git.example/%2e%2e/%00", "%2e%2e/%00", "https://git.example/%252e%252e/%2500"},
        {"https://git.example/100%", "100%", "https://git.example/100%25"},
        {"https://git.example/b\xc3\xbc/a@b:c", "b\xc3\xbc/a@b:c",
         "https://git.example/b\xc3\xbc/a@b:c"},
    };
    for (const auto& row : rows) {
        const Target target = Target::parse_stored(row.stored).value();
        EXPECT_EQ(target.path(), row.path);
        EXPECT_TRUE(target.covers(Origin::parse("https", "git.example").value(), row.path));
        EXPECT_EQ(target.stored_text(), row.stored);
        EXPECT_EQ(target.text(), row.text);
        EXPECT_EQ(Target::parse(target.text()).value(), target);
    }
}

TEST(Target, ComesBackFromItsStoredText) {
    for (const char* text :
         {"https://a", "bearer+https://a/b", "https://a/My%20Project", "https://a/b%2A%23%3F%5Cc",
          "https://a/100%25/%2541", "https://[::1]:8443/x", "smtp://a:465", "https://a/b@c"}) {
        const Target target = Target::parse(text).value();
        EXPECT_EQ(Target::parse_stored(target.stored_text()).value(), target) << text;
        EXPECT_EQ(Target::parse_stored(target.stored_url()).value().url(), target.url()) << text;
    }
    for (const char* text : {"", "https://", "https://a//b", "https://a/\x01", "ftp://a", "a/b"})
        EXPECT_EQ(Target::parse_stored(text).error().code, Errc::InvalidTarget) << text;
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
          "bearer+smtp://a", "basic+https://a", "bearer https://a", "bearer+bearer+https://a",
          "+https://a", "bearer +https://a", "https+bearer://a", "bearer://a"})
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
    EXPECT_EQ(parse_path("My Project/a?b#c*d\\e%2F").value(), "My Project/a?b#c*d\\e%2F");
    for (const char* path :
         {"//", "a//", "//a", "a//b", "..", "a/..", "./a", "a\\..\\b", "a\\.", "\xff", "a\x01"})
        EXPECT_EQ(parse_path(path).error().code, Errc::InvalidTarget) << path;
    EXPECT_FALSE(parse_path(std::string_view("a\0b", 3)));
}

}  // namespace
}  // namespace patd
