// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/converse/operations.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

// The row's verb, or the faults.
std::string find(const std::string& operation, const std::string& arguments,
                 const std::string& more = "") {
    std::string line = R"({"type":"begin","operation":")" + operation + R"(","arguments":)" +
                       arguments + more + "}";
    Faults faults;
    const std::optional<Message> message = parse_message(line, faults);
    const OperationRow* const row = find_operation(std::get<Begin>(message.value()), faults);
    if (row != nullptr)
        return row->verb == Verb::ImportFile ? "file" : std::string(row->name);
    std::string text;
    for (const Fault& fault : faults)
        text += std::string(errc_name(fault.error.code)) + " " + fault.field + ";";
    return text;
}

TEST(Operations, AreFoundWithWhatTheyNeed) {
    EXPECT_EQ(find("lock", "{}"), "lock");
    EXPECT_EQ(find("create", R"({"description":"a","permissions":["b"]})"), "create");
    EXPECT_EQ(find("import", R"({"description":"a","targets":["b"],"username":"c"})"), "import");
    EXPECT_EQ(find("import", R"({"file":"/a","skip":true})"), "file");
    EXPECT_EQ(find("edit", R"({"id":"a","targets":[]})", R"(,"dry_run":true)"), "edit");
}

TEST(Operations, SayAllThatIsLackingOrTooMuch) {
    EXPECT_EQ(find("launch", "{}"), "UnknownOption operation;");
    EXPECT_EQ(find("", "{}"), "UnknownOption operation;");
    EXPECT_EQ(find("create", "{}"), "MalformedRequest description;MalformedRequest permissions;");
    EXPECT_EQ(find("create", R"({"description":"a","permissions":["b"],"id":"c","ids":[]})"),
              "UnknownOption id;UnknownOption ids;");
    EXPECT_EQ(find("import", R"({"file":"/a","targets":["b"]})"), "UnknownOption targets;");
    EXPECT_EQ(find("lock", "{}", R"(,"dry_run":true)"), "UnknownOption dry_run;");
}

}  // namespace
}  // namespace patd::cli
