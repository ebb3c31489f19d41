// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/doctor/findings.h"

#include <gtest/gtest.h>

namespace patd::cli::doctor {
namespace {

TEST(Findings, KnowWhichCheckFoundThemAndCountWhatMustBeFixed) {
    Findings findings;
    findings.begin("one");
    findings.error("broken", "fix it");
    findings.note("by the way", "nothing");
    findings.begin("two");
    findings.warn("odd", "look");
    findings.hide("a place");
    ASSERT_EQ(findings.all().size(), 3U);
    EXPECT_EQ(findings.all()[0].check, "one");
    EXPECT_EQ(findings.all()[2].check, "two");
    EXPECT_EQ(findings.count(), 2);
    EXPECT_EQ(findings.hidden(), std::vector<std::string>{"a place"});
}

TEST(Severity, HasANameForPrograms) {
    EXPECT_STREQ(severity_name(Severity::Error), "error");
    EXPECT_STREQ(severity_name(Severity::Warning), "warning");
    EXPECT_STREQ(severity_name(Severity::Note), "note");
}

}  // namespace
}  // namespace patd::cli::doctor
