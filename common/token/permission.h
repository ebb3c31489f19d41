// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"

#include <compare>
#include <string>
#include <string_view>
#include <vector>

namespace patd {

// `area[:object[:ro|rw]]`, for example vcs:repository:rw. Words are [a-z][a-z0-9-]*;
// an object is not called ro or rw.
// `rw` covers `ro`; `area:object` means both accesses of the object, as `rw` does; `area` covers
// everything in it.
class Permission {
  public:
    // InvalidPermission for anything but the form above, at most 64 bytes.
    static Result<Permission> parse(std::string_view text);

    const std::string& text() const { return text_; }
    // Whether a holder of this permission may do what `wanted` names.
    bool covers(const Permission& wanted) const;

    friend auto operator<=>(const Permission&, const Permission&) = default;

  private:
    explicit Permission(std::string text) : text_(std::move(text)) {}

    std::string text_;
};

using PermissionList = std::vector<Permission>;

// 1 to 64 permissions, at most 1 KiB in all: sorted, without those that another one covers.
Result<PermissionList> parse_permissions(const std::vector<std::string>& texts);
// The same from one text, separated by commas.
Result<PermissionList> parse_permission_list(std::string_view text);
std::string format_permissions(const PermissionList& permissions);

bool covers(const PermissionList& held, const Permission& wanted);
bool covers(const PermissionList& held, const PermissionList& wanted);

}  // namespace patd
