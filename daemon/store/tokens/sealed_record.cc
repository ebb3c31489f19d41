// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/tokens/sealed_record.h"

#include "common/base/limits.h"
#include "common/token/imported_secret.h"
#include "daemon/store/tokens/store_sql.h"

#include <algorithm>

namespace patd::store {
namespace {

constexpr std::size_t kVerifierBytes = sizeof(Digest);
constexpr std::size_t kPlaintextContentsMax =
    limits::kTokenSecretBytes + limits::kRefreshTokenBytes;
static_assert(limits::kSecretPartsBytes <= kPlaintextContentsMax, "git stores none with parts");

void take(Query& row, int column, std::int64_t& value) {
    value = row.integer(column);
}

void take(Query& row, int column, std::string_view& value) {
    value = row.text(column);
}

RecordColumns read_columns(Query& row) {
    RecordColumns columns;
    int next = kSealColumns;
    for (const TokenColumn& column : kTokenColumns)
        column.visit(columns, [&](auto& value) { take(row, next++, value); });
    return columns;
}

SealedView read_seal(Query& row) {
    return {.salt = row.blob(0), .nonce = row.blob(1), .sealed = row.blob(2)};
}

// git keeps an empty password for a server that asks for none (Kerberos).
bool may_be_empty(const Token& token) {
    return is_stored_by_git(token);
}

bool is_plausible_size(const Token& token, SecretPlace place, std::size_t size) {
    if (token.kind != TokenKind::Imported)
        return size == kVerifierBytes;
    if (place == SecretPlace::Vault)
        return size == kVerifierBytes || size == kVerifierBytes + sizeof(Share);
    const std::size_t least = kVerifierBytes + token.refresh_bytes;
    return size > least || (size == least && may_be_empty(token));
}

}  // namespace

SealedRecord::SealedRecord(Sealer sealer, std::optional<Sealer> before, SecretPlace place)
    : sealer_(std::move(sealer)),
      before_(std::move(before)),
      place_(place),
      plaintext_(kVerifierBytes + kPlaintextContentsMax) {}

void SealedRecord::set_keys(Sealer sealer, std::optional<Sealer> before) {
    sealer_ = std::move(sealer);
    before_ = std::move(before);
}

Result<std::optional<Token>> SealedRecord::open(Connection& connection, std::int64_t id) {
    plaintext_.wipe();
    Query row = TRY(connection.query(sql::kSelectToken));
    row.bind(id);
    if (!TRY(row.step()))
        return std::optional<Token>();
    Result<Token> token = open_row(row);
    if (!token) {
        plaintext_.wipe();
        const std::optional<TokenId> name = token_id_of(id);
        return Error{token.error().code,
                     "token " + (name ? name->text() : "?") + ": " + token.error().context};
    }
    return std::optional<Token>(std::move(*token));
}

Result<Token> SealedRecord::open_row(Query& row) {
    const RecordColumns columns = read_columns(row);
    const SealedView seal = read_seal(row);
    if (row.malformed())
        return Error{Errc::Corrupt, "a column has the wrong type"};
    bind_token(aad_, columns);
    Result<void> opened = sealer_.open(aad_.view(), seal, plaintext_);
    outdated_ = !opened && before_;
    if (outdated_)
        opened = before_->open(aad_.view(), seal, plaintext_);
    TRY(std::move(opened));
    Token token = TRY(decode_token(columns));
    if (!is_plausible_size(token, place_, plaintext_.size()))
        return Error{Errc::Corrupt, "sealed contents of impossible size"};
    return token;
}

Digest SealedRecord::verifier() const {
    Digest verifier{};
    const Bytes contents = bytes_of(plaintext_.reveal());
    std::copy_n(contents.begin(), std::min(contents.size(), verifier.size()), verifier.begin());
    return verifier;
}

std::span<const char> SealedRecord::secret() const {
    return plaintext_.reveal().subspan(std::min(kVerifierBytes, plaintext_.size()));
}

std::optional<Share> SealedRecord::share() const {
    const Bytes behind = bytes_of(secret());
    Share share{};
    if (place_ != SecretPlace::Vault || behind.size() != share.size())
        return std::nullopt;
    std::copy(behind.begin(), behind.end(), share.begin());
    return share;
}

Result<void> SealedRecord::fill(const Token& token, const Digest& verifier, const NewSecret& secret,
                                const std::optional<Share>& share) {
    plaintext_.wipe();
    if (secret.secret.empty() && !may_be_empty(token))
        return Errc::InvalidSecret;
    if (secret.secret.size() > largest_secret(token.secret_kind) ||
        secret.refresh.size() > limits::kRefreshTokenBytes)
        return Errc::InvalidSecret;
    TRY(plaintext_.append({reinterpret_cast<const char*>(verifier.data()), verifier.size()}));
    if (share)
        return plaintext_.append({reinterpret_cast<const char*>(share->data()), share->size()});
    if (token.kind != TokenKind::Imported || place_ == SecretPlace::Vault)
        return {};
    TRY(plaintext_.append(secret.secret));
    return plaintext_.append(secret.refresh);
}

Result<Digest> name_in_vault(KeyedMac& index, const SealedRecord& record) {
    const std::optional<Share> share = record.share();
    if (!share)
        return record.verifier();
    return index.mac({Bytes(*share)});
}

Result<void> SealedRecord::copy_from(const SealedRecord& other) {
    plaintext_.wipe();
    return plaintext_.append(other.plaintext_.reveal());
}

Result<void> SealedRecord::write(Connection& connection, const char* sql, const Token& token,
                                 Random& random) {
    const StoredTexts texts(token);
    const RecordColumns columns = columns_of(token, texts);
    bind_token(aad_, columns);
    const Sealed seal = TRY(sealer_.seal(aad_.view(), plaintext_.reveal(), random));
    Query query = TRY(connection.query(sql));
    query.bind(Bytes(seal.salt), Bytes(seal.nonce), Bytes(seal.sealed));
    for (const TokenColumn& column : kTokenColumns)
        column.visit(columns, [&](const auto& value) { query.bind(value); });
    return query.run();
}

}  // namespace patd::store
