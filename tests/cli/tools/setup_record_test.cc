// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/tools/setup_record.h"

#include "tests/cli/tools/tool_home.h"

namespace patd::cli::tools {
namespace {

class Record : public ToolHome {};

TEST_F(Record, IsReadAsItWasWrittenAndGoesWhenItIsEmpty) {
    SetupRecord record = SetupRecord::read(home_ / "state/setup.json");
    record.tools["docker"] = {{"a.example"}, {"/x"}};
    ASSERT_TRUE(record.write());
    SetupRecord again = SetupRecord::read(home_ / "state/setup.json");
    EXPECT_EQ(again.tools["docker"].places, std::vector<std::string>{"a.example"});
    EXPECT_TRUE(again.has_made("docker", "/x"));
    EXPECT_FALSE(again.has_made("podman", "/x"));
    again.tools.clear();
    ASSERT_TRUE(again.write());
    EXPECT_FALSE(exists("state/setup.json"));
}

TEST_F(Record, IsEmptyWhereItCannotBeRead) {
    for (const char* text : {"[", "[]", "{\"docker\": 1}", "{\"docker\": {\"places\": [1, {}]}}"}) {
        write("r", text);
        SetupRecord record = SetupRecord::read(home_ / "r");
        EXPECT_TRUE(record.tools["docker"].places.empty()) << text;
    }
}

}  // namespace
}  // namespace patd::cli::tools
