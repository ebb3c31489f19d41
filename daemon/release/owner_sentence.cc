// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/release/owner_sentence.h"

#include "common/token/url.h"

#include <algorithm>

namespace patd {
namespace {

constexpr std::size_t kTiedBytes = 96;  // a few tokens of a tie are enough to look at

// "token AbCdE01234 'laptop'". A description is one line of visible text.
std::string name_token(const Token& token) {
    return "token " + token.id.text() + " '" + token.description + "'";
}

std::string sentence_of_tie(const Judgement& judgement) {
    std::string tied;
    std::string example;
    for (const Judged& each : judgement.selection.judged) {
        if (each.verdict != Verdict::Tied || tied.size() >= kTiedBytes)
            continue;
        const Token& token = each.candidate->token;
        tied += (tied.empty() ? "" : ", ") + token.id.text() + " as " + token.username;
        example = token.username;
    }
    const Origin& origin = judgement.request.origin;
    return "Tokens fit equally well: " + tied + "; choose one with " +
           std::string(origin.protocol()) + "://" + encode_url_username(example) + "@" +
           std::string(origin.host_and_port()) +
           "/... or git's credential.URL.username; 'patctl explain " + origin.text() +
           "' shows them.";
}

std::string sentence_of_rejected(const Judgement& judgement, const Judged& judged) {
    const Token& token = judged.candidate->token;
    const ReleaseRequest& request = judgement.request;
    const auto place = std::find_if(
        token.refused.begin(), token.refused.end(),
        [&](const Target& refused) { return refused.covers(request.origin, request.path); });
    return (place == token.refused.end() ? judged.target.url() : place->url()) + " refused " +
           name_token(token) +
           ": it has expired or was revoked there; give it its new secret with 'patctl "
           "regenerate " +
           token.id.text() + "', or try the old one again with 'patctl edit " + token.id.text() +
           " --reinstate'.";
}

std::string sentence_of_rule(const Judgement& judgement, const Judged& judged) {
    const Token& token = judged.candidate->token;
    const std::string& unit = judgement.caller.unit;
    return "The " + name_token(token) + " is only for " + token.rules.text() + "; " +
           (unit.empty() ? "you are in no system unit" : "you are " + unit) + ".";
}

// git has its URLs rewritten where they begin in the one way that is written down.
std::string sentence_of_gateway(const Judgement& judgement, const Judged& judged) {
    const Origin& origin = judgement.request.origin;
    return "The " + name_token(judged.candidate->token) +
           " leaves this machine through the gateway alone: run 'patctl setup gateway', and give "
           "git " +
           origin.text() + "/... without a user name.";
}

std::string format_lifetime(std::int64_t seconds) {
    if (seconds != 0 && seconds % 3600 == 0)
        return std::to_string(seconds / 3600) + "h";
    return seconds != 0 && seconds % 60 == 0 ? std::to_string(seconds / 60) + "m"
                                             : std::to_string(seconds) + "s";
}

}  // namespace

bool is_of_a_token(Errc why) {
    switch (why) {
        case Errc::Ambiguous:
        case Errc::ConfirmRequired:
        case Errc::Expired:
        case Errc::InvalidLifetime:
        case Errc::Rejected:
        case Errc::RuleDenied:
        case Errc::ServerRefused:
        case Errc::SeveralParts:
        case Errc::ThroughGateway:
            return true;
        default:
            return false;
    }
}

std::string owner_sentence(const Judgement& judgement, const Judged& judged, Errc why,
                           std::chrono::seconds lifetime_max) {
    const Token& token = judged.candidate->token;
    const std::string id = token.id.text();
    switch (why) {
        case Errc::Ambiguous:
            return sentence_of_tie(judgement);
        case Errc::Rejected:
            return sentence_of_rejected(judgement, judged);
        case Errc::RuleDenied:
            return sentence_of_rule(judgement, judged);
        case Errc::ConfirmRequired:
            return "The " + name_token(token) + " waits for you to open it: patctl unlock " + id;
        case Errc::Expired:
            return "The " + name_token(token) + " has expired; run 'patctl edit " + id +
                   " --expires 90d' or 'patctl regenerate " + id + "'.";
        case Errc::ServerRefused:
            return judged.target.url() + " refused the valid " + name_token(token) +
                   "; compare what it requires with 'patctl show " + id + "'.";
        case Errc::SeveralParts:
            return "The " + name_token(token) + " has a secret of several parts, which only pat-" +
                   std::string(secret_kind_name(token.secret_kind)) +
                   " can give; see pat-tools(7).";
        case Errc::ThroughGateway:
            return sentence_of_gateway(judgement, judged);
        case Errc::InvalidLifetime:
            return "You asked for " +
                   format_lifetime(
                       judgement.request.ttl.value_or(std::chrono::seconds(0)).count()) +
                   "; a token for one use lives for at least 1s and at most " +
                   format_lifetime(lifetime_max.count()) + ".";
        default:
            return {};
    }
}

}  // namespace patd
