// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/json/json_reader.h"

#include "common/json/json_walk.h"

#include <algorithm>
#include <optional>

namespace patd {
namespace {

// What of `path` is left behind `where`: "" for the value itself; none where it is elsewhere.
std::optional<std::string_view> rest_of(std::string_view path, JsonPath where) {
    for (std::size_t i = 0; i < where.size(); ++i) {
        const std::string_view key = where[i].key;
        if (where[i].is_array || key.find('.') != std::string_view::npos || !path.starts_with(key))
            return std::nullopt;
        path.remove_prefix(key.size());
        if (path.empty() ? i + 1 < where.size() : path.front() != '.')
            return std::nullopt;
        path.remove_prefix(i + 1 < where.size() ? 1 : 0);
    }
    return where.empty() ? std::nullopt : std::optional(path);
}

// Knows what is looked for. Each function says whether to go on.
class FieldFinder final : public JsonVisitor {
  public:
    explicit FieldFinder(JsonShape& shape) : shape_(shape) {}

    Errc reason() const { return reason_; }

    bool open(JsonPath where, bool is_array) override {
        if (const JsonField* const field = find_field(where))
            return refuse(field->path);
        if (const JsonList* const list = find_list_around(where))
            return refuse(list->path);
        if (JsonList* const list = find_list(where)) {
            list->found = is_array;
            return is_array || refuse(list->path);
        }
        return where.empty() || (!is_array && is_on_the_way(where)) || pass_over();
    }
    bool value(JsonPath where, JsonKind kind, std::string_view text) override {
        if (const JsonList* const list = find_list(where))
            return refuse(list->path);
        if (JsonList* const list = find_list_around(where)) {
            if (kind != JsonKind::Text)
                return refuse(list->path);
            if (list->count == list->room.size())
                return refuse(list->path, Errc::LimitExceeded);
            list->room[list->count++] = text;
            return true;
        }
        JsonField* const field = find_field(where);
        if (field == nullptr)
            return pass_over();
        if (field->kind != kind)
            return refuse(field->path);
        field->found = true;
        field->value = text;
        return true;
    }
    bool null(JsonPath where) override {
        return find_field(where) != nullptr || find_list(where) != nullptr ||
               is_on_the_way(where) || pass_over();
    }

  private:
    JsonField* find_field(JsonPath where) {
        const auto field = std::find_if(
            shape_.fields.begin(), shape_.fields.end(),
            [&](const JsonField& wanted) { return rest_of(wanted.path, where) == ""; });
        return field == shape_.fields.end() ? nullptr : &*field;
    }
    JsonList* find_list(JsonPath where) {
        const auto list =
            std::find_if(shape_.lists.begin(), shape_.lists.end(),
                         [&](const JsonList& wanted) { return rest_of(wanted.path, where) == ""; });
        return list == shape_.lists.end() ? nullptr : &*list;
    }
    // The list of which an item comes.
    JsonList* find_list_around(JsonPath where) {
        const bool is_item = where.size() > 1 && where.back().is_array;
        return is_item ? find_list(where.first(where.size() - 1)) : nullptr;
    }
    // Whether what is looked for is below the value that comes.
    bool is_on_the_way(JsonPath where) {
        const auto is_below = [&](const auto& wanted) {
            return !rest_of(wanted.path, where).value_or("").empty();
        };
        return std::any_of(shape_.fields.begin(), shape_.fields.end(), is_below) ||
               std::any_of(shape_.lists.begin(), shape_.lists.end(), is_below);
    }
    bool refuse(std::string_view path, Errc reason = Errc::MalformedRequest) {
        shape_.fault = path;
        reason_ = reason;
        return false;
    }
    // What is not looked for.
    bool pass_over() { return !shape_.is_whole || refuse({}, Errc::UnknownOption); }

    JsonShape& shape_;
    Errc reason_ = Errc::MalformedRequest;
};

}  // namespace

Result<void> read_json(std::span<char> text, JsonShape& shape) {
    FieldFinder finder(shape);
    if (const Result<void> walked = walk_json(text, finder); !walked)
        return Error{finder.reason(), walked.error().context};
    return {};
}

Result<void> read_json(std::span<char> text, std::span<JsonField> fields) {
    JsonShape shape{.fields = fields};
    return read_json(text, shape);
}

}  // namespace patd
