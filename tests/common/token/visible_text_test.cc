// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/token/visible_text.h"

#include <gtest/gtest.h>

#include <string>

namespace patd {
namespace {

// UTF-8 of one code point, surrogates and values past the end included.
std::string utf8(char32_t c) {
    const auto tail = [&](unsigned shift) {
        return static_cast<char>(0x80 | ((c >> shift) & 0x3f));
    };
    if (c < 0x80)
        return {static_cast<char>(c)};
    if (c < 0x800)
        return {static_cast<char>(0xc0 | (c >> 6)), tail(0)};
    if (c < 0x10000)
        return {static_cast<char>(0xe0 | (c >> 12)), tail(6), tail(0)};
    return {static_cast<char>(0xf0 | (c >> 18)), tail(12), tail(6), tail(0)};
}

TEST(VisibleText, AcceptsOrdinaryTextOfAnyScript) {
    for (const char* text : {"", "a", "laptop, work",
                             "B\xc3\xbc"
                             "cher",
                             "\xe4\xbd\xa0\xe5\xa5\xbd", "\xd8\xb9\xd8\xb1\xd8\xa8\xd9\x8a",
                             "\xf0\x9f\x94\x91", "\xc2\xa0", "e\xcc\x81"})
        EXPECT_TRUE(is_visible_utf8(text)) << text;
}

TEST(VisibleText, RefusesEveryControlCharacter) {
    for (char32_t c = 0; c < 0xa0; ++c) {
        const bool control = c < 0x20 || (c >= 0x7f && c < 0xa0);
        EXPECT_EQ(is_visible_utf8("a" + utf8(c) + "b"), !control) << static_cast<unsigned>(c);
    }
}

// Row P22: characters that reorder, hide or join text could make one description look like another.
TEST(VisibleText, RefusesCharactersThatHideOrReorder) {
    for (const char32_t c :
         {0xadU,    0x61cU,   0x180eU,  0x200bU,  0x200cU, 0x200dU, 0x200eU, 0x200fU,
          0x2028U,  0x2029U,  0x202aU,  0x202bU,  0x202cU, 0x202dU, 0x202eU, 0x2060U,
          0x2066U,  0x2067U,  0x2068U,  0x2069U,  0x206fU, 0xfeffU, 0xfff9U, 0xfffbU,
          0x1d173U, 0x1d17aU, 0xe0001U, 0xe0020U, 0xe007fU})
        EXPECT_FALSE(is_visible_utf8("a" + utf8(c) + "b")) << static_cast<unsigned>(c);
    for (const char32_t c : {0xaeU, 0x200aU, 0x2010U, 0x202fU, 0x2070U, 0xfffcU, 0xfffdU, 0xe0100U})
        EXPECT_TRUE(is_visible_utf8(utf8(c))) << static_cast<unsigned>(c);
}

TEST(VisibleText, RefusesNoncharactersWhichTheBusWouldRefuse) {
    for (const char32_t c : {0xfdd0U, 0xfdefU, 0xfffeU, 0xffffU, 0x1fffeU, 0x10ffffU})
        EXPECT_FALSE(is_visible_utf8(utf8(c))) << static_cast<unsigned>(c);
    EXPECT_TRUE(is_visible_utf8(utf8(0xfdcf)));
    EXPECT_TRUE(is_visible_utf8(utf8(0x10fffd)));
}

TEST(VisibleText, RefusesInvalidUtf8) {
    for (const char* text : {"\x80",
                             "\xbf",
                             "\xc0\x80",
                             "\xc1\xbf",
                             "\xe0\x80\x80",
                             "\xe0\x9f\xbf",
                             "\xf0\x80\x80\x80",
                             "\xf0\x8f\xbf\xbf",
                             "\xed\xa0\x80",
                             "\xed\xbf\xbf",
                             "\xf4\x90\x80\x80",
                             "\xf5\x80\x80\x80",
                             "\xff",
                             "\xfe",
                             "\xc3",
                             "\xe4\xbd",
                             "\xf0\x9f\x94",
                             "\xc3(",
                             "\xe4(\xbd",
                             "\xe4\xbd(",
                             "\xf0\x9f(\x91",
                             "a\xc3",
                             "\xc3\xc3\xbc"})
        EXPECT_FALSE(is_visible_utf8(text)) << text;
}

TEST(VisibleText, ReadsEveryCodePointThatExists) {
    for (char32_t c = 0x3000; c < 0x110000; c += 0x101) {
        const bool surrogate = c >= 0xd800 && c <= 0xdfff;
        const bool hidden = c >= 0xe0000 && c <= 0xe007f;
        const bool noncharacter = (c & 0xfffe) == 0xfffe || (c >= 0xfdd0 && c <= 0xfdef);
        EXPECT_EQ(is_visible_utf8(utf8(c)), !surrogate && !hidden && !noncharacter)
            << static_cast<unsigned>(c);
    }
}

TEST(VisibleText, IsCutAtASizeAndNotInsideACharacter) {
    EXPECT_EQ(cut_text("", 4), "");
    EXPECT_EQ(cut_text("abcd", 4), "abcd");
    EXPECT_EQ(cut_text("abcde", 4), "abcd");
    EXPECT_EQ(cut_text("abc\xc3\xbc", 4), "abc");
    EXPECT_EQ(cut_text("a\xf0\x9f\x91\x8d", 4), "a");
    EXPECT_EQ(cut_text("ab\xc3\xbc", 4), "ab\xc3\xbc");
    EXPECT_EQ(cut_text(std::string(300, '\xbc'), 256), "");
}

TEST(VisibleText, MakesAnyTextVisible) {
    EXPECT_EQ(make_visible(""), "");
    EXPECT_EQ(make_visible("nginx from gr\xc3\xbc.example"), "nginx from gr\xc3\xbc.example");
    EXPECT_EQ(make_visible("a\x1b[2J\xff\x7f z"), "a?[2J?? z");
    EXPECT_EQ(make_visible("gr\xc3\xbc\n"), "gr???");
    EXPECT_TRUE(
        is_visible_utf8(make_visible("\xe2\x80\xae"
                                     "evil\xf4\x90")));
}

}  // namespace
}  // namespace patd
