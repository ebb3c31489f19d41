// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/config/catalogue_text.h"

#include "common/base/limits.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <sstream>

namespace patd {
namespace {

using Texts = std::vector<std::string>;

struct Parsed {
    Catalogue catalogue;
    Texts faults;   // as they are printed
    Texts entries;  // "area:object access sentence"
};

Parsed parse(const std::vector<ConfigFile>& files) {
    Parsed parsed;
    std::vector<ConfigFault> faults;
    for (const ConfigFile& file : files)
        read_catalogue(file, parsed.catalogue, faults);
    for (const ConfigFault& fault : faults)
        parsed.faults.push_back(format_fault(fault));
    for (const CatalogueEntry& entry : parsed.catalogue.entries())
        parsed.entries.push_back(entry.area + ":" + entry.object +
                                 (entry.access == ObjectAccess::ReadWrite ? " rw " : " ro ") +
                                 entry.description);
    return parsed;
}

Parsed parse(const std::string& text) {
    return parse(std::vector<ConfigFile>{{"f", text}});
}

ConfigFile shipped(const std::string& name) {
    std::ifstream file(std::string(PATD_SOURCE_DIR "/systemd/permissions.d/") + name);
    return {name, {std::istreambuf_iterator<char>(file), {}}};
}

constexpr char kGood[] =
    "# a comment\n"
    "[vcs]\n"
    "Description=Code\n"
    "\n"
    "[vcs:repository]\n"
    "Access=ro rw\n"
    "Description=Repositories: clone = read\n"
    "; another\n"
    "[user:profile]\n"
    "Description=The account\n"
    "Access=ro\n";

TEST(CatalogueText, ReadsAreasAndObjects) {
    const Parsed parsed = parse(kGood);
    EXPECT_EQ(parsed.faults, Texts{});
    EXPECT_EQ(parsed.entries, (Texts{"user:profile ro The account", "vcs: ro Code",
                                     "vcs:repository rw Repositories: clone = read"}));
}

TEST(CatalogueText, NamesTheLineOfEveryFault) {
    const std::vector<std::pair<std::string, std::string>> rows = {
        {"Description=x\n", "f:1: an option outside"},
        {"vcs\n", "f:1: neither KEY=VALUE"},
        {"[VCS]\nDescription=x\n", "f:1: not a section"},
        {"[]\n", "f:1: not a section"},
        {"[vcs\n", "f:1: not a section"},
        {"[vcs:]\n", "f:1: not a section"},
        {"[vcs:ro]\n", "f:1: not a section"},
        {"[vcs:repository:ro]\n", "f:1: not a section"},
        {"[vcs repository]\n", "f:1: not a section"},
        {"[a:" + std::string(limits::kPermissionBytes - 4, 'b') + "]\n", "f:1: not a section"},
        {"[vcs]\n", "f:1: a section without Description="},
        {"[vcs]\nDescription=\n", "f:2: Description= takes"},
        {"[vcs]\nDescription=a\xff\n", "f:2: Description= takes"},
        {"[vcs]\nDescription=a\xe2\x80\xae\n", "f:2: Description= takes"},
        {"[vcs]\nDescription=a\x01\n", "f:2: a control character"},
        {"[vcs]\nDescription=" + std::string(limits::kCatalogueSentenceBytes + 1, 'x') + "\n",
         "f:2: Description= takes"},
        {"[vcs]\nDescription=x\nAccess=ro\n", "f:3: an area has no Access="},
        {"[vcs:a]\nDescription=x\n", "f:1: an object without Access="},
        {"[vcs:a]\nDescription=x\nAccess=\n", "f:3: Access= takes ro, or ro rw"},
        {"[vcs:a]\nDescription=x\nAccess=admin\n", "f:3: Access= takes ro, or ro rw"},
        {"[vcs:a]\nDescription=x\nAccess=ro,rw\n", "f:3: Access= takes ro, or ro rw"},
        {"[vcs:a]\nDescription=x\nAccess=ro\naccess=rw\n", "f:4: an unknown option"},
        {"[vcs]\nDescription=x\n[vcs]\nDescription=y\n", "f:3: a section that this file has"},
    };
    for (const auto& [text, fault] : rows) {
        const Parsed parsed = parse(text);
        ASSERT_EQ(parsed.faults.size(), 1U) << text;
        EXPECT_TRUE(parsed.faults[0].starts_with(fault)) << text << parsed.faults[0];
    }
    EXPECT_EQ(parse("[vcs:a]\n[b]\nX=1\n").faults.size(), 3U);
}

TEST(CatalogueText, AFaultRepeatsNoBytesOfTheFile) {
    for (const char* text : {"hunter2\n", "[hunter2 x]\n", "[vcs]\nhunter2=1\nDescription=x\n",
                             "[vcs:a]\nDescription=x\nAccess=hunter2\n"})
        for (const std::string& fault : parse(text).faults)
            EXPECT_EQ(fault.find("hunter2"), std::string::npos) << fault;
}

TEST(CatalogueText, EveryPrefixIsReadWithoutHarm) {
    const std::string good = kGood;
    for (std::size_t size = 0; size <= good.size(); ++size) {
        const Parsed parsed = parse(good.substr(0, size));
        EXPECT_LE(parsed.entries.size(), 3U) << size;
        EXPECT_LE(parsed.faults.size(), 2U) << size;
    }
}

TEST(CatalogueText, ALaterFileReplacesASectionAndAddsToAnArea) {
    const Parsed parsed = parse({{"a", kGood},
                                 {"b",
                                  "[vcs:repository]\nAccess=ro\nDescription=Read only here\n"
                                  "[vcs:wiki]\nAccess=rw\nDescription=Pages\n"}});
    EXPECT_EQ(parsed.faults, Texts{});
    EXPECT_EQ(parsed.entries, (Texts{"user:profile ro The account", "vcs: ro Code",
                                     "vcs:repository ro Read only here", "vcs:wiki rw Pages"}));
}

TEST(CatalogueText, HasALimitOfEntries) {
    std::vector<ConfigFile> files;
    for (std::size_t i = 0; i < limits::kCatalogueEntries; ++i)
        files.push_back({"f", "[a" + std::to_string(i) + "]\nDescription=x\n"});
    EXPECT_EQ(parse(files).faults, Texts{});
    files.push_back({"g", "[one-more]\nDescription=x\n"});
    EXPECT_EQ(parse(files).faults,
              Texts{"g: makes it more than 512 areas and objects; remove some"});
}

// The table of CODING's permissions (42 objects), and what a git server needs.
TEST(CatalogueText, WhatIsShippedIsGoodAndFitsIntoOneToken) {
    const Parsed coding = parse({shipped("coding.conf")});
    EXPECT_EQ(coding.faults, Texts{});
    std::size_t objects = 0;
    std::set<std::string> areas;
    std::vector<std::string> all;
    for (const CatalogueEntry& entry :
         parse({shipped("coding.conf"), shipped("git.conf")}).catalogue.entries()) {
        objects += !entry.object.empty() && entry.area != "git" ? 1U : 0U;
        areas.insert(entry.area);
        EXPECT_FALSE(entry.description.empty()) << entry.area;
    }
    EXPECT_EQ(objects, 42U);
    EXPECT_EQ(areas.size(), 18U);
    EXPECT_EQ(parse({shipped("patd.conf")}).faults, Texts{});
    PermissionList wanted;
    for (const std::string& area : areas)
        wanted.push_back(Permission::parse(area).value());
    const Parsed both = parse({shipped("coding.conf"), shipped("git.conf")});
    EXPECT_EQ(both.catalogue.resolve(wanted).value().size(), 46U);
    EXPECT_EQ(both.catalogue.resolve(parse_permission_list("ram").value()).value(),
              parse_permission_list("ram:grant:rw,ram:policy:rw,ram:user-group:ro").value());
}

}  // namespace
}  // namespace patd
