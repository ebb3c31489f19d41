// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/token/base64url.h"
#include "common/token/token_key.h"
#include "common/token/token_string.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/targets.h"

namespace patd::fuzz {
namespace {

void check_id(const TokenId& id) {
    const std::optional<TokenId> again = token_id_of(token_key(id));
    require(again == id, "an id is the only one of its key");
    require(TokenId::parse(id.text()) == id, "an id is printed as itself");
}

void check_base64url(std::string_view text) {
    SecretBuffer bytes(text.size() + 1);
    if (!append_decoded_base64url(bytes, text))
        return;
    SecretBuffer again(text.size() + 4);
    require(append_base64url(again, bytes.reveal()).has_value(), "what is read is written");
    require(std::string_view(again.reveal().data(), again.size()) == text, "a value has one text");
}

}  // namespace

// A secret as somebody presents it.
void token_strings(std::string_view input) {
    const TokenShape shape = token_shape(input);
    const std::optional<TokenId> id = issued_token_id(input);
    require((shape == TokenShape::Issued) == id.has_value(), "each issued secret has an id");
    if (id) {
        check_id(*id);
        require(claimed_token_id(input) == id, "an intact secret claims its own id");
        require(input.size() == kIssuedBytes, "an issued secret has one length");
    }
    if (shape != TokenShape::None) {
        require(has_valid_checksum(input), "a secret has its checksum");
        std::string typo(input);
        typo[typo.size() / 2] = typo[typo.size() / 2] == 'a' ? 'b' : 'a';
        require(token_shape(typo) == TokenShape::None, "one wrong character is noticed");
    }
    check_base64url(input);
    if (const auto key = Input(input).number(); token_id_of(key))
        require(token_key(*token_id_of(key)) == key, "a key is the only one of its id");
}

}  // namespace patd::fuzz
