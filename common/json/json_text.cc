// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/json/json_text.h"

#include <rapidjson/writer.h>

namespace patd {
namespace {

// The buffer as RapidJSON writes to it.
class SecretStream {
  public:
    using Ch = char;  // NOLINT(readability-identifier-naming): RapidJSON's name

    explicit SecretStream(SecretBuffer& out) : out_(out), space_(out.free_space()) {}
    ~SecretStream() { out_.grow(count_); }
    SecretStream(const SecretStream&) = delete;
    SecretStream& operator=(const SecretStream&) = delete;

    bool is_full() const { return is_full_; }

    // NOLINTBEGIN(readability-identifier-naming): RapidJSON's names
    void Put(char byte) {
        is_full_ = is_full_ || count_ == space_.size();
        if (!is_full_)
            space_[count_++] = byte;
    }
    void Flush() {}
    // NOLINTEND(readability-identifier-naming)

  private:
    SecretBuffer& out_;
    const std::span<char> space_;
    std::size_t count_ = 0;  // written; `out_` grows by it at the end
    bool is_full_ = false;
};

using TextWriter =
    rapidjson::Writer<SecretStream, rapidjson::UTF8<>, rapidjson::UTF8<>, rapidjson::CrtAllocator,
                      rapidjson::kWriteValidateEncodingFlag>;

// Whether the last character lacks bytes: RapidJSON would look for them behind the text.
bool is_cut_short(std::string_view text) {
    const auto lead_bytes = [](unsigned char byte) -> std::size_t {
        return byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    };
    for (std::size_t back = 1; back <= 3 && back <= text.size(); ++back) {
        if (lead_bytes(static_cast<unsigned char>(text[text.size() - back])) > back)
            return true;
    }
    return false;
}

}  // namespace

JsonText& JsonText::raw(std::string_view json) {
    if (result_)
        result_ = out_.append(json);
    return *this;
}

JsonText& JsonText::quoted(std::string_view text) {
    if (!result_)
        return *this;
    SecretStream stream(out_);
    TextWriter writer(stream);
    const bool is_text =
        !is_cut_short(text) &&
        writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()), false);
    if (!is_text)
        result_ = Error{Errc::MalformedRequest, "no UTF-8"};
    else if (stream.is_full())
        result_ = Errc::LimitExceeded;
    return *this;
}

Result<void> JsonText::end() {
    raw("\n");
    return result_;
}

}  // namespace patd
