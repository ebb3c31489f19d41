// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/import/file_format.h"

#include "cli/import/netrc.h"
#include "cli/text/wrap.h"

#include <algorithm>
#include <array>

namespace patd::cli {
namespace {

// The byte order mark of UTF-8.
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::string_view kWordBlanks = " \t\r\n\f\v";

// OpenPGP: in letters, or by the packets that such a file begins with.
bool is_encrypted(std::string_view text) {
    constexpr std::string_view kPackets = "\x84\x85\x8c\xc1";
    return text.starts_with("-----BEGIN PGP MESSAGE-----") ||
           (!text.empty() && kPackets.find(text.front()) != std::string_view::npos);
}

bool has_part(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

// Whether a line begins with it.
bool has_line(std::string_view text, std::string_view begin) {
    for (std::size_t at = text.find(begin); at != std::string_view::npos;
         at = text.find(begin, at + 1)) {
        if (at == 0 || text[at - 1] == '\n')
            return true;
    }
    return false;
}

// Of the files that begin with { or [, or have names before = and : signs.
std::optional<FileFormat> guess_tool(std::string_view text) {
    if (text.starts_with('{')) {
        if (has_part(text, "\"auths\""))
            return FileFormat::Docker;
        return has_part(text, "\"credentials\"") ? std::optional(FileFormat::Terraform)
                                                 : std::nullopt;
    }
    if (has_line(text, "[registr"))
        return FileFormat::Cargo;
    if (has_part(text, "aws_secret_access_key"))
        return FileFormat::Aws;
    if (has_part(text, "index-url"))
        return FileFormat::Pip;
    if (has_line(text, "apiVersion:"))
        return FileFormat::Kube;
    if (has_line(text, "//") || has_part(text, "_authToken") || has_line(text, "registry"))
        return FileFormat::Npm;
    return std::nullopt;
}

}  // namespace

const std::vector<std::string>& format_names() {
    static const std::vector<std::string> names = {"git", "netrc", "docker",    "cargo", "npm",
                                                   "aws", "pip",   "terraform", "kube"};
    return names;
}

std::optional<FileFormat> find_format(std::string_view name) {
    const auto found = std::find(format_names().begin(), format_names().end(), name);
    if (found == format_names().end())
        return std::nullopt;
    return static_cast<FileFormat>(found - format_names().begin());
}

bool is_credentials_alone(FileFormat format) {
    return format == FileFormat::Git || format == FileFormat::Netrc;
}

std::string_view without_mark(std::string_view text) {
    return text.starts_with(kByteOrderMark) ? text.substr(kByteOrderMark.size()) : text;
}

Result<FileFormat> guess_format(std::string_view text) {
    text = without_mark(text);
    if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff"))
        return Error{
            Errc::MalformedRequest,
            "the file is UTF-16; run: iconv -f UTF-16 -t UTF-8 FILE | patctl import --from -"};
    if (is_encrypted(text))
        return Error{Errc::MalformedRequest,
                     "the file is encrypted; run: gpg -d FILE | patctl import --from -"};
    const std::size_t begin = text.find_first_not_of(kWordBlanks);
    if (begin == std::string_view::npos)
        return Error{Errc::MalformedRequest, "the file is empty"};
    text.remove_prefix(begin);
    // Most formats know comments, so that the first line without one decides.
    while (text.starts_with('#') || text.starts_with(';')) {
        text.remove_prefix(std::min(text.find('\n'), text.size()));
        text.remove_prefix(std::min(text.find_first_not_of(kWordBlanks), text.size()));
    }
    const std::string_view word = text.substr(0, text.find_first_of(kWordBlanks));
    const std::string_view scheme = word.substr(0, word.find("://"));
    if (scheme.size() < word.size() && !has_part(scheme, "=") && !has_part(scheme, "\""))
        return FileFormat::Git;
    if (word.empty() || is_netrc_word(word))
        return FileFormat::Netrc;
    if (const std::optional<FileFormat> tool = guess_tool(text))
        return *tool;
    return Error{
        Errc::MalformedRequest,
        "the file is no .git-credentials, no .netrc, and none of docker's, cargo's, npm's, "
        "aws's, pip's, terraform's or kubectl's (--format says which); import the secrets "
        "of other programs one by one:" +
            own_line("patctl import DESCRIPTION -t https://HOST -u USER")};
}

}  // namespace patd::cli
