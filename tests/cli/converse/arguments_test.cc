// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/converse/arguments.h"

#include "tests/cli/support.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

using Texts = std::vector<std::string>;

std::string faults_of(const Arguments& arguments) {
    Faults faults;
    (void)to_dictionary(arguments, kNow, faults);
    std::string text;
    for (const Fault& fault : faults)
        text += std::string(errc_name(fault.error.code)) + " " + fault.field +
                (fault.item ? std::to_string(*fault.item) : "") + ";";
    return text;
}

TEST(ConverseArguments, BecomeWhatTheBusTakes) {
    Arguments arguments;
    arguments.description = "laptop";
    arguments.permissions = Texts{"vcs:repository:rw"};
    arguments.targets = Texts{"https://git.example/a", "bearer+https://other.example"};
    arguments.only_units = Texts{"backup.service"};
    arguments.username = "alice";
    arguments.expires = "1d";
    arguments.confirm = "always";
    arguments.reinstate = true;
    arguments.through_gateway = false;
    Faults faults;
    EXPECT_EQ(to_dictionary(arguments, kNow, faults),
              dictionary({{"description", "laptop"},
                          {"permissions", *arguments.permissions},
                          {"targets", *arguments.targets},
                          {"only-units", *arguments.only_units},
                          {"username", "alice"},
                          {"expires", kNow + 24 * 3600},
                          {"confirm", "always"},
                          {"reinstate", true},
                          {"through-gateway", false}}));
    EXPECT_TRUE(faults.empty());
}

TEST(ConverseArguments, AreEmptyWhereAllIsToGo) {
    Arguments arguments;
    arguments.targets = Texts();
    arguments.only_units = Texts();
    Faults faults;
    EXPECT_EQ(to_dictionary(arguments, kNow, faults),
              dictionary({{"targets", Texts()}, {"only-units", Texts()}}));
    EXPECT_TRUE(faults.empty());
}

TEST(ConverseArguments, SayEveryFaultWithItsPlace) {
    Arguments arguments;
    arguments.description = "";
    arguments.permissions = Texts{"vcs", "VCS", "x:y:z"};
    arguments.targets = Texts{"https://git.example", "git.example", "http://git.example",
                              "https://u:p@git.example"};
    arguments.only_units = Texts{"a.service", "a"};
    arguments.username = std::string("a\nb");
    arguments.expires = "soon";
    arguments.confirm = "sometimes";
    EXPECT_EQ(faults_of(arguments),
              "InvalidDescription description;InvalidPermission permissions1;"
              "InvalidPermission permissions2;InvalidTarget targets1;InvalidTarget targets2;"
              "InvalidTarget targets3;InvalidRule only_units1;InvalidUsername username;"
              "InvalidExpiry expires;MalformedRequest confirm;");
}

TEST(ConverseArguments, TakePlainHttpWhereItIsWanted) {
    Arguments arguments;
    arguments.targets = Texts{"http://git.example"};
    EXPECT_EQ(faults_of(arguments), "InvalidTarget targets0;");
    arguments.insecure_http = true;
    EXPECT_EQ(faults_of(arguments), "");
}

TEST(ConverseArguments, NameTokensByWholeIds) {
    Faults faults;
    EXPECT_EQ(read_ids({kSomeId}, faults).size(), 1U);
    EXPECT_TRUE(faults.empty());
    (void)read_ids({kSomeId, "laptop", "AbC"}, faults);
    ASSERT_EQ(faults.size(), 2U);
    EXPECT_EQ(faults[1].item, 2U);
    faults.clear();
    (void)read_ids({}, faults);
    EXPECT_EQ(faults.size(), 1U);
}

}  // namespace
}  // namespace patd::cli
