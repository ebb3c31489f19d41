// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/import/import_report.h"

#include "cli/git/git_config.h"
#include "cli/text/counted.h"
#include "cli/text/json.h"
#include "cli/text/wrap.h"

#include <map>
#include <set>

namespace patd::cli {
namespace {

constexpr std::size_t kRemarksShown = 50;  // of one kind; a file may have as many as lines

void warn_of(const Session& session, const std::vector<Remark>& remarks, const char* before) {
    for (std::size_t i = 0; i < remarks.size() && i < kRemarksShown; ++i)
        session.warn(before + std::string("line ") + std::to_string(remarks[i].line) + ": " +
                     remarks[i].text);
    if (remarks.size() > kRemarksShown)
        session.warn(before + counted(remarks.size() - kRemarksShown, "line") + " more");
}

// Two user names for one place tie every request that names none.
void warn_of_ties(const Session& session, const Credentials& credentials,
                  const std::vector<client::Dictionary>& tokens, FileFormat format) {
    std::map<std::string, std::map<std::string, std::string>> names;  // by place; which has it
    for (const client::Dictionary& token : tokens) {
        for (const std::string& text : token.texts("targets")) {
            const Result<Target> target = Target::parse(text);
            if (target && token.text("state") == "active" && !token.text("username").empty())
                names[target->url()].emplace(token.text("username"), "token " + token.text("id"));
        }
    }
    std::set<std::string> fresh;
    for (const Credential& entry : credentials.entries()) {
        fresh.insert(entry.target.url());
        names[entry.target.url()].emplace(entry.username, "line " + std::to_string(entry.line));
    }
    for (const std::string& place : fresh) {
        const auto& logins = names[place];
        if (logins.size() < 2)
            continue;
        std::string list;
        for (const auto& [name, where] : logins)
            list += (list.empty() ? "" : ", ") + printable(name) + " (" + printable(where) + ")";
        const std::string name = logins.begin()->first;
        if (!is_credentials_alone(format)) {
            session.warn("note: " + place + " will have " + counted(logins.size(), "user name") +
                         ": " + list +
                         ". A program that names none of them gets neither: keep only one");
            continue;
        }
        session.warn("note: " + place + " will have " + counted(logins.size(), "user name") + ": " +
                     list +
                     ". git gets neither unless it names one: write USER@ before the "
                     "host in the URL, or choose one:" +
                     own_line("git config --global " +
                              printable(quote_for_shell("credential." + place + ".username")) +
                              " " + printable(quote_for_shell(name))));
    }
}

std::string end_of(const std::vector<Remark>& faults) {
    return counted(faults.size(), "line") + " cannot be imported; nothing was changed. Fix " +
           (faults.size() == 1 ? "it" : "them") + ", or keep the rest with --skip.";
}

nlohmann::json rows_of_remarks(const std::vector<Remark>& remarks, const char* key) {
    nlohmann::json rows = nlohmann::json::array();
    for (const Remark& remark : remarks)
        rows.push_back({{"line", remark.line}, {key, remark.text}});
    return rows;
}

}  // namespace

void say_before_import(const Session& session, const Credentials& credentials,
                       const std::vector<client::Dictionary>& tokens, FileFormat format) {
    if (session.json)
        return;
    warn_of(session, credentials.notes(), "note: ");
    warn_of(session, credentials.passed_over(), "not imported: ");
    warn_of(session, credentials.faults(), "skipped: ");
    warn_of_ties(session, credentials, tokens, format);
}

std::string in_one_line(const std::vector<Remark>& faults) {
    std::string text;
    for (std::size_t i = 0; i < faults.size() && i < kRemarksShown; ++i)
        text += "line " + std::to_string(faults[i].line) + ": " + faults[i].text + "; ";
    return text;
}

ExitCode refuse_file(const Session& session, const Credentials& credentials) {
    const std::vector<Remark>& faults = credentials.faults();
    const std::string_view name = errc_name(faults.front().code);
    const ExitCode code = exit_code_of(faults.front().code);
    const std::string end = end_of(faults);
    if (!session.json) {
        warn_of(session, faults, "");
        return session.fail(name, end, code);
    }
    return session.fail(name, in_one_line(faults) + end, code);
}

nlohmann::json rows_of_file(const Credentials& credentials,
                            const std::vector<client::Dictionary>& tokens,
                            const std::vector<KnownLine>& known) {
    nlohmann::json all = tokens.empty() ? nlohmann::json::array() : to_json(tokens);
    for (std::size_t i = 0; i < tokens.size(); ++i)
        all[i]["line"] = credentials.entries()[i].line;
    for (const KnownLine& there : known)
        all.push_back({{"line", there.line}, {"kept_already", there.id}});
    for (const nlohmann::json& row : rows_of_remarks(credentials.passed_over(), "passed_over"))
        all.push_back(row);
    for (const nlohmann::json& row : rows_of_remarks(credentials.faults(), "skipped"))
        all.push_back(row);
    return all;
}

Result<void> show_tokens(const Session& session, const Credentials& credentials,
                         const std::vector<client::Dictionary>& tokens) {
    if (tokens.empty())
        return {};
    Table table({"LINE",
                 {"ID", Fit::Whole, 1},
                 {"TARGET", Fit::Place},
                 {"USERNAME", Fit::Shortened},
                 {"DESCRIPTION", Fit::Shortened, 2}});
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const Credential& entry = credentials.entries()[i];
        const std::string id = tokens[i].text("id");
        table.add({std::to_string(entry.line), id.empty() ? "-" : printable(id),
                   printable(entry.target.text()), printable(entry.username),
                   printable(tokens[i].text("description"))});
    }
    return session.print(table.format(session.style()));
}

std::string summarize_import(bool dry_run, std::size_t fresh, const std::vector<KnownLine>& known) {
    std::string text = dry_run
                           ? counted(fresh, "token") + " would be imported; nothing was changed."
                           : counted(fresh, "token") + " imported.";
    if (known.empty())
        return text + "\n";
    text += " " + std::to_string(known.size()) +
            (known.size() == 1 ? " is kept already:" : " are kept already:");
    for (std::size_t i = 0; i < known.size() && i < kRemarksShown; ++i)
        text += (i == 0 ? " line " : ", line ") + std::to_string(known[i].line) + " as " +
                printable(known[i].id);
    return text + " (use 'patctl regenerate ID' to replace a secret).\n";
}

}  // namespace patd::cli
