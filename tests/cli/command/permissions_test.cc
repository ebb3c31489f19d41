// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/cli/support.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

client::Script with_catalogue() {
    client::Script script;
    script.permissions = {dictionary({{"area", std::string("vcs")},
                                      {"object", std::string("repository")},
                                      {"access", std::vector<std::string>{"ro", "rw"}},
                                      {"description", std::string("Repositories")}})};
    return script;
}

TEST(Permissions, ShowsTheCatalogueOfTheService) {
    Patctl patctl(with_catalogue());
    const Ran ran = patctl.run({"permissions"});
    EXPECT_EQ(ran.code, ExitCode::Success);
    EXPECT_EQ(ran.out, "vcs\n  vcs:repository  ro,rw  Repositories\n");
    EXPECT_EQ(patctl.service.members(), std::vector<std::string>{"ListPermissions"});
}

TEST(Permissions, GivesTheDictionariesAsJson) {
    const Ran ran = Patctl(with_catalogue()).run({"permissions", "--json"});
    EXPECT_EQ(ran.out,
              "[{\"access\":[\"ro\",\"rw\"],\"area\":\"vcs\",\"description\":\"Repositories\","
              "\"object\":\"repository\"}]\n");
}

TEST(Permissions, SaysWhatItMeansThatThereIsNone) {
    const Ran ran = Patctl().run({"permissions"});
    EXPECT_EQ(ran.code, ExitCode::Success);
    EXPECT_NE(ran.out.find("patd.permissions(5)"), std::string::npos);
    EXPECT_EQ(Patctl().run({"permissions", "--json"}).out, "[]\n");
}

TEST(Permissions, OneThatIsUnknownNamesTheCommandThatShowsThem) {
    Person person({});
    Patctl patctl({.errors = {{"Create", "org.patd.Tokens1.Error.UnknownPermission"}}});
    patctl.person = &person;
    patctl.output_is_terminal = true;
    const Ran ran = patctl.run({"create", "x", "-p", "wiki"});
    EXPECT_EQ(ran.code, ExitCode::Usage);
    EXPECT_NE(ran.err.find("'patctl permissions'"), std::string::npos) << ran.err;
}

}  // namespace
}  // namespace patd::cli
