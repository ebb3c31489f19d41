// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"
#include "common/base/secret_buffer.h"
#include "http/request_reader.h"

#include <ctime>
#include <string>
#include <string_view>

namespace patd::web {

// What a request is answered with. A response without body has `Content-Length: 0`: nginx and
// Caddy open a new connection for each question if there is one (docs/adr/0054).
struct Response {
    Status status = Status::Ok;
    std::string fields = {};     // whole lines, each with its CR LF
    std::string_view body = {};  // JSON
    // More whole lines, which may hold a secret: a view into the visit's buffer.
    std::string_view more_fields = {};
};

// The common ones.
Response ask_for_token(std::string_view error = {});  // 401, with a challenge for each scheme
Response try_again();                                 // 503

// The time as the field `Date` has it, written once a second. Thread rule: one at a time.
class DateText {
  public:
    std::string_view at(std::time_t now);  // until the next call

  private:
    std::time_t time_ = 0;
    std::string text_;
};

// Appends the whole of it, or nothing: LimitExceeded.
Result<void> write_response(SecretBuffer& out, const Response& response, bool keep_alive,
                            std::string_view date);

}  // namespace patd::web
