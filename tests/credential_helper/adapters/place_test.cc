// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

#include "credential_helper/adapters/place.h"

#include <gtest/gtest.h>

namespace patd::credential_helper {
namespace {

TEST(Place, IsAUrlOrABareHostWithWhatStandsBeforeIt) {
    Question question;
    ASSERT_TRUE(take_web_place("HOST:1/a", question, "https://"));
    EXPECT_EQ(question.scheme, "https://");
    EXPECT_EQ(question.place, "HOST:1/a");
    for (const char* url : {"https://h", "HTTP://h", "Https://h"}) {
        ASSERT_TRUE(take_web_place(url, question, "https://")) << url;
        EXPECT_EQ(question.scheme, "");
        EXPECT_EQ(question.place, url);
    }
    for (const char* bad : {"", "://h", "ftp://h", "httpx://h", "xhttp://h", "https+x://h"})
        EXPECT_FALSE(take_web_place(bad, question, "https://")) << bad;
    EXPECT_FALSE(take_web_place("h", question));
    EXPECT_TRUE(take_place("smtp://h", question));
}

TEST(Place, LosesQueriesAndLineEnds) {
    EXPECT_EQ(without_query("https://h/a?b#c"), "https://h/a");
    EXPECT_EQ(without_query("https://h/a#c?b"), "https://h/a");
    EXPECT_EQ(without_line_end("a \r\n\n"), "a ");
    EXPECT_EQ(without_line_end("\n"), "");
}

}  // namespace
}  // namespace patd::credential_helper
