// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/json/json_walk.h"

#include <gtest/gtest.h>

#include <string>

namespace patd {
namespace {

// What it is told, a line each.
class Told final : public JsonVisitor {
  public:
    bool open(JsonPath where, bool is_array) override {
        text += path(where) + (is_array ? "[" : "{") + "\n";
        return text.find("stop") == std::string::npos;
    }
    bool value(JsonPath where, JsonKind kind, std::string_view value) override {
        const char* const types[] = {"string", "number", "flag"};
        text += path(where) + types[static_cast<int>(kind)] + " " + std::string(value) + "\n";
        return value != "stop";
    }
    static std::string path(JsonPath where) {
        std::string path;
        for (const JsonLevel& level : where)
            path += std::string(level.is_array ? "#" : level.key) + "/";
        return path;
    }
    std::string text;
};

std::string told(std::string json) {
    Told told;
    return walk_json(json, told) ? told.text : std::string("refused");
}

TEST(JsonWalk, TellsWhatIsThereWithTheKeysThatLeadToIt) {
    EXPECT_EQ(told(R"({"a.b": {"c": "d\"\u00e9"}, "e": [1.50, true, null, {"f": "g"}]})"),
              "{\na.b/{\na.b/c/string d\"\xc3\xa9\ne/[\ne/#/number 1.50\ne/#/flag true\n"
              "e/#/{\ne/#/f/string g\n");
}

TEST(JsonWalk, EndsWhereTheVisitorSaysNo) {
    EXPECT_EQ(told(R"({"a": "stop", "b": "c"})"), "refused");
    EXPECT_EQ(told(R"({"stop": {"a": "b"}})"), "refused");
}

TEST(JsonWalk, RefusesWhatIsNoJsonOrTooMuchOfIt) {
    const std::string good = R"({"a": "b", "c": ["d"]})";
    for (std::size_t size = 0; size < good.size(); ++size)
        EXPECT_EQ(told(good.substr(0, size)), "refused") << size;
    for (const char* bad : {"[]", "1", "{} {}", R"({"a": 1, "a": 2})", R"({"a": "\udc00"})",
                            "{\"a\": \"\xff\"}", "{\"a\": \"\n\"}", R"({a: 1})", R"({"a": 01})"})
        EXPECT_EQ(told(bad), "refused") << bad;
    EXPECT_EQ(told(R"({"a": )" + std::string(100000, '[') + "}"), "refused");
    std::string keys = "{";
    for (int i = 0; i < 300; ++i)
        keys += "\"k" + std::to_string(i) + "\": 1,";
    EXPECT_EQ(told(keys + "\"z\": 1}"), "refused");
}

}  // namespace
}  // namespace patd
