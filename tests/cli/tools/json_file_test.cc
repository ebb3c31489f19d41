// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/tools/json_file.h"

#include <gtest/gtest.h>

namespace patd::cli::tools {
namespace {

TEST(JsonFile, NamesEveryValue) {
    const Result<FlatText> flat =
        kJson.flatten(R"({"a": [1, {"b.c": "x\ny"}], "d": {}, "e": [], "f": null})");
    ASSERT_TRUE(flat);
    const FlatText expected = {
        {"a[0]", "1"}, {"a[1].\"b.c\"", R"("x\ny")"}, {"d", "{}"}, {"e", "[]"}, {"f", "null"}};
    EXPECT_EQ(*flat, expected);
}

TEST(JsonFile, TakesBackWhatItPutIn) {
    for (const char* text : {"{}", "{}\n", "{\"s\":{\"a\":\"b\"}}", "{\n  \"x\": 1\n}\n",
                             " { \"s\" : { \"a\" : 1 } , \"z\" : [ ] } "}) {
        const JsonMember member{"s", "k"};
        const Result<std::string> with = with_member(text, member, "v");
        ASSERT_TRUE(with);
        EXPECT_EQ(text_of(*kJson.flatten(*with), member), "v");
        EXPECT_EQ(keys_with(*with, "s", "v"), std::vector<std::string>{"k"});
        EXPECT_EQ(*without_member(*with, member), text);
    }
}

TEST(JsonFile, TakesAMemberOutOfTheMiddle) {
    EXPECT_EQ(*without_member(R"({"s": {"a": "1", "b": "2", "c": "3"}})", {"s", "b"}),
              R"({"s": {"a": "1", "c": "3"}})");
    EXPECT_FALSE(with_member(R"({"s": {"a": "1"}})", {"s", "a"}, "2"));
}

TEST(JsonFile, RefusesBytesThatAreNoText) {
    EXPECT_FALSE(kJson.flatten("{\"a\": \"\xff\"}"));
    EXPECT_FALSE(kJson.flatten(std::string_view("{}\0", 3)));
    EXPECT_FALSE(kJson.flatten("\xef\xbb\xbf{}"));
    EXPECT_FALSE(kJson.flatten("{} // c"));
}

}  // namespace
}  // namespace patd::cli::tools
