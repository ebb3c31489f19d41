// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/token/permission.h"
#include "common/token/release_rules.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/targets.h"

namespace patd::fuzz {
namespace {

void check_one(std::string_view text) {
    const Result<Permission> one = Permission::parse(text);
    if (!one)
        return;
    require(one->text() == text, "a permission has one form");
    require(one->covers(*one), "a permission covers itself");
}

void check_list(std::string_view text) {
    const Result<PermissionList> list = parse_permission_list(text);
    if (!list)
        return;
    const Result<PermissionList> again = parse_permission_list(format_permissions(*list));
    require(again && *again == *list, "a list is printed as itself");
    require(covers(*list, *list), "a list covers itself");
    for (const Permission& one : *list) {
        for (const Permission& other : *list)
            require(one == other || !one.covers(other), "nothing in a list is there twice");
    }
}

}  // namespace

// Two lines of permissions, and one of units that a token is released to.
void permissions(std::string_view input) {
    Input parts(input);
    const std::string_view first = parts.part();
    const std::string_view second = parts.part();
    for (const std::string_view text : {first, second}) {
        check_one(text);
        check_list(text);
    }
    const Result<PermissionList> held = parse_permission_list(first);
    const Result<PermissionList> wanted = parse_permission_list(second);
    if (held && wanted && covers(*held, *wanted)) {
        for (const Permission& one : *wanted)
            require(covers(*held, one), "who covers a list covers each of it");
    }
    const Result<ReleaseRules> rules = ReleaseRules::parse_text(parts.rest());
    if (rules) {
        const Result<ReleaseRules> again = ReleaseRules::parse_text(rules->text());
        require(again && *again == *rules, "rules are printed as themselves");
        require(rules->cover(*rules), "rules cover themselves");
        for (const std::string& unit : rules->units())
            require(rules->allow(unit), "rules allow their units");
    }
}

}  // namespace patd::fuzz
