// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "credential_helper/adapters/json_reader.h"

#include <rapidjson/reader.h>

#include <algorithm>

namespace patd::credential_helper {
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
}  // namespace patd::credential_helper

// RapidJSON may work on a copy of the stream, as on its own ones: it looks for the beginning of a
// number in the original.
template <>
struct rapidjson::StreamTraits<patd::credential_helper::TextInPlace> {
    // NOLINTNEXTLINE(readability-identifier-naming): RapidJSON's name
    enum { copyOptimization = 1 };
};

namespace patd::credential_helper {
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
    FieldFinder(std::span<JsonField> fields, JsonList* list) : fields_(fields), list_(list) {}

    // NOLINTBEGIN(readability-identifier-naming): RapidJSON's names
    bool Null() { return depth_ > 0; }
    bool Bool(bool /*value*/) { return is_unwanted(); }
    bool Int(int /*value*/) { return false; }  // numbers come as they were written
    bool Uint(unsigned /*value*/) { return false; }
    bool Int64(std::int64_t /*value*/) { return false; }
    bool Uint64(std::uint64_t /*value*/) { return false; }
    bool Double(double /*value*/) { return false; }
    bool RawNumber(const char* text, rapidjson::SizeType size, bool /*copy*/) {
        return take({text, size}, true);
    }
    bool String(const char* text, rapidjson::SizeType size, bool /*copy*/) {
        return !has_half_a_pair({text, size}) && take({text, size}, false);
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

    // Whether the value that comes has this path.
    bool is_at(std::string_view path) const {
        for (std::size_t i = 0; i < depth_; ++i) {
            const std::string_view key = levels_[i].key;
            if (levels_[i].is_array || key.find('.') != std::string_view::npos ||
                !path.starts_with(key))
                return false;
            path.remove_prefix(key.size());
            if (i + 1 < depth_ && !path.starts_with('.'))
                return false;
            path.remove_prefix(i + 1 < depth_ ? 1 : 0);
        }
        return depth_ > 0 && path.empty();
    }
    JsonField* find_field() {
        for (JsonField& field : fields_) {
            if (is_at(field.path))
                return &field;
        }
        return nullptr;
    }
    bool is_at_list() const { return list_ != nullptr && is_at(list_->path); }
    // Whether an item of the list comes.
    bool is_in_list() {
        if (list_ == nullptr || depth_ < 2 || !levels_[depth_ - 1].is_array)
            return false;
        --depth_;
        const bool is_there = is_at_list();
        ++depth_;
        return is_there;
    }
    bool is_unwanted() { return depth_ > 0 && !find_field() && !is_at_list() && !is_in_list(); }

    bool take(std::string_view value, bool is_number) {
        if (depth_ == 0 || is_at_list())
            return false;
        if (is_in_list()) {
            if (is_number || list_->count == list_->items.size())
                return false;
            list_->items[list_->count++] = value;
            return true;
        }
        JsonField* const field = find_field();
        if (field == nullptr)
            return true;
        if (field->is_number != is_number)
            return false;
        field->found = true;
        field->value = value;
        return true;
    }
    bool open(bool is_array) {
        const bool is_for_scalar = depth_ > 0 && (find_field() != nullptr || is_in_list());
        if (depth_ == levels_.size() || is_for_scalar || (is_at_list() && !is_array))
            return false;
        levels_[depth_++] = Level{is_array, keys_count_};
        return true;
    }
    bool close() {
        keys_count_ = levels_[--depth_].first_key;
        return true;
    }

    std::span<JsonField> fields_;
    JsonList* list_;
    std::array<Level, limits::kToolJsonDepth> levels_;
    std::size_t depth_ = 0;
    std::array<std::string_view, limits::kToolJsonKeys> keys_;
    std::size_t keys_count_ = 0;
};

}  // namespace

Result<void> read_json(std::span<char> text, std::span<JsonField> fields, JsonList* list) {
    constexpr unsigned kFlags = rapidjson::kParseInsituFlag |
                                rapidjson::kParseValidateEncodingFlag |
                                rapidjson::kParseNumbersAsStringsFlag;
    TextInPlace stream(text);
    FieldFinder finder(fields, list);
    rapidjson::Reader reader;
    const bool is_read = !reader.Parse<kFlags>(stream, finder).IsError();
    if (!is_read || !stream.at_end())
        return Error{Errc::MalformedRequest, "JSON"};
    return {};
}

}  // namespace patd::credential_helper
