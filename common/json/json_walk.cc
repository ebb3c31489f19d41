// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/json/json_walk.h"

#include "common/base/tool_limits.h"

#include <rapidjson/reader.h>

#include <algorithm>
#include <array>

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

// Where in the text the reader is. Each function says whether to go on.
class Walk {
  public:
    explicit Walk(JsonVisitor& visitor) : visitor_(visitor) {}

    // NOLINTBEGIN(readability-identifier-naming): RapidJSON's names
    bool Null() { return depth_ > 0 && visitor_.null(where()); }
    bool Bool(bool value) { return tell(JsonKind::Flag, value ? "true" : "false"); }
    bool Int(int /*value*/) { return false; }  // numbers come as they were written
    bool Uint(unsigned /*value*/) { return false; }
    bool Int64(std::int64_t /*value*/) { return false; }
    bool Uint64(std::uint64_t /*value*/) { return false; }
    bool Double(double /*value*/) { return false; }
    bool RawNumber(const char* text, rapidjson::SizeType size, bool /*copy*/) {
        return tell(JsonKind::Number, {text, size});
    }
    bool String(const char* text, rapidjson::SizeType size, bool /*copy*/) {
        return !has_half_a_pair({text, size}) && tell(JsonKind::Text, {text, size});
    }
    bool StartObject() { return open(false); }
    bool Key(const char* text, rapidjson::SizeType size, bool /*copy*/) {
        const std::string_view key(text, size);
        JsonLevel& level = levels_[depth_ - 1];
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
    JsonPath where() const { return std::span(levels_).first(depth_); }
    bool tell(JsonKind kind, std::string_view text) {
        return depth_ > 0 && visitor_.value(where(), kind, text);
    }
    bool open(bool is_array) {
        if (depth_ == levels_.size() || !visitor_.open(where(), is_array))
            return false;
        levels_[depth_++] = JsonLevel{is_array, keys_count_};
        return true;
    }
    bool close() {
        keys_count_ = levels_[--depth_].first_key;
        return true;
    }

    JsonVisitor& visitor_;
    std::array<JsonLevel, limits::kJsonDepth> levels_;
    std::size_t depth_ = 0;
    std::array<std::string_view, limits::kJsonKeys> keys_;
    std::size_t keys_count_ = 0;
};

}  // namespace

Result<void> walk_json(std::span<char> text, JsonVisitor& visitor) {
    constexpr unsigned kFlags = rapidjson::kParseInsituFlag |
                                rapidjson::kParseValidateEncodingFlag |
                                rapidjson::kParseNumbersAsStringsFlag;
    TextInPlace stream(text);
    Walk walk(visitor);
    rapidjson::Reader reader;
    const bool is_read = !reader.Parse<kFlags>(stream, walk).IsError();
    if (!is_read || !stream.at_end())
        return Error{Errc::MalformedRequest, "JSON"};
    return {};
}

}  // namespace patd
