// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/token/permission.h"

#include "common/base/limits.h"

#include <algorithm>
#include <iterator>

namespace patd {
namespace {

bool is_access(std::string_view text) {
    return text == "ro" || text == "rw";
}

bool is_word(std::string_view text) {
    if (text.empty() || text.front() < 'a' || text.front() > 'z')
        return false;
    return std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
}

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    for (std::size_t position = 0;;) {
        const std::size_t end = text.find(separator, position);
        parts.emplace_back(text.substr(position, end - position));
        if (end == std::string_view::npos)
            return parts;
        position = end + 1;
    }
}

// Every verify asks, so it makes no copies.
bool is_permission(std::string_view text) {
    if (text.size() > limits::kPermissionBytes)
        return false;
    const std::size_t first = text.find(':');
    if (!is_word(text.substr(0, first)))
        return false;
    if (first == std::string_view::npos)
        return true;
    const std::string_view rest = text.substr(first + 1);
    const std::size_t second = rest.find(':');
    const std::string_view object = rest.substr(0, second);
    // "vcs:ro" is a forgotten object, not an object of that name.
    if (!is_word(object) || is_access(object))
        return false;
    return second == std::string_view::npos || is_access(rest.substr(second + 1));
}

// Whether another member of `all`, which is sorted, makes `permission` redundant; of two that cover
// each other the first stays. Candidates are its area, its object, and full access to that.
bool is_covered(const PermissionList& all, const Permission& permission) {
    const std::string& text = permission.text();
    const std::size_t first = text.find(':');
    if (first == std::string::npos)
        return false;
    const std::string object = text.substr(0, text.find(':', first + 1));
    const std::string wider[] = {text.substr(0, first), object, object + ":rw"};
    return std::any_of(std::begin(wider), std::end(wider), [&](const std::string& one) {
        const auto other = std::lower_bound(
            all.begin(), all.end(), one,
            [](const Permission& a, const std::string& b) { return a.text() < b; });
        return other != all.end() && other->text() == one && *other != permission &&
               (*other < permission || !permission.covers(*other));
    });
}

}  // namespace

Result<Permission> Permission::parse(std::string_view text) {
    if (!is_permission(text))
        return Errc::InvalidPermission;
    return Permission(std::string(text));
}

bool Permission::covers(const Permission& wanted) const {
    const std::string_view held = text_;
    const std::string_view other = wanted.text_;
    if (other.starts_with(held) && (other.size() == held.size() || other[held.size()] == ':'))
        return true;
    if (!held.ends_with(":rw") || std::count(held.begin(), held.end(), ':') != 2)
        return false;
    const std::string_view object = held.substr(0, held.size() - 3);
    return other == object ||
           (other.size() == held.size() && other.starts_with(object) && other.ends_with(":ro"));
}

Result<PermissionList> parse_permissions(const std::vector<std::string>& texts) {
    if (texts.empty() || texts.size() > limits::kPermissionsPerToken)
        return Errc::InvalidPermission;
    PermissionList all;
    for (const std::string& text : texts)
        all.push_back(TRY(Permission::parse(text)));
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    PermissionList kept;
    for (const Permission& permission : all) {
        if (!is_covered(all, permission))
            kept.push_back(permission);
    }
    if (format_permissions(kept).size() > limits::kPermissionListBytes)
        return Errc::InvalidPermission;
    return kept;
}

Result<PermissionList> parse_permission_list(std::string_view text) {
    return parse_permissions(split(text, ','));
}

std::string format_permissions(const PermissionList& permissions) {
    std::string text;
    for (const Permission& permission : permissions) {
        if (!text.empty())
            text += ',';
        text += permission.text();
    }
    return text;
}

bool covers(const PermissionList& held, const Permission& wanted) {
    return std::any_of(held.begin(), held.end(),
                       [&](const Permission& permission) { return permission.covers(wanted); });
}

bool covers(const PermissionList& held, const PermissionList& wanted) {
    return std::all_of(wanted.begin(), wanted.end(),
                       [&](const Permission& permission) { return covers(held, permission); });
}

}  // namespace patd
