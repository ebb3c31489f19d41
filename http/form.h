// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/http_limits.h"
#include "common/base/result.h"
#include "common/base/secret_buffer.h"

#include <array>
#include <optional>
#include <string_view>

namespace patd::web {

// Fields in the form application/x-www-form-urlencoded: the query of a request's target, or a body.
// Values may be secret, so that a Form only holds views: into the text that it was read from, and
// into the buffer that what is escaped was decoded into.
class Form {
  public:
    // MalformedRequest: an escape that is none, a name twice, a decoded byte below 0x20 or 0x7f,
    // more than kHttpFormFields. LimitExceeded: `room` is full.
    static Result<Form> parse(std::string_view text, SecretBuffer& room);

    // Nothing if absent.
    std::optional<std::string_view> find(std::string_view name) const;
    std::string_view get(std::string_view name) const { return find(name).value_or(""); }
    // Whether each name is one of `names`.
    bool has_only(std::initializer_list<std::string_view> names) const;

  private:
    struct Field {
        std::string_view name;
        std::string_view value;
    };
    std::array<Field, limits::kHttpFormFields> fields_;
    std::size_t count_ = 0;
};

// A request's target, divided: `/path?query`.
struct TargetParts {
    std::string_view path;
    std::string_view query;
};
// Nothing for another form than that (RFC 9112, 3.2): a whole URL, an authority, `*`.
std::optional<TargetParts> divide_target(std::string_view target);

}  // namespace patd::web
