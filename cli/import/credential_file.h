// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/secret_buffer.h"
#include "common/token/target.h"

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patd::cli {

// Where one secret of a file is for.
struct Credential {
    std::size_t line;
    Target target;
    std::string username;
};

// What a file of credentials holds, each checked as the service will check it. Errors name the
// number of a line and never its bytes.
class Credentials {
  public:
    // For a file of so many bytes.
    explicit Credentials(std::size_t file_bytes) : secrets_(file_bytes + 1) {}

    // One line's. The Invalid* errors; Ambiguous: an earlier line has this place and user name;
    // LimitExceeded: more than one import may hold.
    struct Parts {
        std::string_view protocol;
        std::string_view host;  // with its port
        std::string_view path;
        std::string_view username;
        std::span<const char> secret;
    };
    Result<void> add(std::size_t line, const Parts& parts);

    const std::vector<Credential>& entries() const { return entries_; }
    // One a line, in the order of the entries: as ImportMany takes them.
    const SecretBuffer& secrets() const { return secrets_; }

  private:
    std::vector<Credential> entries_;
    std::map<std::pair<std::string, std::string>, std::size_t> lines_;  // by place and user name
    SecretBuffer secrets_;
};

// `code` of a line, with a reason that tells nothing of its content.
Error at_line(std::size_t line, Errc code, const std::string& reason = {});

enum class FileFormat { Git, Netrc };

// By its first word. MalformedRequest: neither.
Result<FileFormat> guess_format(std::string_view text);

// All of it or nothing: a line that is not understood refuses the file. MalformedRequest, and the
// errors of Credentials::add.
Result<Credentials> parse_credentials(std::string_view text, FileFormat format);

// The whole of `path`, or of `input` for "-". InvalidSecret: it cannot be read; LimitExceeded: over
// kImportFileBytes.
Result<SecretBuffer> read_credential_file(const std::string& path, int input);

}  // namespace patd::cli
