// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/release/permission_set.h"

#include <algorithm>

namespace patd {
namespace {

constexpr std::string_view kReadWrite = ":rw";
constexpr std::string_view kReadOnly = ":ro";
constexpr std::size_t kPartsPerByte = 4;

// The parts of one that is held, as the two bits say them.
constexpr unsigned kNone = 0;
constexpr unsigned kWhole = 1;
constexpr unsigned kToRead = 2;
constexpr unsigned kOtherName = 3;

std::size_t set_bytes(const PermissionList& list) {
    return (list.size() + kPartsPerByte - 1) / kPartsPerByte;
}

unsigned shift_of(std::size_t index) {
    return static_cast<unsigned>(index % kPartsPerByte) * 2;
}

bool has_object_alone(std::string_view text) {
    return std::count(text.begin(), text.end(), ':') == 1;
}

std::string with_access(std::string_view object, std::string_view access) {
    return std::string(object).append(access);
}

// `area:object` of one with an access, or without; "" of a whole area.
std::string_view object_of(std::string_view text) {
    if (has_object_alone(text))
        return text;
    return text.ends_with(kReadWrite) || text.ends_with(kReadOnly)
               ? text.substr(0, text.size() - kReadWrite.size())
               : std::string_view();
}

struct Found {
    std::size_t index;
    unsigned part;
};

std::optional<Found> find_as(const PermissionList& list, std::string_view text, unsigned part) {
    const auto at =
        std::lower_bound(list.begin(), list.end(), text,
                         [](const Permission& a, std::string_view b) { return a.text() < b; });
    if (at == list.end() || at->text() != text)
        return std::nullopt;
    return Found{static_cast<std::size_t>(at - list.begin()), part};
}

std::optional<Found> find_part(const PermissionList& list, const Permission& wanted) {
    const std::string_view text = wanted.text();
    if (const auto whole = find_as(list, text, kWhole))
        return whole;
    const std::string_view object = object_of(text);
    if (object.empty())
        return std::nullopt;
    const unsigned part = text.ends_with(kReadOnly) ? kToRead : kOtherName;
    if (const auto wide = find_as(list, with_access(object, kReadWrite), part))
        return wide;
    return find_as(list, object, part);
}

// What `part` of `held` is called; "" when it has no such part.
std::string name_of_part(std::string_view held, unsigned part) {
    const std::string_view object = held.ends_with(kReadOnly) ? "" : object_of(held);
    if (object.empty())
        return "";
    if (part == kToRead)
        return with_access(object, kReadOnly);
    return has_object_alone(held) ? with_access(object, kReadWrite) : std::string(object);
}

}  // namespace

std::optional<std::string> encode_permission_set(const PermissionList& permissions,
                                                 const PermissionList& list) {
    std::string set(set_bytes(list), '\0');
    for (const Permission& permission : permissions) {
        const std::optional<Found> found = find_part(list, permission);
        if (!found)
            return std::nullopt;
        char& byte = set[found->index / kPartsPerByte];
        byte = static_cast<char>(static_cast<unsigned char>(byte) |
                                 (found->part << shift_of(found->index)));
    }
    return set;
}

std::optional<PermissionList> decode_permission_set(std::string_view set,
                                                    const PermissionList& list) {
    if (set.size() != set_bytes(list))
        return std::nullopt;
    PermissionList permissions;
    permissions.reserve(list.size());
    bool is_sorted = true;
    for (std::size_t i = 0; i < set.size() * kPartsPerByte; ++i) {
        const auto byte = static_cast<unsigned char>(set[i / kPartsPerByte]);
        const unsigned part = (byte >> shift_of(i)) & 3U;
        if (part == kNone)
            continue;
        if (i >= list.size())
            return std::nullopt;
        if (part == kWhole) {
            permissions.push_back(list[i]);
            continue;
        }
        Result<Permission> named = Permission::parse(name_of_part(list[i].text(), part));
        if (!named)
            return std::nullopt;
        permissions.push_back(std::move(*named));
        is_sorted = false;
    }
    if (!is_sorted)
        std::sort(permissions.begin(), permissions.end());
    return permissions;
}

}  // namespace patd
