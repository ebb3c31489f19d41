// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/text/table.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

TEST(Table, MakesEachColumnAsWideAsItsWidestCell) {
    Table table({"ID", "DESCRIPTION", "KIND"});
    table.add({"1", "laptop", "issued"});
    table.add({"22222", "x", "imported"});
    EXPECT_EQ(table.format(Header::Plain),
              "ID     DESCRIPTION  KIND\n"
              "1      laptop       issued\n"
              "22222  x            imported\n");
}

TEST(Table, PrintsTheHeaderAloneInBold) {
    Table table({"ID"});
    table.add({"1"});
    EXPECT_EQ(table.format(Header::Bold), "\x1b[1mID\x1b[0m\n1\n");
}

TEST(Table, AlignsByWhatATerminalShows) {
    Table table({"A", "B"});
    table.add({"\xe4\xb8\xad\xe6\x96\x87", "wide"});    // two characters, four columns
    table.add({"\xc3\xa9\xc3\xa9\xc3\xa9", "narrow"});  // three characters, six bytes
    EXPECT_EQ(table.format(Header::Plain),
              "A     B\n"
              "\xe4\xb8\xad\xe6\x96\x87  wide\n"
              "\xc3\xa9\xc3\xa9\xc3\xa9   narrow\n");
}

TEST(DisplayWidth, CountsColumns) {
    EXPECT_EQ(display_width(""), 0U);
    EXPECT_EQ(display_width("abc"), 3U);
    EXPECT_EQ(display_width("\xe4\xb8\xad"), 2U);
    EXPECT_EQ(display_width("\xff\xfe"), 2U);
}

TEST(Fields, IndentsFurtherLinesOfAValue) {
    Fields fields;
    fields.add("ID", "1");
    fields.add("Targets", "https://a\nhttps://b");
    EXPECT_EQ(fields.format(),
              "ID       1\n"
              "Targets  https://a\n"
              "         https://b\n");
}

TEST(Printable, LeavesVisibleTextAlone) {
    EXPECT_EQ(printable("Pass f\xc3\xbcr alice: "), "Pass f\xc3\xbcr alice: ");
}

TEST(Printable, HidesWhatMovesACursorOrTheReadingDirection) {
    EXPECT_EQ(printable("a\x1b[2Jb"), "a?[2Jb");
    EXPECT_EQ(printable("a\nb"), "a?b");
    EXPECT_EQ(printable("a\xc2\x9b"
                        "b"),
              "a??b");
    EXPECT_EQ(printable("a\xe2\x80\xae"
                        "b"),
              "a???b");
    EXPECT_EQ(printable("a\xff"), "a?");
}

TEST(FormatShortList, ShowsTwoAndCountsTheRest) {
    EXPECT_EQ(format_short_list({}), "-");
    EXPECT_EQ(format_short_list({"a"}), "a");
    EXPECT_EQ(format_short_list({"a", "b"}), "a,b");
    EXPECT_EQ(format_short_list({"a", "b", "c", "d"}), "a,b +2");
}

}  // namespace
}  // namespace patd::cli
