// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/token/place.h"

#include <gtest/gtest.h>

#include <string>

namespace patd {
namespace {

struct Spelling {
    const char* text;
    const char* normal;    // nullptr: refused
    const char* username;  // or the part at fault
};

// Row C5: what git, `git remote -v`, a browser and configuration files write, and what it means.
constexpr Spelling kSpellings[] = {
    {"https://git.example", "https://git.example", ""},
    {"https://git.example/", "https://git.example", ""},
    {"https://GitHub.com/Org/repo", "https://github.com/Org/repo", ""},
    {"HTTPS://GITHUB.COM/Org/repo.git", "https://github.com/Org/repo.git", ""},
    {"https://git.example:443/x", "https://git.example/x", ""},
    {"http://git.example:80/x", "http://git.example/x", ""},
    {"http://git.example:443/x", "http://git.example:443/x", ""},
    {"https://git.example:8443/x/", "https://git.example:8443/x", ""},
    {"https://alice@git.example/x", "https://git.example/x", "alice"},
    {"https://Alice@Git.Example:443/x.git/", "https://git.example/x.git", "Alice"},
    {"https://a%40corp.example@git.example/x", "https://git.example/x", "a@corp.example"},
    {"https://b%C3%BC@git.example/x", "https://git.example/x", "b\xc3\xbc"},
    {"https://@git.example/x", "https://git.example/x", ""},
    {"https://alice:@git.example/x", "https://git.example/x", "alice"},
    {"https://org@dev.azure.com/org/My%20Project/_git/My%20Project",
     "https://dev.azure.com/org/My%20Project/_git/My%20Project", "org"},
    {"https://git.example/My Project/x", "https://git.example/My%20Project/x", ""},
    {"https://git.example/b\xc3\xbc", "https://git.example/b\xc3\xbc", ""},
    {"https://git.example/b%C3%BC", "https://git.example/b\xc3\xbc", ""},
    {"https://git.example/b%c3%bc", "https://git.example/b\xc3\xbc", ""},
    {"https://git.example/%7Ealice/%74ool", "https://git.example/~alice/tool", ""},
    {"https://git.example/tool%2egit", "https://git.example/tool.git", ""},
    {"https://git.example/c%2a%23%3f%5cd", "https://git.example/c%2A%23%3F%5Cd", ""},
    {"https://git.example/100%", "https://git.example/100%25", ""},
    {"https://git.example/100%25", "https://git.example/100%25", ""},
    {"https://git.example/a%zz", "https://git.example/a%25zz", ""},
    {"https://git.example/a%252Fb", "https://git.example/a%252Fb", ""},
    {"https://git.example/a@b/c:d", "https://git.example/a@b/c:d", ""},
    {"https://git_hub.example/x", "https://git_hub.example/x", ""},
    {"https://XN--Bcher-Kva.example/x", "https://xn--bcher-kva.example/x", ""},
    {"https://[::1]:443/x", "https://[::1]/x", ""},
    {"https://[0:0:0:0:0:0:0:1]:8443/x", "https://[::1]:8443/x", ""},
    {"https://[2001:0DB8::0001]/x", "https://[2001:db8::1]/x", ""},
    {"https://[::ffff:c000:201]/x", "https://[::ffff:192.0.2.1]/x", ""},
    {"bearer+HTTPS://api.example/v1/", "bearer+https://api.example/v1", ""},
    {"smtp://Mail.example:465", "smtp://mail.example:465", ""},
    {"smtp://me%40mail.example@mail.example:587", "smtp://mail.example:587", "me@mail.example"},
    {"imaps://mail.example:993", "imaps://mail.example", ""},
    {"imap://mail.example:143/", "imap://mail.example", ""},
    // Refused, with the part at fault.
    {"", nullptr, "scheme"},
    {"git.example/x", nullptr, "scheme"},
    {"git@git.example:x.git", nullptr, "scheme"},
    {"ssh://git@git.example/x", nullptr, "scheme"},
    {"ftp://git.example/x", nullptr, "scheme"},
    {"cert:///home/alice/key.pem", nullptr, "scheme"},
    {"://git.example", nullptr, "scheme"},
    {" https://git.example", nullptr, "scheme"},
    {"bearer+smtp://mail.example", nullptr, "scheme"},
    {"https://alice:s3cr3t@git.example/x", nullptr, "user"},
    {"https://:s3cr3t@git.example/x", nullptr, "user"},
    {"https://alice:s3@cr3t@git.example/x", nullptr, "user"},
    {"https://a@corp.example@git.example/x", nullptr, "user"},
    {"https://a%0ab@git.example/x", nullptr, "user"},
    {"https://%ff@git.example/x", nullptr, "user"},
    {"https:///x", nullptr, "host"},
    {"https://:443/x", nullptr, "host"},
    {"https://git.example./x", nullptr, "host"},
    {"https://git..example/x", nullptr, "host"},
    {"https://git%2eexample/x", nullptr, "host"},
    {"https://git.example%00.evil/x", nullptr, "host"},
    {"https://b\xc3\xbc.example/x", nullptr, "host"},
    {"https://\xd0\xb0pple.example/x", nullptr, "host"},
    {"https://*.example/x", nullptr, "host"},
    {"https://git.example\\@evil/x", nullptr, "user"},
    {"https://git.example\\.evil/x", nullptr, "host"},
    {"https://[::1/x", nullptr, "host"},
    {"https://[fe80::1%25eth0]/x", nullptr, "host"},
    {"https://[1.2.3.4]/x", nullptr, "host"},
    {"https://-git.example/x", nullptr, "host"},
    {"https://git.example:/x", nullptr, "port"},
    {"https://git.example:0/x", nullptr, "port"},
    {"https://git.example:0443/x", nullptr, "port"},
    {"https://git.example:65536/x", nullptr, "port"},
    {"https://git.example:x/x", nullptr, "port"},
    {"https://git.example/x?tab=readme", nullptr, "path"},
    {"https://git.example/x#readme", nullptr, "path"},
    {"https://git.example?x", nullptr, "path"},
    {"https://git.example/a%2Fb", nullptr, "path"},
    {"https://git.example/a%2fb", nullptr, "path"},
    {"https://git.example/a%00b", nullptr, "path"},
    {"https://git.example/a%0ab", nullptr, "path"},
    {"https://git.example/a\x01", nullptr, "path"},
    {"https://git.example/../x", nullptr, "path"},
    {"https://git.example/a/%2e%2E/x", nullptr, "path"},
    {"https://git.example/a/.%2e/x", nullptr, "path"},
    {"https://git.example/a%5c..%5cx", nullptr, "path"},
    {"https://git.example/a\\b", nullptr, "path"},
    {"https://git.example//x", nullptr, "path"},
    {"https://git.example/a//x", nullptr, "path"},
    {"https://git.example/team/*", nullptr, "path"},
    {"https://git.example/x ", nullptr, "path"},
    {"https://git.example/%ff", nullptr, "path"},
    {"https://git.example/\xe2\x80\xaeix", nullptr, "path"},
};

TEST(Place, HasOneNormalFormForEverySpelling) {
    for (const Spelling& row : kSpellings) {
        const Result<Place> place = parse_place(row.text);
        ASSERT_EQ(place.has_value(), row.normal != nullptr) << row.text;
        if (!place)
            continue;
        EXPECT_EQ(place->target.text(), row.normal) << row.text;
        EXPECT_EQ(place->username.value_or(""), row.username) << row.text;
        EXPECT_EQ(parse_place(place->target.text()).value().target, place->target) << row.text;
        EXPECT_EQ(Target::parse(row.normal).value(), place->target) << row.text;
    }
}

TEST(Place, NamesThePartThatIsWrongAndShowsNothingOfIt) {
    for (const Spelling& row : kSpellings) {
        const Result<Place> place = parse_place(row.text);
        if (place)
            continue;
        const std::string& why = place.error().context;
        EXPECT_EQ(why.substr(0, why.find(':')), row.username) << row.text << " " << why;
        EXPECT_EQ(why.find("cr3t"), std::string::npos) << why;
        EXPECT_EQ(why.find(".example"), std::string::npos) << why;
    }
    EXPECT_EQ(parse_place("https://a/" + std::string(257, 'p')).error().context.substr(0, 5),
              "path:");
}

// What Target::parse also refuses is a user name: a target has none.
TEST(Place, IsATargetWhereNoUserIsNamed) {
    for (const Spelling& row : kSpellings) {
        const bool has_user = std::string_view(row.text).find('@') <
                              std::string_view(row.text).find('/', sizeof("https://"));
        const Result<Target> target = Target::parse(row.text);
        if (row.normal != nullptr && !has_user)
            EXPECT_EQ(target.value().text(), row.normal) << row.text;
        else
            EXPECT_EQ(target.error().code, Errc::InvalidTarget) << row.text;
    }
}

TEST(Place, TakesTheUserNameFromBesideTheUrlToo) {
    EXPECT_EQ(parse_place("https://a/x", "bob").value().username, "bob");
    EXPECT_EQ(parse_place("https://bob@a/x", "bob").value().username, "bob");
    EXPECT_EQ(parse_place("https://a/x").value().username, std::nullopt);
    EXPECT_EQ(parse_place("https://alice@a/x", "bob").error().code, Errc::InvalidUsername);
}

// As git reads a remote: a path that a place refuses leaves the host.
TEST(Remote, IsThePlaceOrTheHostOfAPathThatNoTargetCanHold) {
    const auto is_asked_for = [](const Spelling& row) {
        const std::string_view text = row.text;
        const bool has_path_fault = row.normal == nullptr && row.username == std::string("path");
        return (row.normal != nullptr || has_path_fault) &&
               text.find(":@") == std::string_view::npos &&
               text.find("%0a") == std::string_view::npos &&
               text.find('\x01') == std::string_view::npos;
    };
    for (const Spelling& row : kSpellings) {
        const Result<Place> place = parse_place(row.text);
        const Result<Remote> remote = parse_remote(row.text);
        ASSERT_EQ(remote.has_value(), is_asked_for(row)) << row.text;
        if (!place || !remote)
            continue;
        EXPECT_EQ(remote->origin, place->target.origin()) << row.text;
        EXPECT_EQ(remote->path, place->target.path()) << row.text;
        EXPECT_EQ(remote->username, place->username) << row.text;
        EXPECT_EQ(remote->odd_path, "") << row.text;
    }
}

TEST(Remote, SaysWhyNoTargetCanHoldItsPath) {
    struct {
        const char* url;
        const char* path;
        const char* why;  // its first words
    } const rows[] = {
        {"https://git.example/a//b", "", "write one slash"},
        {"https://git.example/a/../b", "", "write where . and .. lead"},
        {"https://git.example/%ff", "", "it has bytes"},
        {"https://git.example/a%2Fb", "a/b", ""},
        {"https://git.example//a%2F/", "a", ""},
        {"https://git.example/%2F", "", ""},
        {"https://git.example/a?b#c*\\d", "a?b#c*\\d", ""},
        {"https://git.example?x", "?x", ""},
        {"https://git.example/a%00", "a%00", ""},
        {"https://git.example/a ", "a ", ""},
    };
    for (const auto& row : rows) {
        const Remote remote = parse_remote(row.url).value();
        EXPECT_EQ(remote.path, row.path) << row.url;
        EXPECT_EQ(remote.odd_path.empty(), *row.why == '\0') << row.url;
        EXPECT_TRUE(remote.odd_path.starts_with(row.why)) << remote.odd_path;
    }
    EXPECT_EQ(parse_remote("https://a@git.example/x", "b").error().code, Errc::InvalidUsername);
    const std::string host = "https://git.example/";
    EXPECT_TRUE(parse_remote(host + std::string(65529, 'p')));
    EXPECT_FALSE(parse_remote(host + std::string(65530, 'p')));
}

// Every byte in every place: no crash, and an accepted text's result is accepted again, unchanged.
TEST(Place, ANormalFormIsItsOwnNormalForm) {
    const std::string good = "https://me@git.example:8443/My%20Project/tool.git";
    for (std::size_t at = 0; at <= good.size(); ++at) {
        for (int byte = 0; byte < 256; ++byte) {
            std::string text = good;
            text.insert(at, 1, static_cast<char>(byte));
            const Result<Place> place = parse_place(text);
            if (!place)
                continue;
            const Result<Place> again = parse_place(place->target.text());
            ASSERT_TRUE(again) << text;
            ASSERT_EQ(again->target, place->target) << text;
            ASSERT_EQ(Target::parse_stored(place->target.stored_text()).value(), place->target);
        }
        (void)parse_place(good.substr(0, at));
    }
}

// As `git remote -v` prints it if somebody put a token there.
TEST(Place, ATokenIsNoUserName) {
    const Result<Place> place = parse_place("https://ghp_0123456789abcdefghij@github.com/me/x");
    ASSERT_FALSE(place);
    EXPECT_EQ(place.error().code, Errc::TokenAsUsername);
    EXPECT_EQ(place.error().context.find("ghp_"), std::string::npos);
}

}  // namespace
}  // namespace patd
