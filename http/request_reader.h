// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace patd::web {

// What patd-http answers.
enum class Status {
    Continue = 100,
    Ok = 200,
    BadRequest = 400,
    Unauthorized = 401,
    Forbidden = 403,
    NotFound = 404,
    MethodNotAllowed = 405,
    RequestTimeout = 408,
    LengthRequired = 411,
    ContentTooLarge = 413,
    HeaderTooLarge = 431,
    ServiceUnavailable = 503,
};

// One request: views into the bytes that were read, which must outlive it unchanged.
struct Request {
    std::string_view method;
    std::string_view target;
    // The fields that matter here, without blanks around them; empty if absent.
    std::string_view authorization;
    std::string_view content_type;
    std::string_view forwarded_for;
    std::string_view original_uri;     // X-Original-URI
    std::string_view original_method;  // X-Original-Method
    std::string_view body;
    bool has_authorization = false;
    bool keep_alive = false;  // the client wants the connection to stay
    std::size_t bytes = 0;    // of the whole request
};

// Reads one HTTP/1.1 or 1.0 request (RFC 9112) from the front of bytes that arrive in any pieces.
// The grammar is Boost.Beast's, which takes no two readings of a length. In addition it refuses,
// and never repairs, what servers and proxies are known to read differently:
// - any byte below 0x20 but the tab, and 0x7f, in the header; a line that ends with LF alone;
// - a line that continues the one before (obs-fold); a name with blanks around it;
// - Transfer-Encoding, whatever it says: who has a body says how long it is (411);
// - no Host, or two; any other field that counts here twice, X-Forwarded-For apart;
// - more than kHttpHeaderBytes, kHttpFields or kHttpBodyBytes.
// Copies nothing. Thread rule: one at a time.
class RequestReader {
  public:
    enum class State { Incomplete, WantsContinue, Whole, Refused };

    // `bytes` are those of the call before, and perhaps more. WantsContinue is said once: the
    // client waits for `100 Continue` before it sends the body.
    State read(std::span<const char> bytes);

    // Of a whole request.
    const Request& request() const { return request_; }
    // The answer to a refused one, after which nothing of this connection can be trusted.
    Status refusal() const { return refusal_; }
    // For the next request, which begins at the front of other bytes.
    void reset() { *this = RequestReader(); }

  private:
    friend class HeaderParser;

    State refuse(Status why);
    // Whether the header is whole and good; nothing yet, or refused, if not.
    bool read_header(std::string_view bytes);

    Request request_;
    Status refusal_ = Status::BadRequest;
    std::size_t scanned_ = 0;       // no header ends before
    std::size_t header_bytes_ = 0;  // 0: not whole yet
    std::size_t body_bytes_ = 0;
    bool is_refused_ = false;
    bool wants_continue_ = false;
};

}  // namespace patd::web
