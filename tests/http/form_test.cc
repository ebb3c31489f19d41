// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "http/form.h"

#include <gtest/gtest.h>

namespace patd::web {
namespace {

class FormTest : public ::testing::Test {
  protected:
    Result<Form> parse(std::string_view text) {
        room_.wipe();
        return Form::parse(text, room_);
    }

    SecretBuffer room_{256};
};

TEST_F(FormTest, DecodesNamesAndValues) {
    const Result<Form> form = parse("a=1&b%2Dc=%41+%c3%A9&&empty=&bare&=x");
    ASSERT_TRUE(form);
    EXPECT_EQ(form->get("a"), "1");
    EXPECT_EQ(form->get("b-c"), "A \xc3\xa9");
    EXPECT_EQ(form->find("empty"), "");
    EXPECT_EQ(form->find("bare"), "");
    EXPECT_EQ(form->find(""), "x");
    EXPECT_EQ(form->find("A"), std::nullopt);
    EXPECT_TRUE(form->has_only({"a", "b-c", "empty", "bare", ""}));
    EXPECT_FALSE(form->has_only({"a"}));
    EXPECT_TRUE(parse("")->has_only({}));
}

TEST_F(FormTest, RefusesWhatItCannotDecode) {
    for (const char* text : {"a=%", "a=%4", "a=%4g", "a=%g4", "%=1", "a=%00", "a=%0a", "a=%7f",
                             "a=\x01", "a=1&a=2", "a=1&%61=2", "a&a", "a=%+1"})
        EXPECT_EQ(parse(text).error().code, Errc::MalformedRequest) << text;
}

TEST_F(FormTest, HasNamedLimits) {
    std::string text;
    for (std::size_t i = 0; i < limits::kHttpFormFields; ++i)
        text.append(1, static_cast<char>('a' + i)).append("=&");
    EXPECT_TRUE(parse(text));
    EXPECT_EQ(parse(text + "z=").error().code, Errc::MalformedRequest);
    EXPECT_TRUE(parse("a=+" + std::string(255, 'b')));
    EXPECT_EQ(parse("a=+" + std::string(256, 'b')).error().code, Errc::LimitExceeded);
}

TEST_F(FormTest, DividesATargetThatIsAPath) {
    EXPECT_EQ(divide_target("/a?b?c")->path, "/a");
    EXPECT_EQ(divide_target("/a?b?c")->query, "b?c");
    EXPECT_EQ(divide_target("/a")->query, "");
    EXPECT_EQ(divide_target("/a?")->query, "");
    for (const char* target : {"", "*", "a:1", "http://a/b", "/a#b", "?a"})
        EXPECT_FALSE(divide_target(target)) << target;
}

}  // namespace
}  // namespace patd::web
