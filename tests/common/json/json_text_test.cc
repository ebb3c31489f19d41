// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/json/json_text.h"

#include <gtest/gtest.h>

#include <string>

namespace patd {
namespace {

std::string quote(std::string_view text, std::size_t room = 256) {
    SecretBuffer out(room);
    const Result<void> written = JsonText(out).raw("{\"a\":").quoted(text).raw("}").end();
    return written ? std::string(out.reveal().data(), out.size())
                   : std::string(errc_name(written.error().code));
}

TEST(JsonText, WritesEveryTextSoThatItReadsAsItself) {
    EXPECT_EQ(quote(""), "{\"a\":\"\"}\n");
    EXPECT_EQ(quote("a\"b\\c/\xc3\xa9"), "{\"a\":\"a\\\"b\\\\c/\xc3\xa9\"}\n");
    EXPECT_EQ(quote(std::string_view("\0\n\x1f\x7f", 4)), "{\"a\":\"\\u0000\\n\\u001F\x7f\"}\n");
}

TEST(JsonText, RefusesWhatIsNoTextAndWhatDoesNotFit) {
    for (const char* bad : {"\xff", "\xc3", "\xc0\xaf", "\xed\xa0\x80"})
        EXPECT_EQ(quote(bad), "MalformedRequest");
    for (std::size_t room = 0; room < std::string_view("{\"a\":\"xyz\"}\n").size(); ++room)
        EXPECT_EQ(quote("xyz", room), "LimitExceeded") << room;
    EXPECT_EQ(quote("xyz", 12), "{\"a\":\"xyz\"}\n");
}

// What lies behind a text is not read, and completes no character of it.
TEST(JsonText, EndsWhereTheTextEnds) {
    const std::string_view whole = "\xf0\x9f\x98\x80";
    for (std::size_t size = 1; size < whole.size(); ++size)
        EXPECT_EQ(quote(whole.substr(0, size)), "MalformedRequest") << size;
    EXPECT_EQ(quote(std::string_view("\xc3\xa9", 1)), "MalformedRequest");
    EXPECT_EQ(quote(std::string_view("\xf2\x65\x80\x80", 2)), "MalformedRequest");
    EXPECT_EQ(quote(whole), "{\"a\":\"\xf0\x9f\x98\x80\"}\n");
}

}  // namespace
}  // namespace patd
