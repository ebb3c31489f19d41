// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/import/file_format.h"
#include "common/base/secret_buffer.h"
#include "common/token/target.h"
#include "common/token/token.h"

#include <functional>
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
    SecretKind kind = SecretKind::Text;
    std::string removal = {};  // the command with which its program forgets it, if it has one
};

// What is said of a line, in words that tell nothing of its content.
struct Remark {
    std::size_t line;
    Errc code;  // of a fault
    std::string text;
};

// What a file of credentials holds, each checked as the service will check it. What cannot be kept
// is remembered with the number of its line and the cause, so that all of it is told at once.
class Credentials {
  public:
    // For a file of so many bytes.
    explicit Credentials(std::size_t file_bytes) : secrets_(file_bytes + 1) {}

    // One line's. What cannot be kept is a fault: a bad place, user name or secret, or another
    // secret for an earlier line's place and user name. The same line again is passed over. A
    // GitHub token that stands as the user name, as `TOKEN:x-oauth-basic`, is put right.
    struct Parts {
        std::string_view protocol;
        std::string_view host;  // with its port
        std::string_view path;
        std::string_view username;
        std::span<const char> secret;
        SecretKind kind = SecretKind::Text;
        std::string removal = {};
    };
    void add(std::size_t line, const Parts& parts);
    void fault(std::size_t line, Errc code, std::string cause) {
        faults_.push_back({line, code, std::move(cause)});
    }
    // What is no credential, and would be lost with the file.
    void pass_over(std::size_t line, std::string what) {
        pass_over_for_good(line, std::move(what));
        leaves_ = true;
    }
    // What is no credential, and nobody would miss.
    void pass_over_for_good(std::size_t line, std::string what) {
        passed_over_.push_back({line, Errc::MalformedRequest, std::move(what)});
    }
    // What there is to say of a line all the same.
    void note(std::size_t line, std::string what) {
        notes_.push_back({line, Errc::MalformedRequest, std::move(what)});
    }

    const std::vector<Credential>& entries() const { return entries_; }
    const std::vector<Remark>& faults() const { return faults_; }
    const std::vector<Remark>& passed_over() const { return passed_over_; }
    const std::vector<Remark>& notes() const { return notes_; }
    // Whether the file may go once the entries are kept.
    bool is_whole() const { return faults_.empty() && !leaves_; }
    // One a line, in the order of the entries: as ImportMany takes them.
    const SecretBuffer& secrets() const { return secrets_; }
    // Brings all remarks into the order of the lines.
    void sort_remarks();
    // Forgets the entries for which `known` is true, and their secrets.
    void remove_if(const std::function<bool(const Credential&)>& known);

  private:
    std::span<const char> secret_of(std::size_t entry) const;

    std::vector<Credential> entries_;
    std::vector<std::size_t> ends_;  // of the entries' secrets, their LF included
    std::map<std::pair<std::string, std::string>, std::size_t> known_;  // by place and user name
    std::vector<Remark> faults_;
    std::vector<Remark> passed_over_;
    std::vector<Remark> notes_;
    bool leaves_ = false;
    SecretBuffer secrets_;
};

// Reads all of it, whatever is wrong with some lines. `beside` is the text of another file that one
// of this format needs (tool_files.h). LimitExceeded: more than one import may hold.
// MalformedRequest: nothing of a tool's file can be told apart.
Result<Credentials> parse_credentials(std::string_view text, FileFormat format,
                                      std::string_view beside = {});

// The whole of `path`, or of `input` for "-". BadFile: it cannot be read, and the context says why;
// LimitExceeded: over kImportFileBytes.
Result<SecretBuffer> read_credential_file(const std::string& path, int input);
// Likewise, but waits for nobody: BadFile for a pipe, or whatever else is no regular file.
Result<SecretBuffer> read_regular_credential_file(const std::string& path);

}  // namespace patd::cli
