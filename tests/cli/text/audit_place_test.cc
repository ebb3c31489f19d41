// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/text/audit_place.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

struct PlaceRow {
    const char* where;
    const char* exposure;
    const char* tool;
    const char* place;
};

constexpr PlaceRow kPlaceRows[] = {
    {"", "", "", ""},
    {"https://a", "", "", "https://a"},
    {"tool docker https://a", "", "docker", "https://a"},
    {"exposed X1 https://a", "X1", "", "https://a"},
    {"exposed X1 tool docker https://a", "X1", "docker", "https://a"},
    {"tool docker exposed X1 https://a", "", "docker", "exposed X1 https://a"},
    {"tool docker", "", "", "tool docker"},
    {"tool", "", "", "tool"},
    {"exposed ", "", "", "exposed "},
    {"toolbox https://a", "", "", "toolbox https://a"},
};

TEST(AuditPlace, KnowsThroughWhatAndForWhomItWas) {
    for (const PlaceRow& row : kPlaceRows) {
        const AuditPlace parsed = parse_audit_place(row.where);
        EXPECT_EQ(parsed.exposure, row.exposure) << row.where;
        EXPECT_EQ(parsed.tool, row.tool) << row.where;
        EXPECT_EQ(parsed.place, row.place) << row.where;
    }
}

TEST(AuditPlace, IsShownWithoutTheTool) {
    EXPECT_EQ(format_place(parse_audit_place("exposed XyZ tool docker https://r.example")),
              "exposed XyZ https://r.example");
    EXPECT_EQ(format_place(parse_audit_place("tool docker https://r.example")),
              "https://r.example");
}

}  // namespace
}  // namespace patd::cli
