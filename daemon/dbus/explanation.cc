// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/dbus/explanation.h"

#include "common/base/tool_limits.h"
#include "common/token/place.h"
#include "daemon/release/near_misses.h"

namespace patd {
namespace {

struct Question {
    ReleaseRequest request;
    std::optional<std::string> unit;  // unset: that of the caller's own process
};

Result<Question> read_question(sd_bus_message* message) {
    const std::string url = TRY(bus::read_string(message));
    bus::Dict options = TRY(bus::Dict::read(message));
    const Remote remote = TRY(parse_remote(url, TRY(options.take<std::string>("username"))));
    Question question{{remote.origin, remote.path, remote.username, !remote.odd_path.empty()},
                      std::nullopt};
    if (const auto texts = TRY(options.take<std::vector<std::string>>("permissions")))
        question.request.permissions = TRY(parse_permissions(*texts));
    question.unit = TRY(options.take<std::string>("unit"));
    question.request.tool = TRY(options.take<std::string>("tool")).value_or("");
    // What has no URL, no other tool asks for.
    const bool is_aws = question.request.tool.empty() ? remote.origin.protocol() == "aws"
                                                      : question.request.tool == "aws";
    if (is_aws)
        question.request.takes = SecretKind::Aws;
    TRY(options.expect_empty());
    if (question.unit && !is_unit_name(*question.unit))
        return Errc::InvalidRule;
    if (question.request.tool.size() > limits::kToolNameBytes)
        return Errc::LimitExceeded;
    return question;
}

bus::Dict describe(const Judged& judged, const std::string& unit) {
    bus::Dict dict;
    dict.set("id", judged.candidate->token.id.text());
    dict.set("description", judged.candidate->token.description);
    dict.set("target", judged.target.text());
    dict.set("username", judged.candidate->token.username);
    dict.set("verdict", std::string(verdict_name(judged)));
    dict.set("only-units", judged.candidate->token.rules.units());
    dict.set("unit", unit);
    return dict;
}

std::string outcome_of(const Selection& selection) {
    if (selection.refusal)
        return std::string(errc_name(*selection.refusal));
    return selection.released ? "released" : "none";
}

bus::Dict describe(const NearMiss& miss) {
    bus::Dict dict;
    dict.set("id", miss.id.text());
    dict.set("description", miss.description);
    dict.set("target", miss.target.text());
    dict.set("username", miss.username);
    dict.set("verdict", std::string(miss_name(miss.why)));
    return dict;
}

// The rows of an answer: first the tokens that were judged, then the near misses.
class Explanation {
  public:
    Explanation(Judgement judgement, std::vector<NearMiss> near)
        : judgement_(std::move(judgement)), near_(std::move(near)) {}

    std::string outcome() const { return outcome_of(judgement_.selection); }
    std::size_t size() const { return judged().size() + near_.size(); }
    bus::Dict operator[](std::size_t row) const {
        if (row < judged().size())
            return describe(judged()[row], judgement_.caller.unit);
        return describe(near_[row - judged().size()]);
    }

  private:
    const std::vector<Judged>& judged() const { return judgement_.selection.judged; }

    Judgement judgement_;
    std::vector<NearMiss> near_;
};

void answer(Turns& turns, const CallPtr& call, Judgement judgement, std::vector<NearMiss> near) {
    const auto explained =
        std::make_shared<const Explanation>(std::move(judgement), std::move(near));
    answer_dicts(
        turns, call, explained, [](bus::Dict row) { return row; },
        [explained](LongReply& reply) { return reply.append(explained->outcome()); });
}

}  // namespace

void explain_url(bus::Call call, const Context& context, Releaser& releaser) {
    const Result<Question> question = read_question(call.message());
    if (!question)
        return call.fail(question.error());
    const auto held = std::make_shared<bus::Call>(std::move(call));
    releaser.judge(
        held->caller(), question->request, question->unit,
        [held, context](Result<Judgement> judgement) {
            if (!judgement)
                return held->fail(judgement.error());
            if (judgement->selection.released)
                return answer(context.turns, held, std::move(*judgement), {});
            const auto judged = std::make_shared<Judgement>(std::move(*judgement));
            search_near_misses(
                context, judged->caller, judged->request,
                [held, judged, &turns = context.turns](Result<std::vector<NearMiss>> near) {
                    if (!near)
                        return held->fail(near.error());
                    answer(turns, held, std::move(*judged), std::move(*near));
                });
        });
}

}  // namespace patd
