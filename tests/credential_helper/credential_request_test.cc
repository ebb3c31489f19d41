// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "credential_helper/credential_request.h"

#include "common/base/limits.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace patd::credential_helper {
namespace {

constexpr std::string_view kHead = "patd=1\nop=get\n";
const std::string kRequired = "protocol=https\nhost=git.example\n";

// The framed request, or the name of the error, or "incomplete".
std::string frame(std::string_view input, Verb verb = Verb::Get, bool at_end = true) {
    SecretBuffer request = begin_request(verb);
    if (!request.append(input.substr(0, request.capacity() - request.size())))
        return "full";
    const Result<bool> complete = complete_request(request, at_end);
    if (!complete)
        return std::string(errc_name(complete.error().code));
    return *complete ? std::string(request.reveal().data(), request.size()) : "incomplete";
}

std::string framed(const std::string& attributes) {
    return std::string(kHead) + attributes + "\n";
}

bool is_control(int byte) {
    return byte < 0x20 || byte == 0x7f;
}

std::string with_byte(std::string text, std::size_t position, int byte) {
    return text.insert(position, 1, static_cast<char>(byte));
}

TEST(Verb, KnowsTheFourVerbsAndNoOther) {
    EXPECT_EQ(parse_verb("get"), Verb::Get);
    EXPECT_EQ(parse_verb("store"), Verb::Store);
    EXPECT_EQ(parse_verb("erase"), Verb::Erase);
    EXPECT_EQ(parse_verb("capability"), Verb::Capability);
    for (const char* text : {"", "Get", "get ", "fill", "approve", "list", "gets"})
        EXPECT_FALSE(parse_verb(text)) << text;
}

TEST(CredentialRequest, PutsVersionAndVerbInFrontAndABlankLineBehind) {
    EXPECT_EQ(frame(kRequired), "patd=1\nop=get\nprotocol=https\nhost=git.example\n\n");
    EXPECT_EQ(frame(kRequired, Verb::Store), "patd=1\nop=store\n" + kRequired + "\n");
    EXPECT_EQ(frame(kRequired, Verb::Erase), "patd=1\nop=erase\n" + kRequired + "\n");
}

TEST(CredentialRequest, OfCapabilityHasNoAttributes) {
    EXPECT_EQ(frame("", Verb::Capability), "patd=1\nop=capability\n\n");
}

TEST(CredentialRequest, RelaysEveryAttributeUnchangedAndInOrder) {
    const std::string attributes = "capability[]=authtype\ncapability[]=state\n" + kRequired +
                                   "path=group/project.git\nwwwauth[]=Basic realm=\"a=b\"\n"
                                   "wwwauth[]=\nusername=al\xc3\xad ce\nfuture-key=\n";
    EXPECT_EQ(frame(attributes), framed(attributes));
}

TEST(CredentialRequest, EndsAtTheBlankLineOrAtTheEndOfTheInput) {
    EXPECT_EQ(frame(kRequired + "\n"), framed(kRequired));
    EXPECT_EQ(frame("protocol=https\nhost=git.example"), framed(kRequired));
    EXPECT_EQ(frame(kRequired + "\n", Verb::Get, false), framed(kRequired));
    EXPECT_EQ(frame(kRequired, Verb::Get, false), "incomplete");
    EXPECT_EQ(frame("protocol=ht", Verb::Get, false), "incomplete");
    EXPECT_EQ(frame("", Verb::Get, false), "incomplete");
}

// A second request behind the first would be one that nobody looked at.
TEST(CredentialRequest, RefusesWhatComesAfterTheBlankLine) {
    EXPECT_EQ(frame(kRequired + "\nhost=evil.example\n"), "MalformedRequest");
    EXPECT_EQ(frame(kRequired + "\n\n"), "MalformedRequest");
    EXPECT_EQ(frame(kRequired + "\npatd=1\nop=get\n" + kRequired, Verb::Get, false),
              "MalformedRequest");
}

// Row C1: what a line feed in a URL would make of a request.
TEST(CredentialRequest, RefusesEveryKeyThatComesTwice) {
    for (const char* key : {"protocol", "host", "path", "username", "password", "anything"}) {
        const std::string twice = std::string(key) + "=https\n";
        const std::string rest = std::string(key) == "protocol" ? "host=git.example\n"
                                 : std::string(key) == "host"   ? "protocol=https\n"
                                                                : kRequired;
        EXPECT_EQ(frame(rest + twice), framed(rest + twice)) << key;
        EXPECT_EQ(frame(rest + twice + twice), "MalformedRequest") << key;
        EXPECT_EQ(frame(twice + rest + twice), "MalformedRequest") << key;
    }
}

TEST(CredentialRequest, LetsAListKeyComeTwice) {
    const std::string attributes = kRequired + "state[]=a\nstate[]=a\n";
    EXPECT_EQ(frame(attributes), framed(attributes));
}

TEST(CredentialRequest, RefusesTheKeysOfTheFraming) {
    EXPECT_EQ(frame("op=verify\n" + kRequired), "MalformedRequest");
    EXPECT_EQ(frame(kRequired + "patd=1\n"), "MalformedRequest");
}

// Row C2: every byte value at every position of keys and values. LF is the end of a line and has
// its own test; '=' ends a key.
TEST(CredentialRequest, RefusesEveryControlByteAtEveryPosition) {
    for (int byte = 0; byte < 256; ++byte) {
        if (byte == '\n')
            continue;
        for (std::size_t position = 0; position <= 3; ++position) {
            SCOPED_TRACE(testing::Message() << "byte " << byte << " at " << position);
            const std::string in_key = kRequired + with_byte("abc", position, byte) + "=x\n";
            const bool empty_key = byte == '=' && position == 0;
            EXPECT_EQ(frame(in_key),
                      is_control(byte) || empty_key ? "MalformedRequest" : framed(in_key));
            for (const char* key : {"password", "username", "path"}) {
                const std::string in_value =
                    kRequired + key + "=" + with_byte("abc", position, byte) + "\n";
                EXPECT_EQ(frame(in_value),
                          is_control(byte) ? "MalformedRequest" : framed(in_value));
            }
            const std::string in_host =
                "protocol=https\nhost=" + with_byte("abc", position, byte) + "\n";
            EXPECT_EQ(frame(in_host), is_control(byte) ? "MalformedRequest" : framed(in_host));
            const std::string in_protocol =
                "host=abc\nprotocol=" + with_byte("abc", position, byte) + "\n";
            EXPECT_EQ(frame(in_protocol),
                      is_control(byte) ? "MalformedRequest" : framed(in_protocol));
        }
    }
}

TEST(CredentialRequest, RefusesALineFeedInsideAValueOrAKey) {
    EXPECT_EQ(frame("protocol=https\nhost=git\n.example\n"), "MalformedRequest");
    EXPECT_EQ(frame("pro\ntocol=https\nhost=git.example\n"), "MalformedRequest");
    EXPECT_EQ(frame("\nprotocol=https\nhost=git.example\n"), "MalformedRequest");
    EXPECT_EQ(frame("protocol=https\nhost=\ngit.example\n"), "MalformedRequest");
    EXPECT_EQ(frame("protocol=https\n\nhost=git.example\n"), "MalformedRequest");
}

// patd reads a URL as it reads the rest, and knows whose protocols have no host.
TEST(CredentialRequest, TakesAUrlInstead) {
    for (const char* good : {"url=https://git.example/x\n", "protocol=cert\nhost=\npath=x\n",
                             "protocol=smtp\nhost=\n", "protocol=htt\n"})
        EXPECT_EQ(frame(good), framed(good)) << good;
    for (const char* bad : {"url=\n", "url=\nhost=git.example\n", "protocol=\nhost=git.example\n",
                            "url=https://a\nurl=https://b\n", "url=https://a\r\n",
                            "protocol=HTTPS\nhost=\n", "protocol=http\n", "protocol=https+x\n"})
        EXPECT_EQ(frame(bad), "MalformedRequest") << bad;
}

// Row C3: all subsets of the keys, with a value and without, with the blank line and without.
TEST(CredentialRequest, NeedsAProtocolAndAHostAndNothingElse) {
    const std::array<std::string, 5> keys = {"protocol", "host", "path", "username", "password"};
    // Each key is absent, empty or there: 3^5 requests.
    for (int combination = 0; combination < 243; ++combination) {
        std::string attributes;
        std::array<int, 5> forms{};
        for (int rest = combination, i = 0; i < 5; rest /= 3, ++i) {
            const auto index = static_cast<std::size_t>(i);
            forms[index] = rest % 3;
            if (forms[index] > 0)
                attributes += keys[index] + (forms[index] == 1 ? "=\n" : "=https\n");
        }
        const std::string expected =
            forms[0] == 2 && forms[1] == 2 ? framed(attributes) : "MalformedRequest";
        for (const Verb verb : {Verb::Get, Verb::Store, Verb::Erase}) {
            std::string wanted = expected;
            if (verb != Verb::Get && wanted != "MalformedRequest")
                wanted.replace(wanted.find("get"), 3, verb == Verb::Store ? "store" : "erase");
            EXPECT_EQ(frame(attributes, verb), wanted) << attributes;
            EXPECT_EQ(frame(attributes + "\n", verb), wanted) << attributes;
        }
    }
}

// Row C12.
TEST(CredentialRequest, KeepsTheLimitsOfTheFormat) {
    const std::string longest = "path=" + std::string(limits::kLineBytes - 6, 'x') + "\n";
    EXPECT_EQ(frame(kRequired + longest), framed(kRequired + longest));
    EXPECT_EQ(frame(kRequired + "x" + longest), "MalformedRequest");

    std::string many = kRequired;
    for (std::size_t i = 4; i < limits::kLineAttributes; ++i)
        many += "key" + std::to_string(i) + "=\n";
    EXPECT_EQ(frame(many), framed(many));
    EXPECT_EQ(frame(many + "one-more=\n"), "MalformedRequest");

    std::string large = kRequired + longest + "query=";
    large += std::string(limits::kLineMessageBytes - kHead.size() - large.size() - 1, 'x') + "\n";
    EXPECT_EQ(frame(large), framed(large));
    EXPECT_EQ(frame("x" + large), "MalformedRequest");
    EXPECT_EQ(frame("x" + large, Verb::Get, false), "MalformedRequest");
}

TEST(CredentialRequest, RefusesLinesThatAreNoAttributes) {
    for (const char* line : {"protocol\n", "=https\n", "==\n", " \n", "https://git.example/\n"})
        EXPECT_EQ(frame(kRequired + line), "MalformedRequest") << line;
}

}  // namespace
}  // namespace patd::credential_helper
