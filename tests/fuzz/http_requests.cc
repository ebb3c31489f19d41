// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/http_limits.h"
#include "common/token/token_string.h"
#include "http/credentials.h"
#include "http/form.h"
#include "http/request_reader.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/targets.h"

#include <algorithm>

namespace patd::fuzz {
namespace {

using web::RequestReader;
using State = RequestReader::State;

// What is read when all of it came at once, or bit by bit.
State read_request(RequestReader& reader, std::string_view input) {
    State state = State::Incomplete;
    for (int i = 0; i < 2; ++i) {  // WantsContinue is said once
        state = reader.read(input);
        if (state != State::WantsContinue)
            break;
    }
    return state;
}

bool is_printable(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char byte) {
        return static_cast<unsigned char>(byte) >= 0x20 && byte != 0x7f;
    });
}

void take_form(std::string_view text) {
    SecretBuffer room(text.size() + 1);
    const Result<web::Form> form = web::Form::parse(text, room);
    if (form)
        require(is_printable(form->get("token")), "a value has no control characters");
    else
        require(form.error().code == Errc::MalformedRequest, "a form is never longer than decoded");
}

void take_request(const web::Request& request, std::string_view input) {
    require(request.bytes <= input.size(), "a request is within what came");
    require(request.body.size() <= limits::kHttpBodyBytes, "a body has its limit");
    require(!request.method.empty() && is_printable(request.method), "a method is a word");
    require(!request.target.empty() && is_printable(request.target), "a target is one line");
    require(request.target.find(' ') == request.target.npos, "a target is one word");
    for (const std::string_view field : {request.original_uri, request.original_method})
        require(field.find_first_of("\r\n") == field.npos, "a field is one line");
    const std::string_view header = input.substr(0, request.bytes - request.body.size());
    require(header.size() <= limits::kHttpHeaderBytes, "a header has its limit");
    require(header.find("\r\n\r\n") == header.size() - 4, "a header ends once");
    require(header.find("\r\n ") == header.npos, "no line continues another");
    if (const auto target = web::divide_target(request.target))
        take_form(target->query);
    take_form(request.body);
    SecretBuffer room(limits::kHttpHeaderBytes);
    const auto shown = web::read_credentials(request.authorization, room);
    require(shown.has_value(), "what is decoded fits");
    if (*shown)
        require(token_shape((*shown)->secret) != TokenShape::None, "only tokens are passed on");
}

}  // namespace

void http_requests(std::string_view input) {
    RequestReader whole;
    const State state = read_request(whole, input);
    // However the bytes arrive, the answer is the same.
    RequestReader parts;
    for (const std::size_t cut : {input.size() / 3, input.size() / 2, input.size()}) {
        if (read_request(parts, input.substr(0, cut)) == State::Whole && cut < input.size())
            break;
    }
    const State again = read_request(parts, input);
    require(again == state, "pieces are read as the whole is");
    if (state == State::Refused)
        require(parts.refusal() == whole.refusal() || input.size() > limits::kHttpHeaderBytes,
                "a refusal is the same for pieces");
    if (state != State::Whole)
        return;
    take_request(whole.request(), input);
    require(parts.request().bytes == whole.request().bytes &&
                parts.request().target == whole.request().target,
            "pieces are the same request");
    RequestReader alone;
    require(read_request(alone, input.substr(0, whole.request().bytes)) == State::Whole,
            "what comes behind a request does not change it");
}

}  // namespace patd::fuzz
