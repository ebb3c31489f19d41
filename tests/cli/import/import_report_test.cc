// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/import/import_report.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

constexpr char kLines[] = "https://alice:s3@a.example\nnothing\nhttps://bob:s4@b.example\n";

TEST(ImportReport, HasARowForEachTokenAndEachLineThatGivesNone) {
    const Credentials credentials = parse_credentials(kLines, FileFormat::Git).value();
    ASSERT_EQ(credentials.entries().size(), 2U);
    std::vector<client::Dictionary> tokens(2);
    for (client::Dictionary& token : tokens)
        token.set("username", std::string("alice"));
    const nlohmann::json rows = rows_of_file(credentials, tokens, {{7, "tok"}});
    ASSERT_EQ(rows.size(), 4U) << rows.dump();
    EXPECT_EQ(rows[0]["line"], 1);
    EXPECT_EQ(rows[1]["line"], 3);
    EXPECT_EQ(rows[2], (nlohmann::json{{"line", 7}, {"kept_already", "tok"}}));
    EXPECT_EQ(rows[3]["line"], 2);
    EXPECT_TRUE(rows[3].contains("skipped")) << rows.dump();
    EXPECT_EQ(rows.dump().find("s3"), std::string::npos);
}

TEST(ImportReport, NamesEveryFaultInOneLine) {
    const Credentials credentials = parse_credentials(kLines, FileFormat::Git).value();
    const std::string text = in_one_line(credentials.faults());
    EXPECT_TRUE(text.starts_with("line 2: ")) << text;
    EXPECT_EQ(text.find('\n'), std::string::npos);
}

TEST(ImportReport, CountsWhatIsNewAndNamesWhatIsKept) {
    EXPECT_EQ(summarize_import(false, 1, {}), "1 token imported.\n");
    EXPECT_EQ(summarize_import(true, 2, {}), "2 tokens would be imported; nothing was changed.\n");
    EXPECT_EQ(summarize_import(false, 0, {{4, "tok"}, {9, "kot"}}),
              "0 tokens imported. 2 are kept already: line 4 as tok, line 9 as kot (use 'patctl "
              "regenerate ID' to replace a secret).\n");
}

}  // namespace
}  // namespace patd::cli
