// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/git/git_gateway.h"

#include "cli/git/git_block.h"
#include "cli/git/git_chain.h"
#include "cli/git/git_file.h"
#include "cli/io/process.h"
#include "cli/text/table.h"
#include "cli/text/wrap.h"
#include "common/token/target.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string_view>
#include <utility>

namespace patd::cli {
namespace {

constexpr char kBelow[] = "/patd-gateway";  // some path below a forge
constexpr std::string_view kInsteadOf = "\tinsteadOf = ";

// Leaves everything else in the file as it is. Whether something changed.
Result<bool> write_lines(const std::string& lines) {
    LockedGitFile file = TRY(LockedGitFile::take(GitScope::Global));
    const std::optional<std::string> text = TRY(file.read());
    const PartedFile parts = part_file(text.value_or(""), BlockOf::Gateway);
    std::optional<std::string> rest = parts.without();
    if (!text || (parts.made_file && rest->empty()))
        rest.reset();
    const std::string written = append_block(rest, lines, BlockOf::Gateway);
    if (text == written || (parts.has_block && parts.block == lines))
        return false;
    TRY(file.replace(written));
    return true;
}

Result<bool> take_back() {
    std::error_code failed;
    LockedGitFile::remove_left(GitScope::Global);
    if (!std::filesystem::exists(written_file(GitScope::Global), failed))
        return false;
    LockedGitFile file = TRY(LockedGitFile::take(GitScope::Global, " --undo"));
    const PartedFile parts = part_file(TRY(file.read()).value_or(""), BlockOf::Gateway);
    if (!parts.has_block)
        return false;
    if (parts.made_file && parts.without().empty())
        TRY(file.remove());
    else
        TRY(file.replace(parts.without()));
    return true;
}

Result<ExitCode> fail_for_git(const Session& session, const Error& error) {
    return session.fail("GitConfig", error.context, ExitCode::Failure);
}

// What keeps git, or its helper, from the gateway all the same.
Result<void> warn_of_detours(const Session& session, const std::string& gateway,
                             const std::set<std::string>& forges) {
    for (const std::string& forge : forges) {
        const std::string goes_to = TRY(git_goes_to(forge));
        if (!goes_to.starts_with(gateway_url(gateway, forge)))
            session.warn("warning: git goes to " + printable(goes_to) + " for " +
                         printable(forge + kBelow) +
                         ", because of another insteadOf; to see which file says so, run:" +
                         own_line("git config --show-origin --get-regexp '^url[.]'"));
    }
    const Asked asked = TRY(ask_git(TRY(read_credential_lines()), gateway + kBelow));
    if (std::none_of(asked.helpers.begin(), asked.helpers.end(), is_ours))
        session.warn("warning: git does not ask patd at the gateway; run:" +
                     own_line("patctl setup git"));
    return {};
}

}  // namespace

std::set<std::string> gateway_forges(const std::vector<client::Dictionary>& tokens) {
    std::set<std::string> forges;
    for (const client::Dictionary& token : tokens) {
        if (!token.flag("through-gateway"))
            continue;
        for (const std::string& text : token.texts("targets")) {
            const Result<Target> target = Target::parse(text);
            if (target && target->origin().protocol() == "https")
                forges.insert(target->origin().text());
        }
    }
    return forges;
}

std::set<std::string> forges_set_up() {
    std::ostringstream text;
    text << std::ifstream(written_file(GitScope::Global)).rdbuf();
    std::set<std::string> forges;
    std::istringstream block(part_file(text.str(), BlockOf::Gateway).block);
    for (std::string line; std::getline(block, line);) {
        if (line.starts_with(kInsteadOf) && line.ends_with('/'))
            forges.insert(line.substr(kInsteadOf.size(), line.size() - kInsteadOf.size() - 1));
    }
    return forges;
}

std::string gateway_url(const std::string& gateway, const std::string& forge) {
    return gateway + "/" + forge.substr(forge.find("//") + 2) + "/";
}

std::string format_gateway(const std::string& gateway, const std::set<std::string>& forges) {
    std::string lines;
    for (const std::string& forge : forges)
        lines += "[url \"" + gateway_url(gateway, forge) + "\"]\n" + std::string(kInsteadOf) +
                 forge + "/\n";
    return lines + "[credential \"" + gateway + "\"]\n\tuseHttpPath = true\n";
}

Result<std::string> git_goes_to(const std::string& forge) {
    return git_url_of(forge + kBelow);
}

bool needs_way(const std::string& gateway, const std::set<std::string>& forges) {
    return std::any_of(forges.begin(), forges.end(), [&](const std::string& forge) {
        const Result<std::string> goes_to = git_goes_to(forge);
        return goes_to && !goes_to->starts_with(gateway_url(gateway, forge));
    });
}

Result<std::string> git_url_of(const std::string& url) {
    const ProcessResult asked = TRY(run_process({"git", "ls-remote", "--get-url", "--", url}));
    if (asked.status != 0)
        return Error{Errc::Unavailable, "git cannot read its configuration"};
    return asked.output.substr(0, asked.output.find('\n'));
}

Result<ExitCode> set_up_gateway(const Session& session) {
    client::TokensClient client = TRY(session.connect());
    const client::Dictionary status = TRY(client.status());
    const std::string gateway = status.text("gateway");
    if (gateway.empty() || !Origin::parse(gateway))
        return Errc::NoGateway;
    const std::set<std::string> forges = gateway_forges(TRY(client.list()));
    if (forges.empty())
        return Error{Errc::NotFound,
                     "none of your tokens goes through the gateway; see --through-gateway of "
                     "'patctl import' and 'patctl edit', or take back what git was told with "
                     "'patctl setup gateway --undo'"};
    const Result<bool> changed = write_lines(format_gateway(gateway, forges));
    if (!changed)
        return fail_for_git(session, changed.error());
    std::string names;
    for (const std::string& forge : forges)
        names += (names.empty() ? "" : ", ") + printable(forge);
    TRY(session.report({{"file", written_file(GitScope::Global)},
                        {"gateway", gateway},
                        {"forges", std::vector<std::string>(forges.begin(), forges.end())},
                        {"changed", *changed}},
                       "git now reaches " + names + " through " + printable(gateway) + "."));
    if (session.json)
        return ExitCode::Success;
    if (const Result<void> warned = warn_of_detours(session, gateway, forges); !warned)
        return fail_for_git(session, warned.error());
    return ExitCode::Success;
}

Result<ExitCode> undo_gateway(const Session& session) {
    const Result<bool> undone = take_back();
    if (!undone)
        return fail_for_git(session, undone.error());
    const std::string file = written_file(GitScope::Global);
    TRY(session.report(
        {{"file", file}, {"undone", *undone}},
        *undone ? "The lines of 'patctl setup gateway' are removed from " + printable(file) + "."
                : "'patctl setup gateway' has written nothing in " + printable(file) +
                      " that it could take back."));
    return ExitCode::Success;
}

}  // namespace patd::cli
