// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/json/json_reader.h"

#include "common/base/tool_limits.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace patd {
namespace {

// What is at a, in b at c, and the number n, and the items of `l`; "refused".
std::string read(std::string text) {
    std::array<JsonField, 3> fields = {{{"a"}, {"b.c"}, {"n", JsonKind::Number}}};
    std::array<std::string_view, limits::kToolArguments> room;
    JsonList list{"l", room};
    JsonShape shape{.fields = fields, .lists = {&list, 1}};
    if (!read_json(text, shape))
        return "refused";
    std::string result;
    for (const JsonField& field : fields)
        result.append(field.found ? field.value : "-").append("|");
    for (std::size_t i = 0; i < list.count; ++i)
        result.append(room[i]).append(",");
    return result;
}

TEST(JsonReader, FindsWhatIsLookedForAndNothingElse) {
    EXPECT_EQ(read("{}"), "-|-|-|");
    EXPECT_EQ(read(" {\"a\" : \"x\",\n\"b\":{\"c\":\"y\",\"a\":\"no\"},\"n\":12}\r\n\t"),
              "x|y|12|");
    EXPECT_EQ(read(R"({"n":1,"l":["p","q"],"a":""})"), "|-|1|p,q,");
    EXPECT_EQ(read(R"({"x":{"a":"no","b":{"c":"no"}},"y":[{"a":"no"}],"b.c":"no","z":null})"),
              "-|-|-|");
    EXPECT_EQ(read(R"({"a":null,"b":null,"n":null,"l":null})"), "-|-|-|");
    EXPECT_EQ(read(R"({"x":-1.5e3,"y":true,"z":[false,[null,{"q":[]}]]})"), "-|-|-|");
}

TEST(JsonReader, DecodesInPlace) {
    EXPECT_EQ(read(R"({"a":"\"\\\/\b\f\n\r\t\u0041\u00e9\u20ac\ud83d\ude00"})"),
              "\"\\/\b\f\n\r\tA\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80|-|-|");
    EXPECT_EQ(read("{\"a\":\"\xc3\xa9\"}"), "\xc3\xa9|-|-|");
    EXPECT_EQ(read(R"({"\u0061":"x"})"), "x|-|-|");
    EXPECT_EQ(read(R"({"a":"x\u0000y"})"), std::string("x\0y|-|-|", 8));
}

TEST(JsonReader, RefusesWhatIsNoJsonOrNoOneObject) {
    const std::vector<std::string> bad = {"",
                                          " ",
                                          "null",
                                          "1",
                                          "\"a\"",
                                          "[]",
                                          "[{}]",
                                          "{}{}",
                                          "{} x",
                                          "{}]",
                                          "{\"a\":\"x\",}",
                                          "{'a':'x'}",
                                          "{a:\"x\"}",
                                          "{\"a\":x}",
                                          "{\"a\":\"x\"\"n\":1}",
                                          "{\"n\":01}",
                                          "{\"n\":+1}",
                                          "{\"n\":1.}",
                                          "{\"n\":.5}",
                                          "{\"n\":NaN}",
                                          "{\"n\":Infinity}",
                                          "{\"a\":\"\x01\"}",
                                          "{\"a\":\"x\ny\"}",
                                          "{\"a\":\"\\x\"}",
                                          "{\"a\":\"\\u12g4\"}",
                                          "{\"a\":\"\\ud83d\"}",
                                          "{\"a\":\"\\ude00\"}",
                                          "{\"\\ude00\":1}",
                                          "{\"x\":\"\\ud83dx\"}",
                                          "{\"a\":\"\xff\"}",
                                          "{\"a\":\"\xc3\"}",
                                          "{\"a\":\"\xc0\xaf\"}",
                                          "{\"a\":\"\xed\xa0\x80\"}",
                                          "{} // x",
                                          "\xef\xbb\xbf{",
                                          std::string("{}\0", 3),
                                          std::string("{}\0{}", 5),
                                          std::string("{\"a\":\"\0\"}", 9)};
    for (const std::string& text : bad)
        EXPECT_EQ(read(text), "refused") << text;
}

TEST(JsonReader, RefusesOtherTypesAndKeysThatComeTwice) {
    for (const char* bad : {R"({"a":1})",
                            R"({"a":true})",
                            R"({"a":[]})",
                            R"({"a":["x"]})",
                            R"({"a":{}})",
                            R"({"n":"1"})",
                            R"({"n":true})",
                            R"({"n":{}})",
                            R"({"b":{"c":1}})",
                            R"({"b":{"c":{}}})",
                            R"({"l":"x"})",
                            R"({"l":{}})",
                            R"({"l":[1]})",
                            R"({"l":[true]})",
                            R"({"l":[["x"]]})",
                            R"({"l":[{}]})",
                            R"({"a":"x","a":"y"})",
                            R"({"a":"x","a":null})",
                            R"({"a":"x","\u0061":"y"})",
                            R"({"b":{"c":"x"},"b":{"c":"y"}})",
                            R"({"b":{},"b":{}})",
                            R"({"x":{"y":1,"y":1}})",
                            R"({"x":[{"y":1,"y":1}]})"})
        EXPECT_EQ(read(bad), "refused") << bad;
    EXPECT_EQ(read(R"({"x":[{"y":1},{"y":1}],"y":1,"a":"x"})"), "x|-|-|");
}

TEST(JsonReader, RefusesEveryPrefix) {
    const std::string whole =
        "{\"a\":\"\xc3\xa9\\u20ac\\ud83d\\ude00\",\"b\":{\"c\":\"y\"},\"n\":12,\"l\":[\"p\"]}";
    ASSERT_NE(read(whole), "refused");
    for (std::size_t size = 0; size < whole.size(); ++size) {
        // Of its own, so that a sanitizer sees a byte behind it that is touched.
        EXPECT_EQ(read(std::string(whole, 0, size)), "refused") << size;
        std::vector<char> exact(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        EXPECT_FALSE(read_json(exact, std::span<JsonField>())) << size;
    }
}

TEST(JsonReader, KeepsItsLimits) {
    const auto nested = [](std::size_t depth, const char* open, const char* close) {
        std::string text = "{\"x\":";
        for (std::size_t i = 0; i < depth; ++i)
            text += open;
        text += "1";
        for (std::size_t i = 0; i < depth; ++i)
            text += close;
        return text + ",\"a\":\"x\"}";
    };
    const std::size_t most = limits::kJsonDepth - 1;
    EXPECT_EQ(read(nested(most, "[", "]")), "x|-|-|");
    EXPECT_EQ(read(nested(most + 1, "[", "]")), "refused");
    EXPECT_EQ(read(nested(most, "{\"y\":", "}")), "x|-|-|");
    EXPECT_EQ(read(nested(100'000, "[", "]")), "refused");
    EXPECT_EQ(read(nested(100'000, "{\"y\":", "}")), "refused");
    const auto with_keys = [](std::size_t count) {
        std::string text = "{\"a\":\"x\"";
        for (std::size_t i = 1; i < count; ++i)
            text += ",\"k" + std::to_string(i) + "\":1";
        return text + "}";
    };
    EXPECT_EQ(read(with_keys(limits::kJsonKeys)), "x|-|-|");
    EXPECT_EQ(read(with_keys(limits::kJsonKeys + 1)), "refused");
    const auto with_items = [](std::size_t count) {
        std::string text = "{\"l\":[\"i\"";
        for (std::size_t i = 1; i < count; ++i)
            text += ",\"i\"";
        return text + "]}";
    };
    EXPECT_NE(read(with_items(limits::kToolArguments)), "refused");
    EXPECT_EQ(read(with_items(limits::kToolArguments + 1)), "refused");
}

// What a whole shape says of a text: the values, or the reason and the path.
std::string read_whole(std::string text) {
    std::array<JsonField, 4> fields = {
        {{"a"}, {"b.c"}, {"n", JsonKind::Number}, {"b.f", JsonKind::Flag}}};
    std::array<std::string_view, 2> room;
    std::array<std::string_view, 2> other_room;
    std::array<JsonList, 2> lists = {{{"b.l", room}, {"m", other_room}}};
    JsonShape shape{.fields = fields, .lists = lists, .is_whole = true};
    if (const Result<void> read = read_json(text, shape); !read)
        return std::string(errc_name(read.error().code)) + " " + std::string(shape.fault);
    std::string result;
    for (const JsonField& field : fields)
        result.append(field.found ? field.value : "-").append("|");
    for (const JsonList& list : lists) {
        result += list.found ? "[" : "-";
        for (std::size_t i = 0; i < list.count; ++i)
            result.append(list.room[i]).append(",");
    }
    return result;
}

TEST(JsonReader, ReadsAWholeShape) {
    EXPECT_EQ(read_whole("{}"), "-|-|-|-|--");
    EXPECT_EQ(read_whole(R"({"m":["x"],"b":{"f":true,"l":[],"c":"y"},"a":"z","n":3})"),
              "z|y|3|true|[[x,");
    EXPECT_EQ(read_whole(R"({"b":{"f":false,"l":["p","q"]}})"), "-|-|-|false|[p,q,-");
    EXPECT_EQ(read_whole(R"({"a":null,"b":{"f":null,"l":null},"m":null})"), "-|-|-|-|--");
    EXPECT_EQ(read_whole(R"({"b":null})"), "-|-|-|-|--");
}

TEST(JsonReader, RefusesWhatAWholeShapeDoesNotHave) {
    for (const char* bad :
         {R"({"x":1})", R"({"x":null})", R"({"x":{}})", R"({"x":[]})", R"({"x":true})",
          R"({"b":{"x":"y"}})", R"({"b":{"x":{}}})", R"({"c":"y"})", R"({"b.c":"y"})",
          R"({"m.x":1})", R"({"b":"c"})", R"({"b":[]})", R"({"b":[{"c":"y"}]})", R"({"b":true})",
          R"({"":1})", R"({"m":[null]})"})
        EXPECT_EQ(read_whole(bad), "UnknownOption ") << bad;
}

TEST(JsonReader, SaysWhichValueIsOfAnotherType) {
    EXPECT_EQ(read_whole(R"({"a":1})"), "MalformedRequest a");
    EXPECT_EQ(read_whole(R"({"b":{"f":"true"}})"), "MalformedRequest b.f");
    EXPECT_EQ(read_whole(R"({"b":{"c":{"d":1}}})"), "MalformedRequest b.c");
    EXPECT_EQ(read_whole(R"({"m":"x"})"), "MalformedRequest m");
    EXPECT_EQ(read_whole(R"({"m":[1]})"), "MalformedRequest m");
    EXPECT_EQ(read_whole(R"({"b":{"l":[["x"]]}})"), "MalformedRequest b.l");
    EXPECT_EQ(read_whole(R"({"m":["x","y","z"]})"), "LimitExceeded m");
    EXPECT_EQ(read_whole(R"({"n":01})"), "MalformedRequest ");
    EXPECT_EQ(read_whole(R"({"a":"x","a":"y"})"), "MalformedRequest ");
}

}  // namespace
}  // namespace patd
