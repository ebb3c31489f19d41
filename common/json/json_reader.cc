// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/json/json_reader.h"

#include "common/base/tool_limits.h"

#include <rapidjson/reader.h>

#include <algorithm>
#include <array>
#include <optional>

namespace patd {
namespace {

// The text as RapidJSON reads and rewrites it. Nothing outside of it is touched: at its end it
// reads as NUL, and nothing is written beyond what was read.
class TextInPlace {
  public:
    using Ch = char;  // NOLINT(readability-identifier-naming): RapidJSON's name

    explicit TextInPlace(std::span<char> text)
        : begin_(text.data()), end_(begin_ + text.size()), source_(begin_), target_(begin_) {}

    bool at_end() const { return source_ == end_; }

    // NOLINTBEGIN(readability-identifier-naming): RapidJSON's names
    char Peek() const { return at_end() ? '\0' : *source_; }
    char Take() { return at_end() ? '\0' : *source_++; }
    std::size_t Tell() const { return static_cast<std::size_t>(source_ - begin_); }
    char* PutBegin() { return target_ = source_; }
    void Put(char byte) {
        if (target_ < source_)
            *target_++ = byte;
    }
    std::size_t PutEnd(const char* begin) { return static_cast<std::size_t>(target_ - begin); }
    void Flush() {}
    // NOLINTEND(readability-identifier-naming)

  private:
    char* begin_;
    char* end_;
    char* source_;
    char* target_;
};

}  // namespace
}  // namespace patd

// RapidJSON may work on a copy of the stream, as on its own ones: it looks for the beginning of a
// number in the original.
template <>
struct rapidjson::StreamTraits<patd::TextInPlace> {
    // NOLINTNEXTLINE(readability-identifier-naming): RapidJSON's name
    enum { copyOptimization = 1 };
};

namespace patd {
namespace {

// RapidJSON decodes the escape of the second half of a surrogate pair alone, to what is no UTF-8.
bool has_half_a_pair(std::string_view text) {
    constexpr auto kLead = '\xed';
    constexpr unsigned char kFirstOfPairs = 0xa0;
    for (std::size_t at = text.find(kLead); at < text.size(); at = text.find(kLead, at + 1)) {
        if (at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) >= kFirstOfPairs)
            return true;
    }
    return false;
}

// Where in the text the reader is, and what is looked for. Each function says whether to go on.
class FieldFinder {
  public:
    explicit FieldFinder(JsonShape& shape) : shape_(shape) {}

    Errc reason() const { return reason_; }

    // NOLINTBEGIN(readability-identifier-naming): RapidJSON's names
    bool Null() { return depth_ > 0 && (!shape_.is_whole || is_expected()); }
    bool Bool(bool value) { return take(value ? "true" : "false", JsonKind::Flag); }
    bool Int(int /*value*/) { return false; }  // numbers come as they were written
    bool Uint(unsigned /*value*/) { return false; }
    bool Int64(std::int64_t /*value*/) { return false; }
    bool Uint64(std::uint64_t /*value*/) { return false; }
    bool Double(double /*value*/) { return false; }
    bool RawNumber(const char* text, rapidjson::SizeType size, bool /*copy*/) {
        return take({text, size}, JsonKind::Number);
    }
    bool String(const char* text, rapidjson::SizeType size, bool /*copy*/) {
        return !has_half_a_pair({text, size}) && take({text, size}, JsonKind::Text);
    }
    bool StartObject() { return open(false); }
    bool Key(const char* text, rapidjson::SizeType size, bool /*copy*/) {
        const std::string_view key(text, size);
        Level& level = levels_[depth_ - 1];
        const auto begin = keys_.begin() + static_cast<std::ptrdiff_t>(level.first_key);
        const auto end = keys_.begin() + static_cast<std::ptrdiff_t>(keys_count_);
        if (keys_count_ == keys_.size() || has_half_a_pair(key) ||
            std::find(begin, end, key) != end)
            return false;
        keys_[keys_count_++] = key;
        level.key = key;
        return true;
    }
    bool EndObject(rapidjson::SizeType /*members*/) { return close(); }
    bool StartArray() { return depth_ > 0 && open(true); }
    bool EndArray(rapidjson::SizeType /*elements*/) { return close(); }
    // NOLINTEND(readability-identifier-naming)

  private:
    struct Level {
        bool is_array = false;
        std::size_t first_key = 0;  // of this object among keys_
        std::string_view key = {};  // the one whose value is being read
    };

    // What of `path` is left behind the first `depth` levels: "" for the value itself; none where
    // it is elsewhere.
    std::optional<std::string_view> rest_of(std::string_view path, std::size_t depth) const {
        for (std::size_t i = 0; i < depth; ++i) {
            const std::string_view key = levels_[i].key;
            if (levels_[i].is_array || key.find('.') != std::string_view::npos ||
                !path.starts_with(key))
                return std::nullopt;
            path.remove_prefix(key.size());
            if (path.empty() ? i + 1 < depth : path.front() != '.')
                return std::nullopt;
            path.remove_prefix(i + 1 < depth ? 1 : 0);
        }
        return depth > 0 ? std::optional(path) : std::nullopt;
    }
    bool is_at(std::string_view path) const { return rest_of(path, depth_) == ""; }
    JsonField* find_field() {
        for (JsonField& field : shape_.fields) {
            if (is_at(field.path))
                return &field;
        }
        return nullptr;
    }
    JsonList* find_list(std::size_t depth) {
        for (JsonList& list : shape_.lists) {
            if (rest_of(list.path, depth) == "")
                return &list;
        }
        return nullptr;
    }
    // The list of which an item comes.
    JsonList* find_list_around() {
        const bool is_item = depth_ > 1 && levels_[depth_ - 1].is_array;
        return is_item ? find_list(depth_ - 1) : nullptr;
    }
    // Whether what is looked for is below the value that comes.
    bool is_on_the_way() {
        const auto is_below = [this](const auto& wanted) {
            const std::optional<std::string_view> rest = rest_of(wanted.path, depth_);
            return rest && !rest->empty();
        };
        return std::any_of(shape_.fields.begin(), shape_.fields.end(), is_below) ||
               std::any_of(shape_.lists.begin(), shape_.lists.end(), is_below);
    }
    bool is_expected() {
        return find_field() != nullptr || find_list(depth_) != nullptr || is_on_the_way() ||
               refuse({}, Errc::UnknownOption);
    }
    bool refuse(std::string_view path, Errc reason = Errc::MalformedRequest) {
        shape_.fault = path;
        reason_ = reason;
        return false;
    }
    // What is not looked for.
    bool pass_over() { return depth_ > 0 && (!shape_.is_whole || refuse({}, Errc::UnknownOption)); }

    bool take(std::string_view value, JsonKind kind) {
        if (const JsonList* const list = find_list(depth_))
            return refuse(list->path);
        if (JsonList* const list = find_list_around()) {
            if (kind != JsonKind::Text)
                return refuse(list->path);
            if (list->count == list->room.size())
                return refuse(list->path, Errc::LimitExceeded);
            list->room[list->count++] = value;
            return true;
        }
        JsonField* const field = find_field();
        if (field == nullptr)
            return pass_over();
        if (field->kind != kind)
            return refuse(field->path);
        field->found = true;
        field->value = value;
        return true;
    }
    bool open(bool is_array) {
        if (depth_ == levels_.size())
            return false;
        if (const JsonField* const field = find_field())
            return refuse(field->path);
        if (const JsonList* const list = find_list_around())
            return refuse(list->path);
        if (JsonList* const list = find_list(depth_)) {
            if (!is_array)
                return refuse(list->path);
            list->found = true;
        } else if (depth_ > 0 && (is_array || !is_on_the_way()) && !pass_over()) {
            return false;
        }
        levels_[depth_++] = Level{is_array, keys_count_};
        return true;
    }
    bool close() {
        keys_count_ = levels_[--depth_].first_key;
        return true;
    }

    JsonShape& shape_;
    Errc reason_ = Errc::MalformedRequest;
    std::array<Level, limits::kJsonDepth> levels_;
    std::size_t depth_ = 0;
    std::array<std::string_view, limits::kJsonKeys> keys_;
    std::size_t keys_count_ = 0;
};

}  // namespace

Result<void> read_json(std::span<char> text, JsonShape& shape) {
    constexpr unsigned kFlags = rapidjson::kParseInsituFlag |
                                rapidjson::kParseValidateEncodingFlag |
                                rapidjson::kParseNumbersAsStringsFlag;
    TextInPlace stream(text);
    FieldFinder finder(shape);
    rapidjson::Reader reader;
    const bool is_read = !reader.Parse<kFlags>(stream, finder).IsError();
    if (!is_read || !stream.at_end())
        return Error{is_read ? Errc::MalformedRequest : finder.reason(), "JSON"};
    return {};
}

Result<void> read_json(std::span<char> text, std::span<JsonField> fields) {
    JsonShape shape{.fields = fields};
    return read_json(text, shape);
}

}  // namespace patd
