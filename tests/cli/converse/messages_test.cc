// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/converse/messages.h"

#include "tests/hostile/chance.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

// What kind of message it is, or the name of the fault and its field.
std::string kind_of(std::string line) {
    Faults faults;
    const std::optional<Message> message = parse_message(line, faults);
    if (!message)
        return std::string(errc_name(faults.at(0).error.code)) + " " + faults.front().field;
    if (!faults.empty())
        return "both";
    return std::array{"begin", "answer", "acknowledge", "cancel"}.at(message->index());
}

TEST(Messages, AreOfFourTypes) {
    EXPECT_EQ(kind_of(R"({"type":"begin","operation":"lock"})"), "begin");
    EXPECT_EQ(kind_of(R"({"type":"answer","prompt":1,"text":""})"), "answer");
    EXPECT_EQ(kind_of(R"( {"type":"acknowledge"} )"), "acknowledge");
    EXPECT_EQ(kind_of(R"({"type":"cancel"})"), "cancel");
    EXPECT_EQ(kind_of(R"({"type":"cancel","operation":null})"), "cancel");
}

TEST(Messages, HaveTheArgumentsOfAllOperations) {
    std::string line =
        R"({"type":"begin","operation":"create","language":"zh-CN","dry_run":true,"arguments":{)"
        R"("description":"a\u00e9","permissions":["p","q"],"targets":[],"reinstate":false,)"
        R"("ids":["x"],"for":"5m","expires":null}})";
    Faults faults;
    const std::optional<Message> message = parse_message(line, faults);
    ASSERT_TRUE(message);
    const Begin& begin = std::get<Begin>(*message);
    EXPECT_EQ(begin.operation, "create");
    EXPECT_TRUE(begin.dry_run);
    const Arguments& arguments = begin.arguments;
    EXPECT_EQ(arguments.description, "a\xc3\xa9");
    EXPECT_EQ(arguments.permissions, (std::vector<std::string>{"p", "q"}));
    EXPECT_EQ(arguments.targets, std::vector<std::string>());
    EXPECT_EQ(arguments.ids, std::vector<std::string>{"x"});
    EXPECT_EQ(arguments.duration, "5m");
    EXPECT_EQ(arguments.reinstate, false);
    EXPECT_FALSE(arguments.expires);
    EXPECT_FALSE(arguments.skip);
    EXPECT_EQ(begin.named.size(), 6U);
}

TEST(Messages, AnAnswersTextIsReadInPlace) {
    std::string line = R"({"type":"answer","prompt":12,"text":"p\u00e4ss\"\ud83d\ude00"})";
    Faults faults;
    const std::optional<Message> message = parse_message(line, faults);
    ASSERT_TRUE(message);
    const Answer& answer = std::get<Answer>(*message);
    EXPECT_EQ(answer.prompt, "12");
    EXPECT_EQ(std::string(answer.text.data(), answer.text.size()), "p\xc3\xa4ss\"\xf0\x9f\x98\x80");
    EXPECT_GE(answer.text.data(), line.data());
    EXPECT_LE(answer.text.data() + answer.text.size(), line.data() + line.size());
}

TEST(Messages, RefuseWhatNobodyUnderstands) {
    const std::string many(R"({"type":"begin","operation":"delete","arguments":{"ids":[)");
    std::string ids = R"("a")";
    for (int i = 0; i < 1000; ++i)
        ids += R"(,"a")";
    std::string deep = R"({"type":"begin","operation":"create","arguments":)";
    for (int i = 0; i < 1000; ++i)
        deep += "[";
    const std::vector<std::pair<std::string, std::string>> refused = {
        {"", "MalformedRequest "},
        {" ", "MalformedRequest "},
        {"null", "MalformedRequest "},
        {"[]", "MalformedRequest "},
        {"begin", "MalformedRequest "},
        {R"({"type":"begin","operation":"lock"}x)", "MalformedRequest "},
        {R"({"type":"cancel"}{"type":"cancel"})", "MalformedRequest "},
        {R"({"type":"cancel","type":"begin"})", "MalformedRequest "},
        {"{\"type\":\"can\xff\"}", "MalformedRequest "},
        {"{}", "MalformedRequest type"},
        {R"({"type":null})", "MalformedRequest type"},
        {R"({"type":"secret"})", "MalformedRequest type"},
        {R"({"type":1})", "MalformedRequest type"},
        {R"({"type":"begin"})", "MalformedRequest operation"},
        {R"({"type":"begin","operation":["lock"]})", "MalformedRequest operation"},
        {R"({"type":"begin","operation":"lock","language":"../x"})", "MalformedRequest language"},
        {R"({"type":"begin","operation":"lock","language":""})", "MalformedRequest language"},
        {R"({"type":"begin","operation":"lock","dry_run":1})", "MalformedRequest dry_run"},
        {R"({"type":"begin","operation":"lock","arguments":[]})", "UnknownOption "},
        {R"({"type":"begin","operation":"x","arguments":{"targets":"a"}})",
         "MalformedRequest targets"},
        {R"({"type":"begin","operation":"x","arguments":{"targets":[1]}})",
         "MalformedRequest targets"},
        {R"({"type":"begin","operation":"x","arguments":{"id":{}}})", "MalformedRequest id"},
        {R"({"type":"begin","operation":"x","arguments":{"colour":"red"}})", "UnknownOption "},
        {R"({"type":"begin","operation":"x","description":"a"})", "UnknownOption "},
        {R"({"type":"begin","operation":"x","prompt":1})", "UnknownOption "},
        {R"({"type":"cancel","text":"a"})", "UnknownOption "},
        {R"({"type":"acknowledge","arguments":{"ids":[]}})", "UnknownOption "},
        {R"({"type":"answer","prompt":1})", "MalformedRequest "},
        {R"({"type":"answer","text":"a"})", "MalformedRequest "},
        {R"({"type":"answer","prompt":"1","text":"a"})", "MalformedRequest prompt"},
        {R"({"type":"answer","prompt":1,"text":null})", "MalformedRequest "},
        {R"({"type":"answer","prompt":1,"text":"a\u0000b"})", "MalformedRequest text"},
        {R"({"type":"answer","prompt":1,"text":"a","dry_run":true})", "UnknownOption "},
        {many + ids + "]}}", "LimitExceeded ids"},
        {deep, "UnknownOption "},
    };
    for (const auto& [line, fault] : refused)
        EXPECT_EQ(kind_of(line), fault) << line;
}

TEST(Messages, RefuseEveryPrefix) {
    const std::string whole =
        R"({"type":"begin","operation":"edit","arguments":{"id":"AbCdE01234","targets":["a"]}})";
    ASSERT_EQ(kind_of(whole), "begin");
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_EQ(kind_of(whole.substr(0, size)), "MalformedRequest ") << size;
}

// Whatever a line holds, it is one message, or has a fault that says why.
TEST(Messages, AreReadOrRefusedWhateverIsChanged) {
    const std::vector<std::string> lines = {
        R"({"type":"begin","operation":"create","arguments":{"description":"a\u00e9",)"
        R"("permissions":["p"],"targets":[],"insecure_http":true},"dry_run":false})",
        R"({"type":"answer","prompt":1,"text":"p\ud83d\ude00"})",
        R"({"type":"acknowledge"})",
    };
    const std::vector<std::string> pieces = {
        "\"",       "{",    "}",    "[",    "]",   ":",   ",",       "\\",
        "\0",       "\xff", "null", "true", "1e9", "\\u", "\\ud83d", "\"type\":\"cancel\"",
        "arguments"};
    hostile::Chance chance(20261129);
    for (int round = 0; round < 20000; ++round) {
        std::string line = lines[chance.below(lines.size())];
        for (std::size_t change = 0; change <= chance.below(3); ++change) {
            const std::size_t at = chance.below(line.size() + 1);
            const std::size_t gone = std::min(chance.below(4), line.size() - at);
            line.replace(at, gone, pieces[chance.below(pieces.size())]);
        }
        Faults faults;
        const std::optional<Message> message = parse_message(line, faults);
        ASSERT_NE(message.has_value(), !faults.empty());
    }
}

}  // namespace
}  // namespace patd::cli
