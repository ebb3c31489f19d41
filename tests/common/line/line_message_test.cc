// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/line/line_message.h"

#include <gtest/gtest.h>

#include <string>

namespace patd::line {
namespace {

using Parsed = Result<std::optional<LineMessage>>;

enum class Input { More, Ended };

struct Outcome {
    Parsed parsed;
    std::size_t consumed = 0;
};

Outcome parse(std::string_view text, Input input) {
    std::size_t consumed = 0;
    Parsed parsed = LineMessage::parse(text, input == Input::Ended, consumed);
    return {std::move(parsed), consumed};
}

bool is_complete(const Outcome& outcome) {
    return outcome.parsed.has_value() && outcome.parsed.value().has_value();
}

bool is_refused(const Outcome& outcome) {
    return !outcome.parsed.has_value() && outcome.parsed.error().code == Errc::MalformedRequest;
}

std::string attributes(std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i)
        text += "k" + std::to_string(i) + "=v\n";
    return text;
}

// One attribute whose line has `bytes` bytes with its LF.
std::string line_of(std::string_view key, std::size_t bytes) {
    std::string line = std::string(key) + "=";
    line.append(bytes - line.size() - 1, 'v');
    return line + "\n";
}

TEST(LineMessage, ReadsAttributesInOrder) {
    const Outcome outcome = parse("protocol=https\nhost=git.example\npath=\n\nnext", Input::More);
    ASSERT_TRUE(is_complete(outcome));
    EXPECT_EQ(outcome.consumed, 39U);
    const LineMessage& message = *outcome.parsed.value();
    ASSERT_EQ(message.attributes().size(), 3U);
    EXPECT_EQ(message.attributes()[1].key, "host");
    EXPECT_EQ(message.attributes()[1].value, "git.example");
    EXPECT_EQ(message.find("path"), "");
    EXPECT_EQ(message.find("username"), std::nullopt);
    EXPECT_EQ(message.get("username"), "");
}

TEST(LineMessage, AValueMayHoldEqualSignsAndBytesAboveAscii) {
    const Outcome outcome = parse("a=b=c==\nd=\xc3\xbc\xff\n\n", Input::More);
    ASSERT_TRUE(is_complete(outcome));
    EXPECT_EQ(outcome.parsed.value()->get("a"), "b=c==");
    EXPECT_EQ(outcome.parsed.value()->get("d"), "\xc3\xbc\xff");
}

TEST(LineMessage, TheEndOfTheInputStandsForTheBlankLineAndTheLastLf) {
    for (const char* text : {"a=b\n\n", "a=b\n", "a=b"}) {
        const Outcome outcome = parse(text, Input::Ended);
        ASSERT_TRUE(is_complete(outcome)) << text;
        EXPECT_EQ(outcome.parsed.value()->get("a"), "b");
        EXPECT_EQ(outcome.consumed, std::string_view(text).size());
    }
}

TEST(LineMessage, NothingAndABlankLineAreEmptyMessages) {
    EXPECT_TRUE(parse("", Input::Ended).parsed.value()->empty());
    EXPECT_FALSE(is_complete(parse("", Input::More)));
    const Outcome blank = parse("\n", Input::More);
    ASSERT_TRUE(is_complete(blank));
    EXPECT_TRUE(blank.parsed.value()->empty());
    EXPECT_EQ(blank.consumed, 1U);
}

TEST(LineMessage, EveryPrefixAsksForMoreAndTheWholeIsTheSameMessage) {
    const std::string text = "patd=1\nop=get\nprotocol=https\nhost=git.example\nstate[]=a\n\n";
    for (std::size_t length = 0; length < text.size(); ++length) {
        const Outcome outcome = parse(std::string_view(text).substr(0, length), Input::More);
        ASSERT_TRUE(outcome.parsed.has_value()) << length;
        EXPECT_FALSE(outcome.parsed.value().has_value()) << length;
        EXPECT_EQ(outcome.consumed, 0U) << length;
    }
    const Outcome whole = parse(text, Input::More);
    ASSERT_TRUE(is_complete(whole));
    EXPECT_EQ(whole.consumed, text.size());
    EXPECT_EQ(whole.parsed.value()->attributes().size(), 5U);
}

TEST(LineMessage, ManyMessagesFollowEachOther) {
    std::string text = "a=1\n\nb=2\n\n\nc=3\n\n";
    std::string seen;
    while (!text.empty()) {
        const Outcome outcome = parse(text, Input::More);
        ASSERT_TRUE(is_complete(outcome));
        for (const Attribute& attribute : outcome.parsed.value()->attributes())
            seen += std::string(attribute.key) + std::string(attribute.value);
        seen += ";";
        text.erase(0, outcome.consumed);
    }
    EXPECT_EQ(seen, "a1;b2;;c3;");
}

// Row C1: a repeated key is ambiguous; two parsers would choose differently.
TEST(LineMessage, RefusesAKeyThatComesTwice) {
    for (const char* key : {"protocol", "host", "path", "username", "password", "op", "x"}) {
        const std::string line = std::string(key) + "=a\n";
        EXPECT_TRUE(is_refused(parse("z=1\n" + line + "y=2\n" + line + "\n", Input::More))) << key;
        EXPECT_TRUE(is_refused(parse(line + line, Input::More))) << key;
        EXPECT_TRUE(is_refused(parse(line + key + "=b", Input::Ended))) << key;
    }
}

TEST(LineMessage, AKeyThatEndsInBracketsMayRepeat) {
    const Outcome outcome = parse("state[]=a\nstate[]=b\nwwwauth[]=c\n\n", Input::More);
    ASSERT_TRUE(is_complete(outcome));
    EXPECT_EQ(outcome.parsed.value()->attributes().size(), 3U);
    EXPECT_EQ(outcome.parsed.value()->get("state[]"), "a");
}

// Row C2: every byte value at every position of key and value.
TEST(LineMessage, RefusesEveryControlByteAtEveryPositionOfKeyAndValue) {
    const std::string good = "host=git.example";
    for (int byte = 0; byte < 256; ++byte) {
        if (byte == '\n')
            continue;
        const bool control = byte < 0x20 || byte == 0x7f;
        for (std::size_t position = 0; position <= good.size(); ++position) {
            std::string line = good;
            line.insert(position, 1, static_cast<char>(byte));
            for (const std::string& end : {std::string("\n\n"), std::string("\n"), std::string()}) {
                const Outcome ended = parse("protocol=https\n" + line + end, Input::Ended);
                // An '=' at the very front makes the key empty.
                const bool refuse = control || (byte == '=' && position == 0);
                ASSERT_EQ(is_refused(ended), refuse) << byte << " at " << position;
                ASSERT_EQ(is_complete(ended), !refuse) << byte << " at " << position;
            }
        }
    }
}

// Row C2.
TEST(LineMessage, RefusesAControlByteBeforeItsLineHasEnded) {
    for (const char bad : {'\0', '\r', '\t', '\x1b', '\x7f'})
        EXPECT_TRUE(is_refused(parse(std::string("host=a") + bad, Input::More)));
    EXPECT_FALSE(is_refused(parse("host=a", Input::More)));
}

// Rows C1, C2: an LF inside a value ends the line, so what follows is a separate line.
TEST(LineMessage, AnInjectedLfCannotReplaceAnAttribute) {
    EXPECT_TRUE(is_refused(parse("host=a\nhost=evil\nprotocol=https\n\n", Input::More)));
    EXPECT_TRUE(is_refused(parse("path=a\nevil\n\n", Input::More)));
    EXPECT_TRUE(is_refused(parse("host=a\r\nprotocol=https\r\n\r\n", Input::More)));
}

TEST(LineMessage, RefusesLinesThatAreNoAttributes) {
    for (const char* text : {"host\n\n", "=value\n\n", "=\n\n", "a=b\nhost\n\n", " \n\n"})
        EXPECT_TRUE(is_refused(parse(text, Input::More))) << text;
    EXPECT_TRUE(is_refused(parse("host", Input::Ended)));
    EXPECT_TRUE(is_refused(parse("a=b\n=", Input::Ended)));
}

TEST(LineMessage, ALineHasAtMost65535BytesWithItsLf) {
    EXPECT_TRUE(is_complete(parse(line_of("k", limits::kLineBytes) + "\n", Input::More)));
    EXPECT_TRUE(is_refused(parse(line_of("k", limits::kLineBytes + 1) + "\n", Input::More)));
    std::string unfinished = line_of("k", limits::kLineBytes);
    unfinished.pop_back();
    EXPECT_FALSE(is_refused(parse(unfinished, Input::More)));
    EXPECT_TRUE(is_complete(parse(unfinished, Input::Ended)));
    unfinished.push_back('v');
    EXPECT_TRUE(is_refused(parse(unfinished, Input::More)));
    EXPECT_TRUE(is_refused(parse(unfinished, Input::Ended)));
}

TEST(LineMessage, AMessageHasAtMost64Attributes) {
    EXPECT_TRUE(is_complete(parse(attributes(limits::kLineAttributes) + "\n", Input::More)));
    EXPECT_TRUE(is_refused(parse(attributes(limits::kLineAttributes + 1) + "\n", Input::More)));
    std::string repeated;
    for (std::size_t i = 0; i <= limits::kLineAttributes; ++i)
        repeated += "state[]=x\n";
    EXPECT_TRUE(is_refused(parse(repeated, Input::More)));
}

TEST(LineMessage, AMessageHasAtMost128KiBWithItsBlankLine) {
    const std::string two = line_of("a", 65535) + line_of("b", 65535);
    const std::size_t left = limits::kLineMessageBytes - two.size() - 1;
    ASSERT_EQ(left, 1U);
    EXPECT_TRUE(is_complete(parse(two + "\n", Input::More)));
    const std::string shorter = line_of("a", 65535) + line_of("b", 65535 - 4);
    EXPECT_TRUE(is_complete(parse(shorter + "c=de\n\n", Input::More)));
    EXPECT_TRUE(is_refused(parse(shorter + "c=def\n\n", Input::More)));
    EXPECT_TRUE(is_refused(parse(shorter + "c=defg\n", Input::Ended)));
}

TEST(LineMessage, AFullBufferWithoutAnEndIsRefusedAndNotWaitedFor) {
    const std::string full = line_of("a", 65535) + line_of("b", 65535) + "cd";
    ASSERT_EQ(full.size(), limits::kLineMessageBytes);
    EXPECT_TRUE(is_refused(parse(full, Input::More)));
    EXPECT_FALSE(is_refused(parse(full.substr(0, full.size() - 1), Input::More)));
}

TEST(LineMessage, AnErrorHoldsNoBytesOfThePeer) {
    const Outcome outcome = parse("hunter2\n\n", Input::More);
    ASSERT_TRUE(is_refused(outcome));
    EXPECT_EQ(outcome.parsed.error().context.find("hunter2"), std::string::npos);
}

TEST(LineWriter, WritesWhatTheParserReads) {
    SecretBuffer out(256);
    LineWriter writer(out);
    ASSERT_TRUE(writer.add("username", "alice"));
    ASSERT_TRUE(writer.add("password", "pat=1"));
    ASSERT_TRUE(writer.add("empty", ""));
    ASSERT_TRUE(writer.finish());
    std::size_t consumed = 0;
    const Parsed parsed = LineMessage::parse(out.reveal(), false, consumed);
    ASSERT_TRUE(parsed.has_value() && parsed.value().has_value());
    EXPECT_EQ(consumed, out.size());
    EXPECT_EQ(parsed.value()->get("username"), "alice");
    EXPECT_EQ(parsed.value()->get("password"), "pat=1");
    EXPECT_EQ(parsed.value()->find("empty"), "");
}

TEST(LineWriter, RefusesWhatTheParserWouldRefuse) {
    SecretBuffer out(256);
    LineWriter writer(out);
    EXPECT_EQ(writer.add("", "x").error().code, Errc::MalformedRequest);
    EXPECT_EQ(writer.add("a=b", "x").error().code, Errc::MalformedRequest);
    for (int byte = 0; byte < 0x80; ++byte) {
        if (byte >= 0x20 && byte != 0x7f)
            continue;
        const std::string text = std::string("a") + static_cast<char>(byte);
        EXPECT_EQ(writer.add("key", text).error().code, Errc::MalformedRequest) << byte;
        EXPECT_EQ(writer.add(text, "value").error().code, Errc::MalformedRequest) << byte;
    }
    EXPECT_TRUE(out.empty());
}

TEST(LineWriter, WritesAWholeLineOrNothing) {
    SecretBuffer out(8);
    LineWriter writer(out);
    EXPECT_EQ(writer.add("key", "value").error().code, Errc::LimitExceeded);
    EXPECT_TRUE(out.empty());
    EXPECT_TRUE(writer.add("key", "val"));
    EXPECT_EQ(out.size(), 8U);
    EXPECT_EQ(writer.finish().error().code, Errc::LimitExceeded);
}

TEST(LineWriter, KeepsToTheLengthOfALine) {
    SecretBuffer out(limits::kLineMessageBytes);
    LineWriter writer(out);
    const std::string longest(limits::kLineBytes - 3, 'v');
    EXPECT_TRUE(writer.add("k", longest));
    EXPECT_EQ(writer.add("k", longest + "v").error().code, Errc::MalformedRequest);
    std::size_t consumed = 0;
    EXPECT_TRUE(LineMessage::parse(out.reveal(), true, consumed).has_value());
}

}  // namespace
}  // namespace patd::line
