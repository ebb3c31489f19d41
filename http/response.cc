// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "http/response.h"

#include <algorithm>
#include <array>

namespace patd::web {
namespace {

std::string_view reason(Status status) {
    switch (status) {
        case Status::Continue:
            return "100 Continue";
        case Status::Ok:
            return "200 OK";
        case Status::BadRequest:
            return "400 Bad Request";
        case Status::Unauthorized:
            return "401 Unauthorized";
        case Status::Forbidden:
            return "403 Forbidden";
        case Status::NotFound:
            return "404 Not Found";
        case Status::MethodNotAllowed:
            return "405 Method Not Allowed";
        case Status::RequestTimeout:
            return "408 Request Timeout";
        case Status::LengthRequired:
            return "411 Length Required";
        case Status::ContentTooLarge:
            return "413 Content Too Large";
        case Status::HeaderTooLarge:
            return "431 Request Header Fields Too Large";
        case Status::ServiceUnavailable:
            return "503 Service Unavailable";
    }
    return "";
}

// RFC 9110, 5.6.7, whatever the locale.
std::string make_date(std::time_t now) {
    constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::tm time{};
    (void)gmtime_r(&now, &time);
    const auto two = [](int number) {
        return std::string(number < 10 ? "0" : "") + std::to_string(number);
    };
    return std::string(kDays[static_cast<std::size_t>(time.tm_wday)]) + ", " + two(time.tm_mday) +
           ' ' + kMonths[static_cast<std::size_t>(time.tm_mon)] + ' ' +
           std::to_string(time.tm_year + 1900) + ' ' + two(time.tm_hour) + ':' + two(time.tm_min) +
           ':' + two(time.tm_sec) + " GMT";
}

}  // namespace

std::string_view DateText::at(std::time_t now) {
    if (text_.empty() || now != time_) {
        text_ = make_date(now);
        time_ = now;
    }
    return text_;
}

Response ask_for_token(std::string_view error) {
    // nginx before 1.23 passes on the first alone, and git knows only Basic.
    std::string fields =
        "WWW-Authenticate: Basic realm=\"patd\"\r\n"
        "WWW-Authenticate: Bearer realm=\"patd\"";
    if (!error.empty())
        fields.append(", error=\"").append(error).append("\"");
    return {Status::Unauthorized, fields.append("\r\n")};
}

Response try_again() {
    return {Status::ServiceUnavailable, "Retry-After: 1\r\n"};
}

Result<void> write_response(SecretBuffer& out, const Response& response, bool keep_alive,
                            std::string_view date) {
    const std::string length = std::to_string(response.body.size());
    const std::array<std::string_view, 12> parts = {
        "HTTP/1.1 ",
        reason(response.status),
        "\r\nDate: ",
        date,
        "\r\nCache-Control: no-store\r\nContent-Length: ",
        length,
        response.body.empty() ? "\r\n" : "\r\nContent-Type: application/json\r\n",
        keep_alive ? "" : "Connection: close\r\n",
        response.fields,
        response.more_fields,
        "\r\n",
        response.body};
    const std::span<char> space = out.free_space();
    std::size_t size = 0;
    for (const std::string_view part : parts) {
        if (part.size() > space.size() - size) {
            wipe(space.first(size));
            return Errc::LimitExceeded;
        }
        std::copy(part.begin(), part.end(), space.data() + size);
        size += part.size();
    }
    out.grow(size);
    return {};
}

}  // namespace patd::web
