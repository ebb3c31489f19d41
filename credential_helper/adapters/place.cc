// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "credential_helper/adapters/place.h"

#include <algorithm>

namespace patd::credential_helper {
namespace {

constexpr std::string_view kSchemeEnd = "://";

bool is_web_scheme(std::string_view scheme) {
    const auto equals = [scheme](std::string_view lower) {
        return std::equal(scheme.begin(), scheme.end(), lower.begin(), lower.end(),
                          [](char c, char small) {
                              return c == small || (c >= 'A' && c <= 'Z' && c - 'A' + 'a' == small);
                          });
    };
    return equals("https") || equals("http");
}

}  // namespace

Result<void> take_place(std::string_view text, Question& question, std::string_view scheme) {
    if (text.empty())
        return Error{Errc::InvalidTarget, "no place"};
    const bool is_url = text.find(kSchemeEnd) != std::string_view::npos;
    if (!is_url && scheme.empty())
        return Error{Errc::InvalidTarget, "no scheme"};
    question.scheme = is_url ? "" : scheme;
    question.place = text;
    return {};
}

Result<void> take_web_place(std::string_view text, Question& question, std::string_view scheme) {
    const std::size_t end = text.find(kSchemeEnd);
    if (end != std::string_view::npos && !is_web_scheme(text.substr(0, end)))
        return Error{Errc::InvalidTarget, "not of the web"};
    return take_place(text, question, scheme);
}

std::string_view without_scheme(std::string_view url) {
    const std::size_t end = url.find(kSchemeEnd);
    return end == std::string_view::npos ? url : url.substr(end + kSchemeEnd.size());
}

std::string_view without_query(std::string_view url) {
    return url.substr(0, url.find_first_of("?#"));
}

std::string_view without_line_end(std::string_view text) {
    while (text.ends_with('\n') || text.ends_with('\r'))
        text.remove_suffix(1);
    return text;
}

std::string_view as_text(std::span<char> input) {
    return {input.data(), input.size()};
}

Question only_complaint(std::string_view complaint, int status) {
    Question question;
    question.complaint = complaint;
    question.status = status;
    return question;
}

}  // namespace patd::credential_helper
