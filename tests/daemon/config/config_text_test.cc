// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/config/config_text.h"

#include <gtest/gtest.h>

namespace patd {
namespace {

using Texts = std::vector<std::string>;

struct ParsedText {
    Texts lines;   // "3 Key=value"
    Texts faults;  // as they are printed
};

ParsedText parse(std::string_view text) {
    ParsedText parsed;
    for (const ConfigLine& line : parse_config_text(text, kPatdForm)) {
        if (line.begins_section)
            continue;
        const std::string fault(line.fault);
        if (fault.empty())
            parsed.lines.push_back(std::to_string(line.number) + " " + std::string(line.key) + "=" +
                                   std::string(line.value));
        else
            parsed.faults.push_back(format_fault({"f", line.number, fault}));
    }
    return parsed;
}

TEST(ConfigText, ReadsAssignmentsWithTheirLines) {
    const ParsedText parsed = parse(
        "# a comment\n"
        "; another\n"
        "\n"
        "[Patd]\n"
        "AcceptStore=no\n"
        " \tTokensPerUser =  5 \r\n"
        "Empty=\n"
        "With=a=b # c\n"
        "[Patd]\n"
        "Last=1");
    EXPECT_EQ(parsed.lines, (Texts{"5 AcceptStore=no", "6 TokensPerUser=5",
                                   "7 Empty=", "8 With=a=b # c", "10 Last=1"}));
    EXPECT_TRUE(parsed.faults.empty());
}

TEST(ConfigText, AFileWithoutAnyOptionIsFine) {
    for (const char* text : {"", "\n", "\n\n", "# only\n", "[Patd]", "[Patd]\n", " \t \n"}) {
        const ParsedText parsed = parse(text);
        EXPECT_TRUE(parsed.lines.empty()) << text;
        EXPECT_TRUE(parsed.faults.empty()) << text;
    }
}

TEST(ConfigText, NamesEveryFaultAndReadsTheRest) {
    const ParsedText parsed = parse(
        "Early=1\n"
        "[Patd]\n"
        "nonsense\n"
        "Good=1\n"
        "[Other]\n"
        "Hidden=1\n"
        "[patd]\n"
        "[Patd]\n"
        "Better=2\n");
    EXPECT_EQ(parsed.lines, (Texts{"4 Good=1", "9 Better=2"}));
    EXPECT_EQ(parsed.faults,
              (Texts{"f:1: an option outside of a section; put the line [Patd] above it",
                     "f:3: neither KEY=VALUE, nor [Patd], nor a comment; put # before a comment",
                     "f:5: an unknown section; the only one is [Patd]",
                     "f:7: an unknown section; the only one is [Patd]"}));
}

TEST(ConfigText, RefusesControlCharactersAndShowsNone) {
    const std::string text = "[Patd]\nA\x1b[31m=1\nB=\x7f\nC" + std::string(1, '\0') + "=1\n";
    const ParsedText parsed = parse(text);
    EXPECT_TRUE(parsed.lines.empty());
    EXPECT_EQ(parsed.faults, (Texts{"f:2: a control character; write this line again",
                                    "f:3: a control character; write this line again",
                                    "f:4: a control character; write this line again"}));
}

TEST(ConfigText, TakesEveryPrefixOfAGoodFile) {
    const std::string good = "# c\n[Patd]\nAcceptStore=no\n\nTokensPerUser = 5\n";
    for (std::size_t size = 0; size <= good.size(); ++size)
        EXPECT_LE(parse(std::string_view(good).substr(0, size)).faults.size(), 1U) << size;
}

TEST(ConfigText, AFaultOfTheWholeFileHasNoLine) {
    EXPECT_EQ(format_fault({"/etc/patd/patd.conf", 0, "is gone"}), "/etc/patd/patd.conf: is gone");
}

}  // namespace
}  // namespace patd
