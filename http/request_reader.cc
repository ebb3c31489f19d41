// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "http/request_reader.h"

#include "common/base/http_limits.h"

#include <boost/beast/http/basic_parser.hpp>

#include <cstdint>
#include <utility>

namespace patd::web {
namespace {

namespace beast = boost::beast;
using beast::http::field;

std::string_view view_of(beast::string_view text) {
    return {text.data(), text.size()};
}

// Whether it has a control byte that is no tab; without a branch for each byte, so that compilers
// vectorise it.
bool has_odd_byte(std::string_view line) {
    std::uint8_t found = 0;
    for (const char c : line) {
        const auto byte = static_cast<std::uint8_t>(c);
        const auto is_low = static_cast<std::uint8_t>(byte < 0x20);
        const auto is_other = static_cast<std::uint8_t>(byte != '\t');
        const auto is_delete = static_cast<std::uint8_t>(byte == 0x7f);
        found = static_cast<std::uint8_t>(found | (is_low & is_other) | is_delete);
    }
    return found != 0;
}

// Each CR stands before an LF, each LF behind a CR, and the next line does not begin with a blank.
// No other control byte but the tab.
bool is_strict(std::string_view header) {
    while (true) {
        const std::size_t end = header.find('\n');
        std::string_view line = header.substr(0, end);
        if (end != header.npos) {
            if (!line.ends_with('\r'))
                return false;
            line.remove_suffix(1);
        }
        if (has_odd_byte(line))
            return false;
        if (end == header.npos)
            return true;
        header.remove_prefix(end + 1);
        if (header.starts_with(' ') || header.starts_with('\t'))
            return false;
    }
}

// Beast of Boost 1.92 wants this one too, and Beast of 1.74 does not know it: no `override`.
class ParserWithoutTrailers : public beast::http::basic_parser<true> {
    void on_trailer_field_impl(field, beast::string_view, beast::string_view, beast::error_code&) {}
};

}  // namespace

// What Beast finds in a header. It keeps nothing, so no copy of a secret is left behind.
class HeaderParser final : public ParserWithoutTrailers {
  public:
    explicit HeaderParser(RequestReader& reader) : reader_(reader), request_(reader.request_) {}

    bool has_host() const { return has_host_; }
    bool stays() const { return is_newer_ && keep_alive(); }

  private:
    using Code = beast::error_code;

    void on_request_impl(beast::http::verb, beast::string_view method, beast::string_view target,
                         int version, Code&) override {
        is_newer_ = version == 11;
        request_.method = view_of(method);
        request_.target = view_of(target);
    }
    void on_response_impl(int, beast::string_view, int, Code&) override {}
    void on_field_impl(field name, beast::string_view name_text, beast::string_view value,
                       Code& code) override {
        if (++fields_ > limits::kHttpFields)
            return refuse(Status::HeaderTooLarge, code);
        if (!take(name, name_text, view_of(value)))
            refuse(Status::BadRequest, code);
    }
    bool take(field name, beast::string_view name_text, std::string_view value) {
        switch (name) {
            case field::host:
                return take_once(has_host_);
            case field::authorization:
                request_.authorization = value;
                return take_once(request_.has_authorization);
            case field::content_length:  // Beast takes equal ones, and lists of them
                return take_once(has_length_) &&
                       value.find_first_not_of("0123456789") == value.npos;
            case field::content_type:
                request_.content_type = value;
                return take_once(has_type_);
            case field::transfer_encoding:
                reader_.refusal_ = Status::LengthRequired;
                return false;
            case field::expect:
                reader_.wants_continue_ = beast::iequals({value.data(), value.size()},
                                                         beast::string_view("100-continue"));
                return reader_.wants_continue_;
            default:
                if (beast::iequals(name_text, "X-Forwarded-For"))
                    request_.forwarded_for = value;  // the last one is the nearest proxy's
                else if (beast::iequals(name_text, "X-Original-URI"))
                    return take_once(has_uri_, request_.original_uri, value);
                else if (beast::iequals(name_text, "X-Original-Method"))
                    return take_once(has_method_, request_.original_method, value);
                return true;
        }
    }
    static bool take_once(bool& has) { return !std::exchange(has, true); }
    static bool take_once(bool& has, std::string_view& field, std::string_view value) {
        field = value;
        return take_once(has);
    }
    void refuse(Status why, Code& code) {
        if (reader_.refusal_ == Status::BadRequest)
            reader_.refusal_ = why;
        code = beast::http::error::bad_field;
    }
    void on_header_impl(Code&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>&, Code&) override {}
    std::size_t on_body_impl(beast::string_view body, Code&) override { return body.size(); }
    void on_chunk_header_impl(std::uint64_t, beast::string_view, Code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view body, Code&) override {
        return body.size();
    }
    void on_finish_impl(Code&) override {}

    RequestReader& reader_;
    Request& request_;
    std::size_t fields_ = 0;
    bool is_newer_ = false;  // than HTTP/1.0
    bool has_host_ = false;
    bool has_length_ = false;
    bool has_type_ = false;
    bool has_uri_ = false;
    bool has_method_ = false;
};

RequestReader::State RequestReader::refuse(Status why) {
    is_refused_ = true;
    refusal_ = why;
    return State::Refused;
}

bool RequestReader::read_header(std::string_view bytes) {
    constexpr std::string_view kEnd = "\r\n\r\n";
    const std::size_t end = bytes.find(kEnd, scanned_);
    const std::string_view seen = bytes.substr(0, end == bytes.npos ? end : end + kEnd.size());
    // What can never become a header is refused before the rest of it came. The last byte may be a
    // CR whose LF has not.
    std::string_view judged = seen.substr(scanned_ > 2 ? scanned_ - 2 : 0);
    if (scanned_ > 2 && judged.starts_with('\n'))  // its CR was judged with it
        judged.remove_prefix(1);
    if (end == bytes.npos && judged.ends_with('\r'))
        judged.remove_suffix(1);
    if (!is_strict(judged)) {
        refuse(Status::BadRequest);
        return false;
    }
    if (seen.size() > limits::kHttpHeaderBytes) {
        refuse(Status::HeaderTooLarge);
        return false;
    }
    if (end == bytes.npos) {
        scanned_ = bytes.size() > 3 ? bytes.size() - 3 : 0;
        return false;
    }
    HeaderParser parser(*this);
    parser.header_limit(limits::kHttpHeaderBytes);
    parser.skip(true);  // the body is read here
    beast::error_code code;
    const std::size_t used = parser.put(boost::asio::const_buffer(seen.data(), seen.size()), code);
    if (code || !parser.is_header_done() || used != seen.size() || !parser.has_host()) {
        refuse(refusal_);
        return false;
    }
    const std::uint64_t length = parser.content_length().value_or(0);
    if (length > limits::kHttpBodyBytes) {
        refuse(Status::ContentTooLarge);
        return false;
    }
    request_.keep_alive = parser.stays();
    header_bytes_ = seen.size();
    body_bytes_ = static_cast<std::size_t>(length);
    return true;
}

RequestReader::State RequestReader::read(std::span<const char> bytes) {
    if (is_refused_)
        return State::Refused;
    const std::string_view text(bytes.data(), bytes.size());
    if (header_bytes_ == 0 && !read_header(text))
        return is_refused_ ? State::Refused : State::Incomplete;
    request_.bytes = header_bytes_ + body_bytes_;
    if (text.size() >= request_.bytes) {
        request_.body = text.substr(header_bytes_, body_bytes_);
        return State::Whole;
    }
    return std::exchange(wants_continue_, false) ? State::WantsContinue : State::Incomplete;
}

}  // namespace patd::web
