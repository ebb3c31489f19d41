// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/text/table.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

std::vector<Cell> row(std::initializer_list<const char*> texts) {
    std::vector<Cell> cells;
    for (const char* text : texts)
        cells.emplace_back(text);
    return cells;
}

TEST(Table, MakesEachColumnAsWideAsItsWidestCell) {
    Table table({"ID", "DESCRIPTION", "KIND"});
    table.add(row({"1", "laptop", "issued"}));
    table.add(row({"22222", "x", "imported"}));
    EXPECT_EQ(table.format({}),
              "ID     DESCRIPTION  KIND\n"
              "1      laptop       issued\n"
              "22222  x            imported\n");
}

TEST(Table, PrintsTheHeaderAloneInBold) {
    Table table({"ID"});
    table.add(row({"1"}));
    EXPECT_EQ(table.format({.color = true}), "\x1b[1mID\x1b[0m\n1\n");
}

TEST(Table, AlignsByWhatATerminalShows) {
    Table table({"A", "B"});
    table.add(row({"\xe4\xb8\xad\xe6\x96\x87", "wide"}));    // two characters, four columns
    table.add(row({"\xc3\xa9\xc3\xa9\xc3\xa9", "narrow"}));  // three characters, six bytes
    EXPECT_EQ(table.format({}),
              "A     B\n"
              "\xe4\xb8\xad\xe6\x96\x87  wide\n"
              "\xc3\xa9\xc3\xa9\xc3\xa9   narrow\n");
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

TEST(Fields, WrapsValuesBetweenWords) {
    Fields fields;
    fields.add("Key", "from a file of this machine");
    EXPECT_EQ(fields.format({.width = 25}),
              "Key  from a file of this\n"
              "     machine\n");
}

Table table_of_tokens() {
    Table table({"ID",
                 {"DESCRIPTION", Fit::Shortened},
                 {"KIND", Fit::Whole, 2},
                 "STATE",
                 {"USED", Fit::Whole, 1}});
    std::vector<Cell> cells =
        row({"AbCdE01234", "a description of thirty bytes.", "imported", "expired", "just now"});
    cells[3].tone = Tone::Bad;
    table.add(std::move(cells));
    return table;
}

TEST(Table, ShowsEverythingWhereThereIsRoom) {
    const std::string text = table_of_tokens().format({.width = 73});
    EXPECT_EQ(text, table_of_tokens().format({}));
    EXPECT_NE(text.find("a description of thirty bytes.  imported  expired  just now\n"),
              std::string::npos);
}

TEST(Table, ShortensWhatMayBeShortened) {
    EXPECT_EQ(table_of_tokens().format({.width = 60}),
              "ID          DESCRIPTION          KIND      STATE    USED\n"
              "AbCdE01234  a description of...  imported  expired  just now\n");
}

TEST(Table, DropsColumnsInTheirOrderWhereThatIsNotEnough) {
    EXPECT_EQ(table_of_tokens().format({.width = 52}),
              "ID          DESCRIPTION            STATE    USED\n"
              "AbCdE01234  a description of t...  expired  just now\n");
    EXPECT_EQ(table_of_tokens().format({.width = 37}),
              "ID          DESCRIPTION       STATE\n"
              "AbCdE01234  a description...  expired\n");
}

TEST(Table, NeverTakesMoreThanThereIs) {
    for (std::size_t width = 31; width < 90; ++width) {
        std::string text = table_of_tokens().format({.width = width});
        while (!text.empty()) {
            const std::size_t end = text.find('\n');
            EXPECT_LE(end, width) << text.substr(0, end);
            text.erase(0, end + 1);
        }
    }
}

TEST(Table, MakesLinesOfEachRowWhereNothingElseHelps) {
    EXPECT_EQ(table_of_tokens().format({.width = 34}),
              "ID          DESCRIPTION    STATE\n"
              "AbCdE01234  a descript...  expired\n");
    EXPECT_TRUE(table_of_tokens().format({.width = 30}).starts_with("ID           AbCdE01234\n"));
    EXPECT_EQ(table_of_tokens().format({.width = 34, .whole = true}),
              "ID           AbCdE01234\n"
              "DESCRIPTION  a description of\n"
              "             thirty bytes.\n"
              "KIND         imported\n"
              "STATE        expired\n"
              "USED         just now\n");
    // Whoever asks for everything gets everything.
    EXPECT_TRUE(
        table_of_tokens().format({.width = 60, .whole = true}).starts_with("ID           AbCdE"));
}

TEST(Table, ColoursAWordThatSaysItToo) {
    const std::string text = table_of_tokens().format({.color = true});
    EXPECT_NE(text.find("\x1b[31mexpired\x1b[0m  just now\n"), std::string::npos) << text;
}

TEST(Table, ShortensWideCharactersByTheirColumns) {
    Table table({{"A", Fit::Shortened}, "B"});
    table.add(
        row({"\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\xe6\x96\x87"
             "\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\xe6\x96\x87",
             "b"}));
    EXPECT_EQ(table.format({.width = 19}),
              "A                 B\n"
              "\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\xe6\x96\x87...  "
              " b\n");
}

Table table_of_places() {
    Table table({"ID", {"DESCRIPTION", Fit::Shortened}, {"TARGETS", Fit::Place}});
    table.add(row({"1", "https://forge.example/team, from .git-credentials",
                   "https://git.example/team/backend/payments.git,http://old.example +2"}));
    table.add(row({"2", "mail", "imap://mail.example"}));
    return table;
}

// What tells places apart is the host and the end of the path, and not the protocol that most have.
TEST(Table, ShortensPlacesInTheirMiddle) {
    EXPECT_EQ(table_of_places().format({.width = 60}),
              "ID  DESCRIPTION                  TARGETS\n"
              "1   forge.example/team, from...  git.example/...d.example +2\n"
              "2   mail                         imap://mail.example\n");
    EXPECT_NE(table_of_places().format({.width = 200}).find("  git.example/team/backend/payments"),
              std::string::npos);
    for (const Style& whole : {Style{}, Style{.width = 200, .whole = true}}) {
        EXPECT_NE(table_of_places().format(whole).find("  https://git.example/team/backend/"),
                  std::string::npos);
    }
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
