// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/text/wrap.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

using Lines = std::vector<std::string>;

TEST(DisplayWidth, CountsColumns) {
    EXPECT_EQ(display_width(""), 0U);
    EXPECT_EQ(display_width("abc"), 3U);
    EXPECT_EQ(display_width("\xe4\xb8\xad"), 2U);
    EXPECT_EQ(display_width("\xff\xfe"), 2U);
}

TEST(Shorten, ShowsThatSomethingIsCut) {
    EXPECT_EQ(shorten("abcdef", 6), "abcdef");
    EXPECT_EQ(shorten("abcdef", 5), "ab...");
    EXPECT_EQ(shorten("abcdef", 2), "..");
    EXPECT_EQ(shorten("\xe4\xb8\xad\xe6\x96\x87", 4), "\xe4\xb8\xad\xe6\x96\x87");
    // Half of a wide character is nothing.
    EXPECT_EQ(shorten("\xe4\xb8\xad\xe6\x96\x87x", 4), "...");
}

TEST(ShortenPlace, KeepsTheHostAndTheEndOfThePath) {
    EXPECT_EQ(shorten_place("git.example/team", 16), "git.example/team");
    EXPECT_EQ(shorten_place("forge.example/team", 16), "forge.ex.../team");
    EXPECT_EQ(shorten_place("git.example/backup", 16), "git.ex.../backup");
    EXPECT_EQ(shorten_place("git.example/team/payments-service.git", 20), "git.examp...vice.git");
    EXPECT_EQ(shorten_place("registry.eu-west.example.com:8443", 16), "registr...m:8443");
    EXPECT_EQ(shorten_place("\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\xe6\x96\x87", 7),
              "\xe4\xb8\xad...\xe6\x96\x87");
    EXPECT_EQ(shorten_place("git.example/ledger +1", 17), "git.../ledger +1");
    EXPECT_EQ(shorten_place("abcdef", 2), "..");
}

TEST(WrapLine, DividesBetweenWords) {
    EXPECT_EQ(wrap_line("one two three", 7), (Lines{"one two", "three"}));
    EXPECT_EQ(wrap_line("one two three", 13), (Lines{"one two three"}));
    EXPECT_EQ(wrap_line("", 7), Lines{""});
}

TEST(WrapLine, NeverBreaksAWord) {
    EXPECT_EQ(wrap_line("see https://git.example/team now", 10),
              (Lines{"see", "https://git.example/team", "now"}));
}

TEST(WrapText, KeepsTheIndentOfALine) {
    EXPECT_EQ(wrap_text("  one two three\nfour\n", 9), "  one two\n  three\nfour\n");
    EXPECT_EQ(wrap_text("one two", 4), "one\ntwo");
}

TEST(WrapLine, KeepsAQuotedCommandTogether) {
    EXPECT_EQ(wrap_line("none fits; see 'patctl list'.", 22),
              (Lines{"none fits; see", "'patctl list'."}));
    EXPECT_EQ(wrap_line("it ended ('sudo patctl lock' does)", 12),
              (Lines{"it ended", "('sudo patctl lock'", "does)"}));
    EXPECT_EQ(wrap_line("git's 'patctl one two", 10), (Lines{"git's", "'patctl", "one two"}));
}

TEST(WrapText, LeavesACommandAlone) {
    const std::string said = "Then remove it:" + own_line("rm -- '/home/zoe/.netrc' '/x'") + "\n";
    EXPECT_EQ(wrap_text(said, 16), said);
    const char* const command = "    sudo systemctl enable --now patd.socket\n";
    EXPECT_EQ(wrap_text(command, 20), command);
}

}  // namespace
}  // namespace patd::cli
