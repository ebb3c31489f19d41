// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "credential_helper/adapters/json_reader.h"

#include "common/json/json_walk.h"

namespace patd::credential_helper {
namespace {

// Whether the value that comes has this path.
bool is_at(JsonPath where, std::string_view path) {
    for (std::size_t i = 0; i < where.size(); ++i) {
        const std::string_view key = where[i].key;
        if (where[i].is_array || key.find('.') != std::string_view::npos || !path.starts_with(key))
            return false;
        path.remove_prefix(key.size());
        if (i + 1 < where.size() && !path.starts_with('.'))
            return false;
        path.remove_prefix(i + 1 < where.size() ? 1 : 0);
    }
    return !where.empty() && path.empty();
}

// Knows what is looked for.
class FieldFinder final : public JsonVisitor {
  public:
    FieldFinder(std::span<JsonField> fields, JsonList* list) : fields_(fields), list_(list) {}

    bool open(JsonPath where, bool is_array) override {
        return find_field(where) == nullptr && !is_in_list(where) &&
               (!is_at_list(where) || is_array);
    }
    bool value(JsonPath where, Type type, std::string_view text) override {
        if (is_at_list(where))
            return false;
        if (is_in_list(where)) {
            if (type != Type::String || list_->count == list_->items.size())
                return false;
            list_->items[list_->count++] = text;
            return true;
        }
        JsonField* const field = find_field(where);
        if (field == nullptr)
            return true;
        if (type != (field->is_number ? Type::Number : Type::String))
            return false;
        field->found = true;
        field->value = text;
        return true;
    }

  private:
    JsonField* find_field(JsonPath where) {
        for (JsonField& field : fields_) {
            if (is_at(where, field.path))
                return &field;
        }
        return nullptr;
    }
    bool is_at_list(JsonPath where) const { return list_ != nullptr && is_at(where, list_->path); }
    // Whether an item of the list comes.
    bool is_in_list(JsonPath where) const {
        return where.size() >= 2 && where.back().is_array &&
               is_at_list(where.first(where.size() - 1));
    }

    std::span<JsonField> fields_;
    JsonList* list_;
};

}  // namespace

Result<void> read_json(std::span<char> text, std::span<JsonField> fields, JsonList* list) {
    FieldFinder finder(fields, list);
    return walk_json(text, finder);
}

}  // namespace patd::credential_helper
