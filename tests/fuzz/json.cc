// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/json/json_text.h"
#include "common/json/json_walk.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/targets.h"

#include <nlohmann/json.hpp>

namespace patd::fuzz {
namespace {

// Notes every text, and looks that it is inside of what is read.
class Texts final : public JsonVisitor {
  public:
    explicit Texts(std::span<const char> text) : text_(text) {}

    bool open(JsonPath /*where*/, bool /*is_array*/) override { return true; }
    bool value(JsonPath where, JsonKind kind, std::string_view text) override {
        if (kind == JsonKind::Text) {
            require(text.empty() || (text.data() >= text_.data() &&
                                     text.data() + text.size() <= text_.data() + text_.size()),
                    "a text has no copy");
            found_.emplace_back(where.back().key, text);
        }
        return true;
    }
    const std::vector<std::pair<std::string, std::string>>& found() const { return found_; }

  private:
    std::span<const char> text_;
    std::vector<std::pair<std::string, std::string>> found_;
};

void write_again(const Texts& texts) {
    SecretBuffer out(1U << 20U);
    JsonText json(out);
    json.raw("{\"t\":[");
    const char* comma = "";
    for (const auto& [key, text] : texts.found()) {
        json.raw(comma).quoted(text);
        comma = ",";
    }
    if (!json.raw("]}").end())
        return require(out.size() > (1U << 19U), "what is read is UTF-8, and written");
    std::string copy(out.reveal().data(), out.size());
    Texts again(copy);
    require(walk_json(copy, again).has_value(), "what is written is read");
    require(again.found().size() == texts.found().size(), "as many texts are read as were written");
    for (std::size_t i = 0; i < again.found().size(); ++i)
        require(again.found()[i].second == texts.found()[i].second, "a text is read as written");
}

}  // namespace

// What we read is what another reader would read.
void json(std::string_view input) {
    std::string copy(input);
    Texts texts(copy);
    if (!walk_json(copy, texts))
        return;
    // The other reader refuses numbers that no double holds; we read no number.
    const bool has_large_number =
        input.find_first_of("eE") != std::string_view::npos || input.size() > 300;
    require(has_large_number || nlohmann::json::accept(input.begin(), input.end()),
            "what is read is JSON");
    write_again(texts);
}

}  // namespace patd::fuzz
